// A point-in-time iterator over the live keys of a range, in byte order or against it, both ways.
//
// It merges the sorted sources of a snapshot: of each key the newest entry within the snapshot
// counts; a tombstone, an expired record or a range tombstone hides the key. No keydir look-ups.
//
// Entries are decided on some at a time, and their records are fetched meanwhile: in key order
// records lie about in the files, and each would be waited for. A walk that goes on for long is a
// batch ahead of what it hands out.
//
// Invariants
//  I1. ready_ holds neighbours: between two of them there is no further live key.
//  I2. A step against the walk goes back in ready_, or, at its beginning, starts a walk the other
//      way that begins with the present entry; so the cursor need not know how to turn round.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/growing_bytes.h"
#include "engine/snapshot_sources.h"

namespace stave {

struct IterateOptions {
  bool reverse = false;    // next() goes to the next smaller key
  bool keys_only = false;  // values are not asked for: their records are not fetched
  std::string from;        // inclusive
  std::string to;          // exclusive; empty: no end
  std::string prefix;
  uint64_t limit = 0;  // of next() from the start or from where seek() led; 0: none
};

class Iterator {
 public:
  static Result<std::unique_ptr<Iterator>> open(std::shared_ptr<Env> env, Snapshot snapshot,
                                                const IterateOptions& options);
  static Result<std::unique_ptr<Iterator>> open(std::shared_ptr<Env> env, Snapshot snapshot,
                                                const std::string& prefix);
  Iterator(std::shared_ptr<const SnapshotSources> sources, const IterateOptions& options);

  // Each: ok at an entry, done if there is none, and, of what went wrong, the same from then on.
  Status next();
  Status prev();
  Status seek(Bytes key);  // the first at or after it; in reverse at or before it
  Status seek_first();
  Status seek_last();

  [[nodiscard]] bool keys_only() const { return keys_only_; }
  [[nodiscard]] bool valid() const { return place_ == Place::at && !past_limit_; }
  // Lent until the next move.
  [[nodiscard]] Bytes key() const { return valid() ? key_of(ready_.items[at_]) : Bytes(); }
  [[nodiscard]] uint64_t version() const { return valid() ? ready_.items[at_].seq : 0; }
  [[nodiscard]] uint64_t expires_at_ms() const {
    return valid() ? ready_.items[at_].expires_at_ms : 0;
  }
  // Reads and checks the value of the present entry; lent until the next call.
  Status value(Bytes* out);

 private:
  enum class Direction : uint8_t { up, down };
  enum class Place : uint8_t { below_all, at, above_all };
  struct Item {
    const Segment* segment;
    uint64_t seq;
    uint64_t offset;
    uint64_t expires_at_ms;
    uint32_t value_length;
    uint32_t key_at;  // in the batch's keys
    uint32_t key_length;
  };
  struct Batch {
    std::vector<Item> items;
    GrowingBytes keys;
    void clear() {
      items.clear();
      keys.clear();
    }
  };

  static Place edge(Direction d) {
    return d == Direction::up ? Place::above_all : Place::below_all;
  }
  static Direction other(Direction d) {
    return d == Direction::up ? Direction::down : Direction::up;
  }
  [[nodiscard]] Bytes key_of(const Item& item) const {
    return {ready_.keys.data() + item.key_at, item.key_length};
  }
  void narrow_to_prefix(const std::string& prefix);
  Status go(Direction d);
  Status turn_round(Direction d);
  void start(Direction d, Bytes bound);
  Status fill();
  bool decide(Batch* batch);
  void decide_some(Batch* batch, size_t wish);
  [[nodiscard]] size_t wanted(size_t decided) const;
  [[nodiscard]] bool outside(Bytes key) const;
  void fetch(const Item& item) const;
  Status may_move() const;

  const std::shared_ptr<const SnapshotSources> sources_;
  const std::unique_ptr<MergingCursor> cursor_;
  const Direction forward_;
  const bool keys_only_;
  const uint64_t limit_;
  std::string low_;       // inclusive
  std::string high_;      // exclusive; empty: no end
  bool nothing_ = false;  // no key can be in the range

  Place place_;
  bool past_limit_ = false;         // next() was refused at the present entry
  int64_t position_ = 0;            // entries from the start, or from the one sought, which is 1
  Direction walk_ = Direction::up;  // the cursor's
  bool looked_ahead_ = false;
  bool pending_ = false;  // the cursor stands at an entry that was not decided on
  size_t batch_size_ = 0;
  Batch ready_;
  size_t at_ = 0;
  Batch coming_;  // after ready_
  std::string bound_;
  std::string buffer_;
  bool moving_ = false;  // still set by a move that something thrown has left half done
  Status status_;
};

}  // namespace stave
