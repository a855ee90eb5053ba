#include "cli/formats/bitcask_file.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <boost/crc.hpp>
#include <boost/endian/conversion.hpp>
#include <cerrno>
#include <charconv>
#include <filesystem>

#include "cli/failure.h"

namespace stave::cli {
namespace {

namespace endian = boost::endian;

constexpr size_t kChecksumSize = 4;
constexpr size_t kHeaderSize = 14;
constexpr std::string_view kSuffix = ".bitcask.data";

const unsigned char* unsigned_bytes(const char* bytes) {
  return reinterpret_cast<const unsigned char*>(bytes);
}

uint32_t load32(const char* bytes) { return endian::load_big_u32(unsigned_bytes(bytes)); }
uint16_t load16(const char* bytes) { return endian::load_big_u16(unsigned_bytes(bytes)); }

uint32_t checksum(const std::vector<char>& bytes) {
  boost::crc_32_type crc;
  crc.process_bytes(bytes.data(), bytes.size());
  return crc.checksum();
}

}  // namespace

struct BitcaskFile::Header {
  uint32_t crc;
  uint32_t tstamp;
  uint16_t key_size;
  uint32_t value_size;

  uint64_t record_size() const { return uint64_t{kHeaderSize} + key_size + value_size; }
};

// Older versions wrote the word alone; later ones add a digit and the number of a file.
bool BitcaskRecord::is_tombstone() const {
  constexpr std::string_view kWord = "bitcask_tombstone";
  constexpr size_t kFileNumber = 4;
  if (!value.starts_with(kWord)) return false;
  const std::string_view rest = value.substr(kWord.size());
  return rest.empty() || (rest.size() == 1 + kFileNumber && (rest[0] == '1' || rest[0] == '2'));
}

BitcaskFile::BitcaskFile(const std::string& path)
    : path_(path), file_(std::fopen(path.c_str(), "rbe")) {
  if (file_ == nullptr) throw system_failure("opening '" + path + "'", errno);
  struct stat info {};
  if (fstat(fileno(file_.get()), &info) != 0) throw system_failure("reading '" + path + "'", errno);
  size_ = static_cast<uint64_t>(info.st_size);
}

void BitcaskFile::read(void* to, size_t size) {
  errno = 0;
  const size_t got = std::fread(to, 1, size, file_.get());
  position_ += got;
  if (got == size) return;
  if (std::feof(file_.get()) == 0) throw system_failure("reading '" + path_ + "'", errno);
  throw Failure(Exit::io, "'" + path_ + "' became shorter while it was read: stop what writes it");
}

BitcaskFile::Found BitcaskFile::read_at(uint64_t offset, Header& header) {
  if (size_ - offset < kHeaderSize) return Found::cut_off;
  if (position_ != offset) {
    if (fseeko(file_.get(), static_cast<off_t>(offset), SEEK_SET) != 0) {
      throw system_failure("reading '" + path_ + "'", errno);
    }
    position_ = offset;
  }
  std::array<char, kHeaderSize> bytes;
  read(bytes.data(), bytes.size());
  header.crc = load32(bytes.data());
  header.tstamp = load32(bytes.data() + 4);
  header.key_size = load16(bytes.data() + 8);
  header.value_size = load32(bytes.data() + 10);
  // Before anything is allocated: a damaged size may say 4 GiB.
  if (header.record_size() > size_ - offset) return Found::cut_off;
  bytes_.assign(bytes.begin() + kChecksumSize, bytes.end());
  bytes_.resize(header.record_size() - kChecksumSize);
  read(bytes_.data() + (kHeaderSize - kChecksumSize), header.record_size() - kHeaderSize);
  return checksum(bytes_) == header.crc ? Found::record : Found::bad_checksum;
}

bool BitcaskFile::next(BitcaskRecord& record) {
  if (offset_ == size_) return false;
  const uint64_t start = offset_;
  Header header{};
  const Found found = read_at(start, header);
  if (found == Found::record) {
    offset_ = start + header.record_size();
    const std::string_view bytes(bytes_.data() + (kHeaderSize - kChecksumSize),
                                 size_t{header.key_size} + header.value_size);
    record = {start, header.tstamp, bytes.substr(0, header.key_size),
              bytes.substr(header.key_size)};
    return true;
  }
  if (found == Found::bad_checksum) {
    const uint64_t behind = start + header.record_size();
    Header ignored{};
    const bool sound = behind < size_ && read_at(behind, ignored) == Found::record;
    offset_ = sound ? behind : size_;
    throw BitcaskDamage(start, offset_ - start, behind == size_, "a checksum does not fit");
  }
  offset_ = size_;
  throw BitcaskDamage(start, size_ - start, true, "a record that is longer than the file");
}

std::vector<std::string> bitcask_files(const std::string& directory) {
  namespace fs = std::filesystem;
  std::vector<std::pair<uint64_t, std::string>> found;
  std::error_code error;
  fs::directory_iterator entry(directory, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (!name.ends_with(kSuffix)) continue;
    uint64_t number = 0;
    const char* end = name.data() + name.size() - kSuffix.size();
    const auto [rest, wrong] = std::from_chars(name.data(), end, number);
    if (wrong == std::errc() && rest == end) found.emplace_back(number, entry->path().string());
  }
  if (error) throw system_failure("reading the directory '" + directory + "'", error.value());
  if (found.empty()) {
    throw Failure(Exit::bad_input, "no *.bitcask.data in '" + directory +
                                       "': name the directory of one partition, as in "
                                       "/var/lib/riak/bitcask/PARTITION");
  }
  std::sort(found.begin(), found.end());
  std::vector<std::string> paths;
  paths.reserve(found.size());
  for (auto& [number, path] : found) paths.push_back(std::move(path));
  return paths;
}

}  // namespace stave::cli
