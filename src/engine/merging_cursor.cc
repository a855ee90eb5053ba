#include "engine/merging_cursor.h"

#include <utility>

namespace stave {

MergingCursor::MergingCursor(std::vector<std::unique_ptr<Cursor>> sources)
    : sources_(std::move(sources)) {}

void MergingCursor::restart(bool down) {
  down_ = down;
  started_ = false;
  leader_ = nullptr;
  status_ = {};
}

void MergingCursor::seek(Bytes key) {
  restart(false);
  for (const auto& source : sources_) source->seek(key);
}

void MergingCursor::seek_down(Bytes key) {
  restart(true);
  for (const auto& source : sources_) source->seek_down(key);
}

uint64_t MergingCursor::code_of(Bytes key, size_t shared, size_t base_size) const {
  return down_ ? key_code::of_descending(key, shared, base_size) : key_code::of(key, shared);
}

// The keys are the same in the blocks that the codes say, and in the next, or in what they have.
void MergingCursor::play_equal(Player* winner, Player* loser) {
  if (ended_[loser->source]) return;
  if (ended_[winner->source]) return std::swap(*winner, *loser);
  const HintEntry* a = &sources_[winner->source]->entry();
  const HintEntry* b = &sources_[loser->source]->entry();
  const size_t offset = key_code::shared_by(winner->code);
  const size_t shared = offset + common_prefix(a->key.substr(offset), b->key.substr(offset));
  const int order = a->key.substr(shared).compare(b->key.substr(shared));
  const bool b_first = order > 0 || (order == 0 && b->seq > a->seq);
  if (b_first != down_) {
    std::swap(*winner, *loser);
    std::swap(a, b);
  }
  loser->code = code_of(b->key, shared, a->key.size());
}

void MergingCursor::start() {
  const size_t n = sources_.size();
  ended_.assign(n, true);
  losers_.assign(n, {});
  std::vector<Player> winners(2 * n);  // of node i; the sources are the leaves, from n on
  for (size_t i = 0; i < n; ++i) {
    Cursor& source = *sources_[i];
    winners[n + i] = {kEnded, static_cast<uint32_t>(i)};
    if (source.next()) {
      ended_[i] = false;
      winners[n + i].code = code_of(source.entry().key, 0, 0);
    } else if (!source.status().ok()) {
      status_ = source.status();
    }
  }
  for (size_t i = n; i-- > 1;) {
    losers_[i] = winners[2 * i + 1];
    winners[i] = play(winners[2 * i], &losers_[i]);
  }
  started_ = true;
  if (n == 0) return;
  winner_ = winners[1];
  if (status_.ok() && !ended_[winner_.source]) leader_ = sources_[winner_.source].get();
}

// The first entry, and whatever else step() does not do.
bool MergingCursor::go_on() {
  if (!started_) {
    start();
    return leader_ != nullptr;
  }
  if (leader_ == nullptr) return false;
  Cursor& source = *std::exchange(leader_, nullptr);
  Player player{kEnded, winner_.source};
  if (source.next()) {
    player.code = source.code();
  } else {
    ended_[winner_.source] = true;
    status_ = source.status();
    if (!status_.ok()) return false;
  }
  play_all(player);
  return leader_ != nullptr;
}

}  // namespace stave
