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
#include "base/check.h"
#include "base/limits.h"
#include "format/crc32c.h"

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
// On every record inside a batch and on no other: such a record is valid only within its frame,
// so the remains of a torn batch never pass for single records.
inline constexpr uint8_t kFlagInner = 4;
inline constexpr uint8_t kFlagsKnown = kFlagExpiry | kFlagDurable | kFlagInner;

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
inline void encode_record(char* to, uint32_t salt, const Record& r);
// The same but for the checksum, the first four bytes.
inline void encode_unchecked(char* to, const Record& r);

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
[[nodiscard]] inline Parse parse_record(const char* from, uint64_t available, uint32_t salt,
                                        Record* out, uint64_t* size);

// As parse_record without the checksum: for reads whose file was verified, or that want the
// lengths first.
[[nodiscard]] inline Parse parse_record_unchecked(const char* from, uint64_t available, Record* out,
                                                  uint64_t* size);

// Walks the records inside a parsed batch. Use:
//   BatchReader b(batch.value, salt); while (b.next(&r, &offset_in_value)) ...; if (!b.valid())
// valid() is false if any inner record, their count or seq order (each the one before plus one,
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

// ---- The hot path of every put and get, inline.

// Whether lengths, flags and seq fit the kind; lengths are not yet known to be in bounds.
[[nodiscard]] inline bool record_shape_valid(Kind kind, uint8_t flags, uint64_t key_len,
                                             uint64_t value_len, uint64_t seq) {
  if (flags & ~kFlagsKnown) return false;
  if ((flags & kFlagInner) && kind != Kind::put && kind != Kind::tombstone) return false;
  const bool expiry = flags & kFlagExpiry;
  switch (kind) {
    case Kind::put:
      return key_len >= 1 && value_len <= kValueSizeMax && seq >= 1;
    case Kind::tombstone:
      return key_len >= 1 && value_len == 0 && seq >= 1 && !expiry;
    case Kind::range_tombstone:
      return value_len <= kKeySizeMax && seq >= 1 && !expiry;
    case Kind::batch:  // the frame needs no padding: count and whole records fill it
      return key_len == 0 && value_len >= 4 && value_len <= kBatchSizeMax + 4 &&
             (kRecordHeaderSize + value_len) % kRecordAlign == 0 && seq >= 1 && !expiry;
    case Kind::mark:
      return key_len == 0 && value_len == 0 && !expiry;
    case Kind::none:
      break;
  }
  return false;
}

inline void encode_unchecked(char* to, const Record& r) {
  STAVE_CHECK(r.key.size() <= kKeySizeMax && r.value.size() <= UINT32_MAX);
  const bool expiry = r.expires_at_ms != 0;
  const uint64_t size = record_size(r);
  store_le<uint64_t>(to + size - 8, 0);  // the padding; the rest is overwritten
  to[4] = static_cast<char>(r.kind);
  to[5] = static_cast<char>((r.flags & ~kFlagExpiry) | (expiry ? kFlagExpiry : 0));
  store_le(to + 6, static_cast<uint16_t>(r.key.size()));
  store_le(to + 8, static_cast<uint32_t>(r.value.size()));
  store_le(to + 12, r.seq);
  char* p = to + kRecordHeaderSize;
  if (expiry) {
    store_le(p, r.expires_at_ms);
    p += kExpirySize;
  }
  if (!r.key.empty()) std::memcpy(p, r.key.data(), r.key.size());
  if (!r.value.empty()) std::memcpy(p + r.key.size(), r.value.data(), r.value.size());
}

inline void encode_record(char* to, uint32_t salt, const Record& r) {
  encode_unchecked(to, r);
  store_le(to, crc32c(salt, to + 4, record_size(r) - 4));
}

// Makes the checked record of `size` bytes at `record` one of another file: with that file's
// salt, and without the flags that speak of the bytes around it.
inline void resalt_record(char* record, uint64_t size, uint32_t salt) {
  record[5] = static_cast<char>(record[5] & kFlagExpiry);
  store_le(record, crc32c(salt, record + 4, size - 4));
}

inline Parse parse_record_unchecked(const char* from, uint64_t available, Record* out,
                                    uint64_t* size) {
  if (available < kRecordHeaderSize) return Parse::end;
  out->kind = static_cast<Kind>(static_cast<uint8_t>(from[4]));
  out->flags = static_cast<uint8_t>(from[5]);
  out->seq = load_le<uint64_t>(from + 12);
  const uint64_t key_len = load_le<uint16_t>(from + 6);
  const uint64_t value_len = load_le<uint32_t>(from + 8);
  if (!record_shape_valid(out->kind, out->flags, key_len, value_len, out->seq)) {
    const uint64_t any = load_le<uint64_t>(from) | load_le<uint64_t>(from + 8) | out->seq;
    return any == 0 ? Parse::end : Parse::invalid;
  }
  const bool expiry = out->flags & kFlagExpiry;
  const uint64_t start = kRecordHeaderSize + (expiry ? kExpirySize : 0);
  const uint64_t used = start + key_len + value_len;
  const uint64_t padded = align_up(used, kRecordAlign);
  if (padded > available) return Parse::invalid;
  if (padded != used) {
    const uint64_t last = load_le<uint64_t>(from + padded - 8);
    if (last >> (64 - 8 * (padded - used)) != 0) return Parse::invalid;
  }
  out->expires_at_ms = expiry ? load_le<uint64_t>(from + kRecordHeaderSize) : 0;
  if (expiry && out->expires_at_ms == 0) return Parse::invalid;
  out->key = Bytes(from + start, key_len);
  out->value = Bytes(from + start + key_len, value_len);
  if (out->kind == Kind::range_tombstone && value_len != 0 && out->key >= out->value) {
    return Parse::invalid;
  }
  *size = padded;
  return Parse::ok;
}

inline Parse parse_record(const char* from, uint64_t available, uint32_t salt, Record* out,
                          uint64_t* size) {
  const Parse parsed = parse_record_unchecked(from, available, out, size);
  if (parsed != Parse::ok) return parsed;
  return load_le<uint32_t>(from) == crc32c(salt, from + 4, *size - 4) ? Parse::ok : Parse::invalid;
}

}  // namespace stave
