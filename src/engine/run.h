// A sorted run: the places of some consecutive operations of one data file, by key, then
// newest first. Immutable once built.
//
// A place counts 8-byte units: into the segment's mapping, where the record's own head and key
// are read, or, for a segment that has no mapping, into the run's arena of copied heads. A
// copied head is the record up to the end of its key, with the record's place in the file (in
// units) where its checksum was.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/page_allocator.h"
#include "engine/cursor.h"
#include "engine/segment.h"
#include "format/hint.h"

namespace stave {

struct Run {
  uint64_t from = 0, to = 0;  // bytes of the file
  uint64_t operations = 0;    // puts and tombstones
  uint64_t record_bytes = 0;  // of those
  uint64_t first_seq = 0, last_seq = 0;
  PageVector<uint32_t> places;
  bool copied = false;  // places point into the arena
  PageString arena;
  std::vector<HintRangeTombstone> ranges;

  [[nodiscard]] uint64_t memory_bytes() const;
};

// Reads the heads that a run's places point to.
class RunHeads {
 public:
  RunHeads(const Segment& segment, const Run& run);
  [[nodiscard]] const char* at(uint32_t place) const { return base_ + place * kRecordAlign; }
  // False if the bytes are not those that the run was built from (a file changed by others).
  bool decode(uint32_t place, HintEntry* out) const;

 private:
  const char* base_;
  uint64_t limit_;
  bool copied_;
};

inline bool RunHeads::decode(uint32_t place, HintEntry* out) const {
  const uint64_t start = place * kRecordAlign;
  const char* p = base_ + start;
  const auto flags = static_cast<uint8_t>(p[5]);
  const bool expiry = flags & kFlagExpiry;
  const uint64_t key_start = kRecordHeaderSize + (expiry ? kExpirySize : 0);
  const uint64_t key_length = load_le<uint16_t>(p + 6);
  // The length was in bounds when the run was built; it is used only if it still is.
  if (key_start + key_length > limit_ - start) return false;
  out->key = Bytes(p + key_start, key_length);
  out->kind = static_cast<Kind>(static_cast<uint8_t>(p[4]));
  out->seq = load_le<uint64_t>(p + 12);
  out->value_length = load_le<uint32_t>(p + 8);
  out->expires_at_ms = expiry ? load_le<uint64_t>(p + kRecordHeaderSize) : 0;
  out->offset = copied_ ? load_le<uint32_t>(p) * kRecordAlign : start;
  return out->kind == Kind::put || out->kind == Kind::tombstone;
}

// Whose word a run is built on.
enum class Trust : uint8_t {
  written,   // by this process, or verified since: the mapping's structure is enough
  verified,  // read by pread, checksums checked
};

class RunSort;

// Indexes frames of [from, to) until there are `operations_max` or `to` is reached; a frame is
// never split. nullptr if `whole` and there are fewer. `room`, if any, is what an earlier call
// used.
Result<std::shared_ptr<const Run>> make_run(const Segment& segment, uint64_t from, uint64_t to,
                                            uint64_t operations_max, bool whole, Trust trust,
                                            RunSort* room = nullptr);

// An operation while it is being sorted. 16 bytes: sorting moves them all the time.
struct SortItem {
  uint64_t word = 0;  // some bytes of the key, as a number
  uint32_t place = 0;
  uint32_t key = 0;  // length, and kKeyAfterExpiry
  static constexpr uint32_t kKeyAfterExpiry = 1 << 16;
};

// Sorts operations by key, then by place, highest first. Used again, it needs no fresh memory,
// of which each page costs more than its operations.
class RunSort {
 public:
  void clear() { items_.clear(); }
  void reserve(uint64_t operations) { items_.reserve(operations); }
  // `place` is where the head with this key will be at the time of sort(). Eight bytes before the
  // key's end may be read, whatever its length. The key is not kept.
  void add(Bytes key, bool after_expiry, uint32_t place);
  // `base` is what places count from.
  void sort(const char* base);
  [[nodiscard]] const PageVector<SortItem>& items() const { return items_; }

 private:
  PageVector<SortItem> items_;
  PageVector<SortItem> scratch_;
  std::string first_key_;
  size_t depth_ = 0;  // what all keys so far begin with
  size_t stale_ = 0;  // words of the items before are of an earlier depth
};

}  // namespace stave
