// What iterators and held snapshots of the world see.
#include <rapidcheck.h>

#include "model/walk.h"
#include "model/world.h"

namespace stave::test {

namespace {
constexpr size_t kHeldMax = 3;
}  // namespace

void World::walk_now(uint64_t seed) {
  if (losses_ || doomed_) return;
  std::mt19937_64 random(seed);
  const IterateOptions options = random_range(random);
  auto it = store_->iterate(options);
  if (!it.ok()) RC_FAIL("iterate: " + it.status().message());
  walk(**it, options, reference_.at(clock_.highest_ms()), random);
}

void World::hold(uint64_t seed) {
  if (losses_ || doomed_) return;
  auto snapshot = store_->snapshot();
  if (!snapshot.ok()) RC_FAIL("snapshot: " + snapshot.status().message());
  if (held_.size() == kHeldMax) held_.erase(held_.begin() + static_cast<long>(seed % kHeldMax));
  held_.push_back({snapshot.take(), reference_.at(clock_.highest_ms())});
}

void World::look(uint64_t seed) {
  if (held_.empty() || doomed_) return;
  std::mt19937_64 random(seed);
  const Moment& held = held_[seed % held_.size()];
  auto sources = held.snapshot->sources();
  if (!sources.ok()) RC_FAIL("a snapshot's files: " + sources.status().message());
  for (uint32_t i = 0; i < 20; ++i) {
    const std::string key = key_of(static_cast<uint32_t>(random() % (1 << 16)));
    std::string value;
    const Status got = store_->get_at(*held.snapshot, key, &value);
    const auto there = held.state.find(key);
    if (!got.ok() && !got.is(Code::not_found)) RC_FAIL("get at a snapshot: " + got.message());
    RC_ASSERT(got.ok() == (there != held.state.end()));
    if (got.ok()) RC_ASSERT(value == there->second.value);
  }
  const IterateOptions options = random_range(random);
  Iterator it(sources.take(), options);
  walk(it, options, held.state, random);
}

}  // namespace stave::test
