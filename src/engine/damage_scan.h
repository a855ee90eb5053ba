// Reads a data file to its end whatever it holds: its valid records, and the extents between
// them in which there is none.
//
// Behind damage it goes on at the next place where a record has its checksum, which no other
// file's bytes and hardly any value can have, since each file salts its own. In a batch with a
// damaged record the others are still known by their own checksums; whether its header is damaged
// too cannot be told then.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "engine/range_checksum.h"
#include "engine/scan.h"

namespace stave {

struct Damage {
  uint64_t offset = 0;
  uint64_t length = 0;
};

class DamageScan {
 public:
  // Scans the segment from its first record up to `to`.
  DamageScan(const Segment& segment, uint64_t to);

  enum class State : uint8_t { record, damage, end, error };
  // record: *out is set; without key and value if it stands in a damaged batch. damage: *damage
  // is set. error: a read failed, status() tells.
  State next(Scanned* out, Damage* damage);
  [[nodiscard]] const Status& status() const { return status_; }

 private:
  struct Header {
    Kind kind = Kind::none;
    uint8_t flags = 0;
    uint64_t seq = 0;
    uint64_t size = 0;  // 0: no record can begin so
    char bytes[kRecordHeaderSize] = {};
  };
  Status read_header(uint64_t offset, Header* out) const;
  [[nodiscard]] Header header_of(const char* bytes, uint64_t offset) const;
  Status is_record(const Header& h, uint64_t offset, bool* yes);
  // One step among damage. *inner: a record of a damaged batch stood at at_; out is set.
  Status step(Scanned* out, bool* inner);
  Status find_next(uint64_t from, uint64_t* found);
  Status note_damage(uint64_t upto);
  void end_batch();
  State finish(Damage* damage);

  const Segment& segment_;
  const uint64_t to_;
  uint64_t end_ = 0;  // of what the file has below to_
  uint64_t at_ = kFileHeaderSize;
  uint64_t last_seq_ = 0;
  std::optional<Scanner> scanner_;  // in whole stretches
  std::optional<RangeChecksum> checksum_;
  std::optional<uint64_t> batch_;     // header of a batch whose checksum fails, cause unknown yet
  uint64_t batch_end_ = 0;            // by that header
  std::optional<uint64_t> distrust_;  // where a record with a good checksum is still none
  bool behind_damage_ = false;        // in this stretch of damage, something was found
  std::deque<Damage> found_;
  Status status_;
};

}  // namespace stave
