#include "engine/chain_cursor.h"

#include <algorithm>
#include <queue>
#include <string>
#include <utility>

#include "base/check.h"
#include "base/key_code.h"
#include "engine/repairing_cursor.h"

namespace stave {

std::vector<HintChain> chains_of(const std::vector<std::shared_ptr<HintFile>>& hints) {
  std::vector<HintChain> chains;
  std::vector<ChainLink> order;
  for (const auto& hint : hints) {
    ChainLink link{hint, {}, {}};
    if (hint->blocks() != 0 && hint->last_key(&link.last_key).ok()) {
      link.first_key = hint->first_key();
      order.push_back(std::move(link));
    } else {
      chains.push_back({std::move(link)});
    }
  }
  std::sort(order.begin(), order.end(),
            [](const ChainLink& a, const ChainLink& b) { return a.first_key < b.first_key; });
  // The chain that ends first comes first: if a file cannot follow it, it can follow none.
  const auto ends_later = [&](size_t a, size_t b) {
    return chains[a].back().last_key > chains[b].back().last_key;
  };
  std::priority_queue<size_t, std::vector<size_t>, decltype(ends_later)> open(ends_later);
  for (ChainLink& link : order) {
    if (!open.empty() && chains[open.top()].back().last_key < link.first_key) {
      const size_t chain = open.top();
      open.pop();
      chains[chain].push_back(std::move(link));
      open.push(chain);
    } else {
      chains.push_back({std::move(link)});
      open.push(chains.size() - 1);
    }
  }
  return chains;
}

namespace {

std::unique_ptr<RepairableCursor> cursor_of(const std::shared_ptr<Env>& env,
                                            const ChainLink& link) {
  return repairing_cursor(env, link.hint->segment(), link.hint->cursor());
}

class ChainCursor final : public Cursor {
 public:
  ChainCursor(std::shared_ptr<Env> env, std::shared_ptr<const HintChain> chain)
      : env_(std::move(env)), chain_(std::move(chain)), cursors_(chain_->size()) {}
  void seek(Bytes key) override;
  void seek_down(Bytes key) override;
  [[nodiscard]] const Status& status() const override { return status_; }

 private:
  bool refill() override;
  void start(bool down);
  Cursor& enter(size_t link);
  bool go_on();

  const std::shared_ptr<Env> env_;
  const std::shared_ptr<const HintChain> chain_;
  // That of the link it is in, and those that would be dear to make again.
  std::vector<std::unique_ptr<RepairableCursor>> cursors_;
  size_t at_ = 0;
  bool down_ = false;
  bool ended_ = true;
  bool lent_ = false;
  bool switched_ = false;  // no entry of this link was lent yet, but one of another
  uint64_t code_ = 0;
  std::string last_key_;  // lent last
  Status status_;
};

void ChainCursor::start(bool down) {
  take_back();
  status_ = {};
  down_ = down;
  lent_ = switched_ = false;
}

void ChainCursor::seek(Bytes key) {
  start(false);
  const auto found = std::lower_bound(chain_->begin(), chain_->end(), key,
                                      [](const ChainLink& l, Bytes k) { return l.last_key < k; });
  ended_ = found == chain_->end();
  if (ended_) return;
  enter(static_cast<size_t>(found - chain_->begin())).seek(key);
}

void ChainCursor::seek_down(Bytes key) {
  start(true);
  const auto found = key.empty()
                         ? chain_->end()
                         : std::lower_bound(chain_->begin(), chain_->end(), key,
                                            [](const auto& l, Bytes k) { return l.first_key < k; });
  ended_ = found == chain_->begin();
  if (ended_) return;
  enter(static_cast<size_t>(found - chain_->begin()) - 1).seek_down(key);
}

Cursor& ChainCursor::enter(size_t link) {
  std::unique_ptr<RepairableCursor>& left = cursors_[at_];
  if (link != at_ && left && !left->repaired()) left.reset();
  at_ = link;
  std::unique_ptr<RepairableCursor>& cursor = cursors_[at_];
  if (!cursor) cursor = cursor_of(env_, (*chain_)[at_]);
  return *cursor;
}

// To the next link. False behind the last one.
bool ChainCursor::go_on() {
  ended_ = down_ ? at_ == 0 : at_ + 1 == chain_->size();
  if (ended_) return false;
  if (down_) {
    enter(at_ - 1).seek_down({});
  } else {
    enter(at_ + 1).seek({});
  }
  switched_ = lent_;
  return true;
}

bool ChainCursor::refill() {
  if (ended_ || !status_.ok()) return false;
  if (lent_) last_key_.assign(last_lent().key);
  do {
    Cursor& source = *cursors_[at_];
    if (source.next()) {
      if (switched_) {
        // The link's own code of its first entry is relative to nothing.
        code_ = key_code::after(last_key_, source.entry().key, down_);
        lend(&source.segment(), &source.entry(), 1, &code_);
      } else {
        lend_from(source);
      }
      switched_ = false;
      lent_ = true;
      return true;
    }
    status_ = source.status();
    if (!status_.ok()) return false;
  } while (go_on());
  return false;
}

}  // namespace

std::unique_ptr<Cursor> chain_cursor(std::shared_ptr<Env> env,
                                     std::shared_ptr<const HintChain> chain) {
  STAVE_CHECK(!chain->empty());
  if (chain->size() == 1) return cursor_of(env, chain->front());
  return std::make_unique<ChainCursor>(std::move(env), std::move(chain));
}

}  // namespace stave
