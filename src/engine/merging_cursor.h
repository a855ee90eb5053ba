// All sources' entries in one order: key ascending, then seq descending; downwards the reverse. An
// error of any source ends it with that error.
//
// A tournament tree of the sources; each node keeps who lost there. Keys are compared by codes,
// relative to the key that the loser lost to: how far the two are alike, then the next bytes
// (base/key_code.h). So what keys begin with in common is not looked at again and again.
#pragma once

#include <memory>
#include <vector>

#include "base/key_code.h"
#include "engine/cursor.h"

namespace stave {

class MergingCursor {
 public:
  explicit MergingCursor(std::vector<std::unique_ptr<Cursor>> sources);
  // As Cursor's; entry() and segment() while the last next() was true.
  void seek(Bytes key);
  void seek_down(Bytes key);
  bool next() {
    if (__builtin_expect(leader_ == nullptr || !leader_->step(), 0)) return go_on();
    play_all({leader_->code(), winner_.source});
    return leader_ != nullptr;
  }
  [[nodiscard]] const HintEntry& entry() const { return leader_->entry(); }
  [[nodiscard]] Segment& segment() const { return leader_->segment(); }
  [[nodiscard]] const Status& status() const { return status_; }
  // Whether entry() has the key of the entry before it.
  [[nodiscard]] bool repeats_key() const { return winner_.code == key_code::kSame; }

 private:
  struct Player {
    uint64_t code = 0;
    uint32_t source = 0;
  };
  static constexpr uint64_t kEnded = UINT64_MAX;  // some keys have this code too

  void restart(bool down);
  void start();
  bool go_on();
  void play_all(Player player);
  Player play(Player a, Player* loser);
  void play_equal(Player* winner, Player* loser);
  [[nodiscard]] uint64_t code_of(Bytes key, size_t shared, size_t base_size) const;

  std::vector<std::unique_ptr<Cursor>> sources_;
  std::vector<bool> ended_;
  std::vector<Player> losers_;  // of the games at node i, between the winners of 2i and 2i + 1
  Player winner_;
  Cursor* leader_ = nullptr;  // the winner's source; none before the start and after the end
  bool down_ = false;
  bool started_ = false;
  Status status_;
};

// Takes copies and answers with the winner, so that it stays in registers all the way.
inline MergingCursor::Player MergingCursor::play(Player a, Player* loser) {
  const Player b = *loser;
  if (__builtin_expect(a.code == b.code, 0)) {
    Player winner = a;
    play_equal(&winner, loser);
    return winner;
  }
  // Who wins is a coin's toss: no branch.
  const bool swap = b.code < a.code;
  *loser = {swap ? a.code : b.code, swap ? a.source : b.source};
  return {swap ? b.code : a.code, swap ? b.source : a.source};
}

// The winner's source has gone on, and plays against those who lost on its way.
inline void MergingCursor::play_all(Player player) {
  for (size_t i = (sources_.size() + player.source) / 2; i != 0; i /= 2) {
    player = play(player, &losers_[i]);
  }
  winner_ = player;
  const bool over = player.code == kEnded && ended_[player.source];
  leader_ = over ? nullptr : sources_[player.source].get();
}

}  // namespace stave
