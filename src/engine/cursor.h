// A cursor walks operations in ascending key order; where one source holds several operations
// on a key (runs of an unsealed file do), newest seq first. Downwards it walks in exactly the
// reverse order.
#pragma once

#include "engine/segment.h"
#include "format/hint.h"

namespace stave {

class Cursor {
 public:
  Cursor() = default;
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;
  virtual ~Cursor() = default;
  // To the first entry at or after `key` (empty: the very first). Leaves the cursor before it:
  // call next().
  virtual void seek(Bytes key) = 0;
  // To the last entry below `key` (empty: the very last), and downwards from there until the next
  // seek().
  virtual void seek_down(Bytes key) = 0;
  // False at the end or on an error: look at status().
  bool next() { return step() || refill(); }
  // As next(), where the next entry is ready; or else false, and nothing is done.
  bool step() {
    if (ready_ == ready_end_) return false;
    entry_ = ready_++;
    ++code_;
    return true;
  }
  // Valid until the next next() or seek().
  [[nodiscard]] const HintEntry& entry() const { return *entry_; }
  [[nodiscard]] virtual const Status& status() const = 0;
  // The file that entry() stands in.
  [[nodiscard]] Segment& segment() const { return *segment_; }
  // How its key compares to that of the entry before (base/key_code.h). Of no meaning for the first
  // after a seek.
  [[nodiscard]] uint64_t code() const { return *code_; }

 protected:
  // Goes on by at least one entry, and lends as many as it likes. False at the end or on an error.
  virtual bool refill() = 0;
  // Entries of one file and their codes, of which the first is entry() from now on. All stay until
  // the next refill() or seek().
  void lend(Segment* segment, const HintEntry* entries, size_t count, const uint64_t* codes) {
    segment_ = segment;
    entry_ = entries;
    ready_ = entries + 1;
    ready_end_ = entries + count;
    code_ = codes;
  }
  // Lends all that `source` has ready, of which it has just handed out the first.
  void lend_from(Cursor& source) {
    segment_ = source.segment_;
    entry_ = source.entry_;
    ready_ = source.ready_;
    ready_end_ = source.ready_end_;
    code_ = source.code_;
    source.ready_ = source.ready_end_;  // it still knows what it lent last
  }
  // The last of what was lent last.
  [[nodiscard]] const HintEntry& last_lent() const { return ready_end_[-1]; }
  void take_back() { ready_ = ready_end_ = nullptr; }

 private:
  Segment* segment_ = nullptr;
  const HintEntry* entry_ = nullptr;
  const HintEntry* ready_ = nullptr;  // what follows it and needs no refill()
  const HintEntry* ready_end_ = nullptr;
  const uint64_t* code_ = nullptr;  // entry_'s
};

}  // namespace stave
