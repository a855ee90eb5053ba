// The record: the one unit of a data file. docs/format.md, section "Record".
//
//   0  crc32c u32         over bytes 4..padded end, seeded with the file's salt
//   4  kind u8
//   5  flags u8
//   6  key_len u16
//   8  value_len u32
//  12  seq u64
//  20  [expires_at_ms u64]  if flags has kFlagExpiry
//  ..  key, value, zeros up to a multiple of 8
//
// The checksum covers the padding too, so no flipped bit of a file goes unseen.
// A batch is a record with kind=batch, key_len=0, seq of its first operation, no expiry, and a
// value of `count u32` followed by `count` whole records (put or tombstone), each padded and
// with its own checksum; the value thus starts at byte 20, the first inner record at byte 24.
// A mark has kind=mark, no key, no value; its seq N says: every operation with seq <= N was
// durable when the mark was written. It is not an operation and takes no number of its own.
// flags & kFlagDurable on any record says: every operation before this one was durable.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/limits.h"

namespace stave {

enum class Kind : uint8_t {
  none = 0,  // zeros: nothing was written here yet
  put = 1,
  tombstone = 2,
  range_tombstone = 3,  // key = from (inclusive), value = to (exclusive; empty: no end)
  batch = 4,
  mark = 5,
};

inline constexpr uint8_t kFlagExpiry = 1;
inline constexpr uint8_t kFlagDurable = 2;
inline constexpr uint8_t kFlagsKnown = kFlagExpiry | kFlagDurable;

inline constexpr size_t kRecordHeaderSize = 20;
inline constexpr size_t kBatchHeaderSize = 24;  // record header and count
inline constexpr size_t kMarkSize = 24;
inline constexpr size_t kExpirySize = 8;

// Bytes on disk, padding included.
[[nodiscard]] constexpr uint64_t record_size(uint64_t key_len, uint64_t value_len,
                                             bool has_expiry) {
  return align_up(kRecordHeaderSize + (has_expiry ? kExpirySize : 0) + key_len + value_len,
                  kRecordAlign);
}

struct Record {
  Kind kind = Kind::none;
  uint8_t flags = 0;
  uint64_t seq = 0;
  uint64_t expires_at_ms = 0;  // 0: never (kFlagExpiry is set exactly when it is not 0)
  Bytes key;
  Bytes value;
};

[[nodiscard]] inline uint64_t record_size(const Record& r) {
  return record_size(r.key.size(), r.value.size(), r.expires_at_ms != 0);
}

// Writes record_size(r) bytes at `to`. Sets kFlagExpiry itself.
void encode_record(char* to, uint32_t salt, const Record& r);

// Completes a batch frame of `size` bytes at `to` whose inner records already stand at
// to + kBatchHeaderSize: header, count and checksum. `size` is a multiple of 8.
void encode_batch_header(char* to, uint32_t salt, uint8_t flags, uint64_t first_seq, uint32_t count,
                         uint64_t size);

enum class Parse : uint8_t {
  ok,
  end,      // a zero header: nothing was written here (or fewer than 20 bytes are left)
  invalid,  // structure or checksum
};

// Reads the record at `from`, of which `available` bytes may be touched, and checks structure
// (known kind and flags, lengths for the kind, padding) and checksum. No length is used before
// it has been bounded by `available`. On ok `*size` is the padded length. Does not look inside
// batches.
[[nodiscard]] Parse parse_record(const char* from, uint64_t available, uint32_t salt, Record* out,
                                 uint64_t* size);

// As parse_record without the checksum: for reads whose file was verified, or that want the
// lengths first.
[[nodiscard]] Parse parse_record_unchecked(const char* from, uint64_t available, Record* out,
                                           uint64_t* size);

// Walks the records inside a parsed batch. Use:
//   BatchReader b(batch.value, salt); while (b.next(&r, &offset_in_value)) ...; if (!b.valid())
// valid() is false if any inner record, their count or seq order (each one above the last,
// starting at the frame's own) is wrong. Check validity of the whole before using any part.
class BatchReader {
 public:
  BatchReader(const Record& batch, uint32_t salt);
  // The next inner record; `*offset` is its distance from the start of the batch's own record.
  bool next(Record* out, uint64_t* offset, uint64_t* size);
  [[nodiscard]] bool valid() const { return valid_; }
  [[nodiscard]] uint32_t count() const { return count_; }
  // Runs over all inner records once.
  [[nodiscard]] static bool check(const Record& batch, uint32_t salt);

 private:
  Bytes value_;
  uint32_t salt_;
  uint32_t count_ = 0;
  uint32_t seen_ = 0;
  uint64_t position_ = 4;
  uint64_t next_seq_;
  bool valid_ = true;
};

}  // namespace stave
