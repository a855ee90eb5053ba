#include "engine/parking_file.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace stave {

namespace {

// The parked files that are open.
class Lot {
 public:
  std::shared_ptr<File> find(const ParkingFile* owner) STAVE_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    for (const Place& p : places_) {
      if (p.owner == owner) return p.file;
    }
    return nullptr;
  }
  void leave(const ParkingFile* owner) STAVE_EXCLUDES(mutex_) {
    std::shared_ptr<File> closes;  // after the lock is let go
    MutexLock lock(mutex_);
    for (Place& p : places_) {
      if (p.owner != owner) continue;
      closes = std::move(p.file);
      p = Place{};
    }
  }
  void enter(const ParkingFile* owner, std::shared_ptr<File> file) STAVE_EXCLUDES(mutex_) {
    Place closes{owner, std::move(file)};
    MutexLock lock(mutex_);
    for (const Place& p : places_) {
      if (p.owner == owner) return;  // another thread opened it too
    }
    std::swap(closes, places_[next_++ % places_.size()]);
  }

 private:
  struct Place {
    const ParkingFile* owner = nullptr;
    std::shared_ptr<File> file;
  };
  Mutex mutex_;  // a leaf
  std::array<Place, 32> places_ STAVE_GUARDED_BY(mutex_);
  size_t next_ STAVE_GUARDED_BY(mutex_) = 0;
};

Lot& lot() {
  static Lot& lives_for_ever = *new Lot;
  return lives_for_ever;
}

}  // namespace

ParkingFile::~ParkingFile() { lot().leave(this); }

void ParkingFile::park(Bytes mapped) {
  std::shared_ptr<File> file;
  {
    MutexLock lock(mutex_);
    mapped_ = mapped;
    file.swap(open_);
  }
  if (file) lot().enter(this, std::move(file));
}

Result<std::shared_ptr<File>> ParkingFile::use(Bytes* mapped) {
  {
    MutexLock lock(mutex_);
    if (mapped != nullptr) *mapped = mapped_;
    if (open_) return open_;
  }
  if (auto file = lot().find(this)) return file;
  auto opened = fs_.open(path_, Access::read);
  if (!opened.ok()) return opened.status();
  std::shared_ptr<File> file = opened.take();
  lot().enter(this, file);
  return file;
}

Status ParkingFile::read(uint64_t offset, void* to, size_t n, size_t* got) {
  Bytes mapped;
  auto file = use(&mapped);
  if (file.ok()) return (*file)->read(offset, to, n, got);
  const Status& s = file.status();
  if (mapped.empty() || !(s.is(Code::not_found) || s.is(Code::too_many_files))) return s;
  const Bytes part = mapped.substr(std::min<uint64_t>(offset, mapped.size()), n);
  if (!part.empty()) std::memcpy(to, part.data(), part.size());
  *got = part.size();
  return {};
}

Result<uint64_t> ParkingFile::size() {
  Bytes mapped;
  auto file = use(&mapped);
  if (file.ok()) return (*file)->size();
  if (!mapped.empty()) return uint64_t{mapped.size()};
  return file.status();
}

Status ParkingFile::write(uint64_t offset, Bytes bytes) {
  auto file = use();
  return file.ok() ? (*file)->write(offset, bytes) : file.status();
}

Status ParkingFile::sync() {
  auto file = use();
  return file.ok() ? (*file)->sync() : file.status();
}

Status ParkingFile::allocate(uint64_t offset, uint64_t length) {
  auto file = use();
  return file.ok() ? (*file)->allocate(offset, length) : file.status();
}

Status ParkingFile::truncate(uint64_t length) {
  auto file = use();
  return file.ok() ? (*file)->truncate(length) : file.status();
}

Result<std::unique_ptr<Mapping>> ParkingFile::map(uint64_t length, Access access) {
  auto file = use();
  if (!file.ok()) return file.status();
  return (*file)->map(length, access);
}

void ParkingFile::prefault(const Mapping& mapping, uint64_t offset, uint64_t length) {
  if (auto file = use(); file.ok()) (*file)->prefault(mapping, offset, length);
}

void ParkingFile::start_writeback(uint64_t offset, uint64_t length) {
  if (auto file = use(); file.ok()) (*file)->start_writeback(offset, length);
}

Status ParkingFile::load_pages(void* to, uint64_t offset, uint64_t length) {
  auto file = use();
  return file.ok() ? (*file)->load_pages(to, offset, length) : file.status();
}

}  // namespace stave
