// The feeds that the writer tells of new files and operations.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "engine/feed.h"

namespace stave {

// Not for several threads: the writer's mutex is around it.
class FeedHub {
 public:
  void join(const std::shared_ptr<FeedFiles>& feed) {
    if (feeds_.size() >= look_at_) {
      std::erase_if(feeds_, [](const std::weak_ptr<FeedFiles>& each) { return each.expired(); });
      look_at_ = std::max(kLookMin, 2 * feeds_.size());
    }
    feeds_.push_back(feed);
  }

  void tell(const std::shared_ptr<Segment>& active) {
    std::erase_if(feeds_, [&](const std::weak_ptr<FeedFiles>& feed) {
      const std::shared_ptr<FeedFiles> alive = feed.lock();
      if (alive) alive->add(active);
      return !alive;
    });
  }

 private:
  static constexpr size_t kLookMin = 64;
  size_t look_at_ = kLookMin;  // so many before those that were destroyed are looked for
  std::vector<std::weak_ptr<FeedFiles>> feeds_;
};

}  // namespace stave
