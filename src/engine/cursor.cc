#include "engine/cursor.h"

#include <utility>

#include "base/check.h"
#include "base/key_code.h"

namespace stave {

namespace {
constexpr uint64_t kEnded = UINT64_MAX;  // some keys have this code too
}  // namespace

MergingCursor::MergingCursor(std::vector<std::unique_ptr<Cursor>> sources)
    : sources_(std::move(sources)) {}

void MergingCursor::seek(Bytes key) {
  for (const auto& source : sources_) source->seek(key);
  down_ = started_ = false;
  status_ = {};
}

void MergingCursor::seek_down(Bytes key) {
  for (const auto& source : sources_) source->seek_down(key);
  down_ = true;
  started_ = false;
  status_ = {};
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

void MergingCursor::start() {
  started_ = true;
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
  if (n != 0) winner_ = winners[1];
}

// The winner's source goes on, and plays against those who lost on its way.
bool MergingCursor::advance() {
  Cursor& source = *sources_[winner_.source];
  Bytes last;
  if (!source.has_codes()) {
    last_key_.assign(source.entry().key);
    last = last_key_;
  }
  Player player{kEnded, winner_.source};
  if (source.next()) {
    const Bytes key = source.entry().key;
    player.code =
        source.has_codes() ? source.code() : code_of(key, common_prefix(last, key), last.size());
  } else {
    ended_[winner_.source] = true;
    status_ = source.status();
    if (!status_.ok()) return false;
  }
  for (size_t i = (sources_.size() + winner_.source) / 2; i != 0; i /= 2) {
    player = play(player, &losers_[i]);
  }
  winner_ = player;
  return true;
}

bool MergingCursor::refill() {
  if (!started_) {
    start();
  } else if (!status_.ok() || sources_.empty() || ended_[winner_.source] || !advance()) {
    return false;
  }
  if (!status_.ok() || sources_.empty() || ended_[winner_.source]) return false;
  lend(&sources_[winner_.source]->entry(), 1);
  return true;
}

bool MergingCursor::repeats_key() const { return winner_.code == key_code::kSame; }

const std::shared_ptr<Segment>& MergingCursor::segment() const {
  STAVE_CHECK(started_ && !sources_.empty());
  return sources_[winner_.source]->segment();
}

}  // namespace stave
