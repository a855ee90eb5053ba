#include "engine/segment.h"

#include <algorithm>

namespace stave {

namespace {
constexpr auto kRelaxed = std::memory_order_relaxed;
}

void SegmentCounts::add_operation(uint64_t size, uint64_t seq) {
  // Single changer at a time (see class comment): plain load and store, no locked add.
  operations.store(operations.load(kRelaxed) + 1, kRelaxed);
  record_bytes.store(record_bytes.load(kRelaxed) + size, kRelaxed);
  if (first_seq.load(kRelaxed) == 0) first_seq.store(seq, kRelaxed);
  last_seq.store(seq, std::memory_order_release);
}

void SegmentCounts::add_live(uint64_t size, unsigned cls) {
  live_records.fetch_add(1, kRelaxed);
  live_bytes.fetch_add(size, kRelaxed);
  class_count[cls].store(class_count[cls].load(kRelaxed) + 1, kRelaxed);
  class_bytes[cls].store(class_bytes[cls].load(kRelaxed) + size, kRelaxed);
}

void SegmentCounts::remove_live(unsigned cls) {
  const uint64_t count = class_count[cls].load(kRelaxed);
  const uint64_t mean = count == 0 ? 0 : class_bytes[cls].load(kRelaxed) / count;
  const uint64_t left = live_records.fetch_sub(1, kRelaxed) - 1;
  if (left == 0) {
    live_bytes.store(0, kRelaxed);  // the means' rounding must not outlive the last record
    return;
  }
  const uint64_t bytes = live_bytes.load(kRelaxed);
  live_bytes.fetch_sub(std::min(mean, bytes), kRelaxed);
}

Segment::Segment(std::shared_ptr<Env> env, FileHeader header, Extent extent)
    : env_(std::move(env)),
      header_(header),
      path_(env_->path(data_file_name(header.file_id))),
      extent_(extent) {}

Segment::~Segment() {
  if (!obsolete_.load(std::memory_order_acquire)) return;
  // A late pin or iterator: the next open removes the leftover.
  if (env_->closed.load(std::memory_order_acquire)) return;
  mapping_.reset();
  file_.reset();
  // What cannot be unlinked now is a leftover that the next writer removes.
  (void)env_->fs.unlink(path_);
  (void)env_->fs.unlink(hint_path());
}

Status Segment::attach(std::unique_ptr<File> file, uint64_t map_length, Access access) {
  mapping_.reset();
  if (env_->options.io == Io::mapped) {
    auto parking = std::make_unique<ParkingFile>(env_->fs, std::move(file));
    parking_ = parking.get();
    file_ = std::move(parking);
  } else {
    file_ = std::move(file);
  }
  return map_length == 0 ? Status() : map(map_length, access);
}

Status Segment::map(uint64_t length, Access access) {
  auto mapping = file_->map(length, access);
  if (!mapping.ok()) return mapping.status();
  mapping_ = mapping.take();
  mapping_->expect(sealed() || access == Access::read ? Pattern::random : Pattern::appended);
  if (sealed()) park();
  return {};
}

void Segment::set_sealed() {
  sealed_.store(true, std::memory_order_release);
  if (mapping_ != nullptr) mapping_->expect(Pattern::random);
  park();
}

void Segment::park() {
  if (parking_ != nullptr && mapping_ != nullptr) {
    parking_->park(Bytes(mapping_->data(), std::min(tail(), mapping_->size())));
  }
}

std::string Segment::hint_path() const { return env_->path(hint_file_name(id())); }

Status Segment::read_exact(uint64_t offset, void* to, size_t n) const {
  size_t got = 0;
  STAVE_RETURN_IF_ERROR(file_->read(offset, to, n, &got));
  if (got == n) return {};
  return corrupt_at(*this, offset + got, "the file ends before its recorded length");
}

Status corrupt_at(const Segment& segment, uint64_t offset, const std::string& what) {
  return {Code::corrupt, segment.path() + " at offset " + std::to_string(offset) + ": " + what};
}

}  // namespace stave
