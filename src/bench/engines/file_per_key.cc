// One file per key, named by the key in hexadecimal digits, in 256 directories: what a file system
// does alone.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "bench/engine.h"
#include "bench/error.h"
#include "bench/fd.h"

namespace stave::bench {
namespace {

class FilePerKeyEngine : public Engine {
 public:
  void open(const Place& place) override {
    dir_ = place.dir;
    for (unsigned i = 0; i < 256; ++i) {
      const unsigned char byte = static_cast<unsigned char>(i);
      const std::string path = dir_ + "/" + hex({reinterpret_cast<const char*>(&byte), 1});
      if (mkdir(path.c_str(), 0777) != 0 && errno != EEXIST) throw_errno(path);
    }
  }
  void close() override {}

  void put(std::string_view key, std::string_view value) override { store(key, value, false); }
  void put_synced(std::string_view key, std::string_view value) override {
    store(key, value, true);
  }

  bool get(std::string_view key, Found& found) override {
    const std::string path = path_of(key);
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.is_open() && errno == ENOENT) return false;
    if (!file.is_open()) throw_errno(path);
    const ssize_t length = ::read(file.get(), found.bytes.data(), found.bytes.size());
    if (length < 0) throw_errno(path);
    found.value = {found.bytes.data(), static_cast<size_t>(length)};
    return true;
  }

  void erase(std::string_view key) override {
    const std::string path = path_of(key);
    if (unlink(path.c_str()) != 0) throw_errno(path);
  }

 private:
  static std::string hex(std::string_view bytes) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    for (const char c : bytes) {
      text += kDigits[static_cast<unsigned char>(c) >> 4];
      text += kDigits[static_cast<unsigned char>(c) & 15];
    }
    return text;
  }

  std::string path_of(std::string_view key) const {
    return dir_ + "/" + hex(key.substr(0, 1)) + "/" + hex(key);
  }

  // In place: truncating first, or renaming over the old file, makes ext4 flush each time.
  void store(std::string_view key, std::string_view value, bool synced) {
    const std::string path = path_of(key);
    const Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666));
    if (!file.is_open()) throw_errno(path);
    write_all(file.get(), value, path);
    if (ftruncate(file.get(), static_cast<off_t>(value.size())) != 0) throw_errno(path);
    if (!synced) return;
    if (fsync(file.get()) != 0) throw_errno(path);
    const std::string dir = dir_ + "/" + hex(key.substr(0, 1));
    const Fd parent(::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!parent.is_open() || fsync(parent.get()) != 0) throw_errno(dir);
  }

  std::string dir_;
};

}  // namespace

EngineKind file_per_key_engine() {
  EngineKind kind;
  kind.name = "file-per-key";
  kind.settings = "256 directories; at most 10,000 records";
  kind.make = [] { return std::make_unique<FilePerKeyEngine>(); };
  kind.role = EngineKind::Role::baseline;
  kind.records_max = 10000;
  kind.concurrent = false;  // a get may see half of a put
  kind.key_size_max = 120;
  return kind;
}

}  // namespace stave::bench
