// A cursor walks operations in ascending key order; where one source holds several operations
// on a key (runs of an unsealed file do), newest seq first. Downwards it walks in exactly the
// reverse order.
#pragma once

#include <memory>
#include <string>
#include <vector>

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
  bool next() {
    if (ready_ == ready_end_) return refill();
    entry_ = ready_++;
    code_ += has_codes() ? 1 : 0;
    return true;
  }
  // Valid until the next next() or seek().
  [[nodiscard]] const HintEntry& entry() const { return *entry_; }
  [[nodiscard]] virtual const Status& status() const = 0;
  // The file that entry() stands in.
  [[nodiscard]] virtual const std::shared_ptr<Segment>& segment() const = 0;
  // Whether code() tells of each entry but the first after a seek how its key compares to the one
  // before (base/key_code.h).
  [[nodiscard]] bool has_codes() const { return code_ != nullptr; }
  [[nodiscard]] uint64_t code() const { return *code_; }

 protected:
  // Goes on by at least one entry, and lends as many as it likes. False at the end or on an error.
  virtual bool refill() = 0;
  // The first is entry() from now on. All stay until the next refill() or seek(). `codes`, if any,
  // has as many, and always has.
  void lend(const HintEntry* entries, size_t count, const uint64_t* codes = nullptr) {
    entry_ = entries;
    ready_ = entries + 1;
    ready_end_ = entries + count;
    code_ = codes;
  }
  // Lends all that `source` has ready, of which it has just handed out the first.
  void lend_from(Cursor& source) {
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
  const HintEntry* entry_ = nullptr;
  const HintEntry* ready_ = nullptr;  // what follows it and needs no refill()
  const HintEntry* ready_end_ = nullptr;
  const uint64_t* code_ = nullptr;  // entry_'s
};

// All sources' entries in one order: key ascending, then seq descending; downwards the reverse. An
// error of any source ends it with that error.
//
// A tournament tree of the sources; each node keeps who lost there. Keys are compared by codes,
// relative to the key that the loser lost to: how far the two are alike, then the next bytes
// (base/key_code.h). So what keys begin with in common is not looked at again and again.
class MergingCursor final : public Cursor {
 public:
  explicit MergingCursor(std::vector<std::unique_ptr<Cursor>> sources);
  void seek(Bytes key) override;
  void seek_down(Bytes key) override;
  [[nodiscard]] const Status& status() const override { return status_; }
  [[nodiscard]] const std::shared_ptr<Segment>& segment() const override;
  // Whether entry() has the key of the entry before it.
  [[nodiscard]] bool repeats_key() const;

 private:
  struct Player {
    uint64_t code = 0;
    uint32_t source = 0;
  };
  bool refill() override;
  void start();
  bool advance();
  Player play(Player a, Player* loser);
  void play_equal(Player* winner, Player* loser);
  [[nodiscard]] uint64_t code_of(Bytes key, size_t shared, size_t base_size) const;

  std::vector<std::unique_ptr<Cursor>> sources_;
  std::vector<bool> ended_;
  std::vector<Player> losers_;  // of the games at node i, between the winners of 2i and 2i + 1
  Player winner_;
  bool down_ = false;
  bool started_ = false;
  std::string last_key_;  // where the source does not keep it
  Status status_;
};

}  // namespace stave
