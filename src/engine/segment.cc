#include "engine/segment.h"

#include <algorithm>

#include "engine/unlink_quietly.h"

namespace stave {

namespace {
constexpr auto kRelaxed = std::memory_order_relaxed;

}  // namespace

void SegmentCounts::add_operation(uint64_t size, uint64_t seq) {
  bump(&operations, 1);
  bump(&record_bytes, size);
  note_number(seq);
}

void SegmentCounts::note_number(uint64_t seq) {
  if (first_seq.load(kRelaxed) == 0) first_seq.store(seq, kRelaxed);
  last_seq.store(seq, std::memory_order_release);
}

void SegmentCounts::add_live(uint64_t size, unsigned cls) {
  bump(&added_records, 1);
  bump(&added_bytes, size);
  bump(&class_count[cls], 1);
  bump(&class_bytes[cls], size);
}

uint64_t SegmentCounts::mean_size(unsigned cls) const {
  const uint64_t count = class_count[cls].load(kRelaxed);
  return count == 0 ? 0 : class_bytes[cls].load(kRelaxed) / count;
}

void SegmentCounts::remove_live(unsigned cls) {
  bump(&removed_records, 1);
  bump(&removed_bytes, mean_size(cls));
}

void SegmentCounts::move_live(unsigned cls) {
  moved_records.fetch_add(1, kRelaxed);
  moved_bytes.fetch_add(mean_size(cls), kRelaxed);
}

void SegmentCounts::clear() {
  for (auto* c :
       {&operations, &record_bytes, &moved_records, &moved_bytes, &tombstones, &first_seq}) {
    c->store(0, kRelaxed);
  }
  for (auto& c : class_count) c.store(0, kRelaxed);
  for (auto& c : class_bytes) c.store(0, kRelaxed);
  set_live(0, 0);
}

void SegmentCounts::set_live(uint64_t records, uint64_t bytes) {
  added_records.store(records, kRelaxed);
  added_bytes.store(bytes, kRelaxed);
  for (auto* counter : {&removed_records, &removed_bytes, &moved_records, &moved_bytes}) {
    counter->store(0, kRelaxed);
  }
}

uint64_t SegmentCounts::live_records() const {
  const uint64_t gone = removed_records.load(kRelaxed) + moved_records.load(kRelaxed);
  const uint64_t added = added_records.load(kRelaxed);
  return added > gone ? added - gone : 0;
}

uint64_t SegmentCounts::live_bytes() const {
  if (live_records() == 0) return 0;  // the means' rounding must not outlive the last record
  const uint64_t gone = removed_bytes.load(kRelaxed) + moved_bytes.load(kRelaxed);
  const uint64_t added = added_bytes.load(kRelaxed);
  return added > gone ? added - gone : 0;
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
  unlink_quietly(env_->fs, [&]() -> const std::string& { return path_; });
  unlink_quietly(env_->fs, [&] { return hint_path(); });
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
