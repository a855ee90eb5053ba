// Ranges and everything, deleted and counted.

#include <rapidcheck.h>

#include "model/world.h"

namespace stave::test {
namespace {

// Keys, what they begin with, and the ends of all.
std::string bound_of(uint32_t seed) {
  switch (seed % 5) {
    case 0:
      return "";
    case 1:
      return seed % 2 == 0 ? "k" : "user/";
    case 2:
      return key_of(seed) + '\0';
    default:
      return key_of(seed);
  }
}

}  // namespace

void World::delete_range(const Command& c) {
  std::string from = bound_of(c.a);
  std::string to = bound_of(c.b);
  if (!to.empty() && to < from) std::swap(from, to);
  Group group;
  for (const std::string& key : all_keys()) {
    if (key >= from && (to.empty() || key < to)) group.emplace_back(key, std::nullopt);
  }
  ranges_ = true;
  conclude(store_->delete_range(from, to, SyncWish::store_default), group);
  if (fs_->frozen() || losses_) return;
  for (const auto& [key, gone] : group) compare_key(key);
  compare_count(from, to);
}

void World::clear() {
  Group group;
  for (const std::string& key : all_keys()) group.emplace_back(key, std::nullopt);
  ranges_ = true;
  conclude(store_->clear(SyncWish::store_default), group);
  if (fs_->frozen()) return;
  for (const auto& [key, gone] : group) compare_key(key);
  compare_count("", "");
}

void World::compare_count(const std::string& from, const std::string& to) {
  if (losses_) return;
  uint64_t expected = 0;
  for (const auto& [key, held] : reference_.at(clock_.highest_ms())) {
    if (key >= from && (to.empty() || key < to)) ++expected;
  }
  uint64_t count = 0;
  const Status s = store_->count_range(from, to, &count);
  if (fs_->frozen()) return;
  if (!s.ok()) RC_FAIL("count_range: " + s.message());
  RC_ASSERT(count == expected);
}

}  // namespace stave::test
