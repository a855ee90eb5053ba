#include "engine/chain_cursor.h"

#include <algorithm>
#include <queue>
#include <utility>

#include "base/check.h"
#include "base/key_code.h"

namespace stave {

std::vector<std::vector<size_t>> chains_of(const std::vector<std::shared_ptr<HintFile>>& hints) {
  const size_t n = hints.size();
  std::vector<Bytes> last_keys(n);
  std::vector<size_t> order;
  std::vector<std::vector<size_t>> chains;
  for (size_t i = 0; i < n; ++i) {
    if (hints[i]->blocks() != 0 && hints[i]->last_key(&last_keys[i]).ok()) {
      order.push_back(i);
    } else {
      chains.push_back({i});
    }
  }
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return hints[a]->first_key() < hints[b]->first_key(); });
  // The chain that ends first comes first: if a file cannot follow it, it can follow none.
  const auto ends_later = [&](size_t a, size_t b) {
    return last_keys[chains[a].back()] > last_keys[chains[b].back()];
  };
  std::priority_queue<size_t, std::vector<size_t>, decltype(ends_later)> open(ends_later);
  for (const size_t i : order) {
    if (!open.empty() && last_keys[chains[open.top()].back()] < hints[i]->first_key()) {
      const size_t chain = open.top();
      open.pop();
      chains[chain].push_back(i);
      open.push(chain);
    } else {
      chains.push_back({i});
      open.push(chains.size() - 1);
    }
  }
  return chains;
}

ChainCursor::ChainCursor(std::vector<ChainLink> links) : links_(std::move(links)) {
  STAVE_CHECK(!links_.empty());
}

void ChainCursor::start(bool down) {
  take_back();
  status_ = {};
  down_ = down;
  lent_ = switched_ = false;
}

void ChainCursor::seek(Bytes key) {
  start(false);
  const auto link = std::lower_bound(links_.begin(), links_.end(), key,
                                     [](const ChainLink& l, Bytes k) { return l.last_key < k; });
  ended_ = link == links_.end();
  if (ended_) return;
  at_ = static_cast<size_t>(link - links_.begin());
  link->cursor->seek(key);
}

void ChainCursor::seek_down(Bytes key) {
  start(true);
  const auto link = key.empty()
                        ? links_.end()
                        : std::lower_bound(links_.begin(), links_.end(), key,
                                           [](const auto& l, Bytes k) { return l.first_key < k; });
  ended_ = link == links_.begin();
  if (ended_) return;
  at_ = static_cast<size_t>(link - links_.begin()) - 1;
  links_[at_].cursor->seek_down(key);
}

// To the next link. False behind the last one.
bool ChainCursor::go_on() {
  ended_ = down_ ? at_ == 0 : at_ + 1 == links_.size();
  if (ended_) return false;
  if (down_) {
    --at_;
    links_[at_].cursor->seek_down({});
  } else {
    ++at_;
    links_[at_].cursor->seek({});
  }
  switched_ = lent_;
  return true;
}

bool ChainCursor::refill() {
  if (ended_ || !status_.ok()) return false;
  if (lent_) last_key_.assign(last_lent().key);
  do {
    Cursor& link = *links_[at_].cursor;
    if (link.next()) {
      if (switched_) {
        // The link's own code of its first entry is relative to nothing.
        code_ = key_code::after(last_key_, link.entry().key, down_);
        lend(&link.entry(), 1, &code_);
      } else {
        lend_from(link);
      }
      switched_ = false;
      lent_ = true;
      return true;
    }
    status_ = link.status();
    if (!status_.ok()) return false;
  } while (go_on());
  return false;
}

}  // namespace stave
