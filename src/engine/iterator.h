// A point-in-time iterator over live keys in byte order.
//
// It holds a Version and the runs of its unsealed files, so nothing it needs goes away, and
// merges their cursors: of each key the entry with the highest seq within the snapshot counts;
// a tombstone or an expired record hides the key. No keydir look-ups.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/catalog.h"
#include "engine/cursor.h"
#include "engine/env.h"
#include "engine/range_cover.h"

namespace stave {

// What an iterator sees: taken in one step while nobody appends.
struct Snapshot {
  std::shared_ptr<const Version> version;
  std::vector<uint64_t> tails;        // of each segment of the version
  uint64_t seq = 0;                   // operations above are not seen
  std::vector<uint64_t> last_seqs{};  // of each segment: the last operation inside, or 0
};

class Iterator {
 public:
  // Opens cursors over all files: hints of sealed files (rebuilt in memory as a run when a
  // hint is missing or bad), published runs and, for what has none, runs built on the spot.
  static Result<std::unique_ptr<Iterator>> open(std::shared_ptr<Env> env, Snapshot snapshot,
                                                std::string prefix);
  // done after the last; corrupt or io when a source fails.
  Status next();
  [[nodiscard]] Bytes key() const { return valid_ ? Bytes(key_) : Bytes(); }
  [[nodiscard]] bool valid() const { return valid_; }
  // Reads and checks the value of the present entry; lent until the next call.
  Status value(Bytes* out);

 private:
  Iterator() = default;
  // Whether the newest entry of a key within the snapshot means that the key is there.
  [[nodiscard]] bool live(const HintEntry& e) const;
  Status parse_value(const char* record, Bytes* out) const;

  std::shared_ptr<Env> env_;
  Snapshot snapshot_;
  std::string prefix_;
  uint64_t opened_at_ms_ = 0;
  RangeCover ranges_;
  std::unique_ptr<Cursor> cursor_;
  bool valid_ = false;
  std::string key_;  // the last key that was decided on, live or not
  // of the present entry:
  std::shared_ptr<Segment> segment_;
  uint64_t offset_ = 0;
  uint64_t record_size_ = 0;
  uint64_t seq_ = 0;
  std::string buffer_;
};

}  // namespace stave
