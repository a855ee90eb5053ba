#include "model/world.h"

#include <rapidcheck.h>

namespace stave::test {
namespace {

constexpr uint32_t kKeys = 40;
const std::string kDir = "store";

FaultOptions small_pages() {
  FaultOptions o;
  o.page_size = 512;
  o.reserve = 1 << 20;
  return o;
}

}  // namespace

// Short and long keys, some with common beginnings, one of many bytes.
std::string key_of(uint32_t seed) {
  const uint32_t n = seed % kKeys;
  std::string key = n % 3 == 0 ? "user/" : "k";
  key += std::to_string(n);
  if (n == 7) key += std::string(700, 'x');
  if (n % 5 == 0) key += std::string("\0\xff", 2);
  return key;
}

std::vector<std::string> all_keys() {
  std::vector<std::string> keys;
  for (uint32_t k = 0; k < kKeys; ++k) keys.push_back(key_of(k));
  return keys;
}

World::World(const Options& options)
    : options_(options), fs_(std::make_unique<FaultFs>(small_pages())) {
  open();
}

World::~World() {
  fs_->freeze();
  held_.clear();
  store_.reset();
}

// By a clock that is right: what the store knows of the time may be an hour old.
void World::open() {
  clock_.set_right();
  auto store = Store::open(*fs_, clock_, kDir, options_);
  if (!store.ok()) RC_FAIL("open: " + store.status().message());
  store_ = store.take();
}

std::string World::next_value(uint32_t size_seed) {
  // Mostly short, some empty, few long enough for a file of their own.
  uint32_t size = size_seed % 120;
  if (size_seed % 23 == 0) size = 0;
  if (size_seed % 29 == 0) size = 1500;
  if (size_seed % 97 == 0) size = 6000;
  if (size == 0) return "";
  std::string value = std::to_string(++serial_) + ":";
  value.resize(std::max<size_t>(size, value.size()), static_cast<char>('a' + serial_ % 26));
  return value;
}

void World::conclude(const Status& s, const Group& group) {
  if (s.ok()) {
    reference_.apply(group);
    if (options_.sync == SyncMode::always) reference_.all_synced();
    return;
  }
  if (!fs_->frozen()) RC_FAIL("a write failed: " + s.message());
  reference_.apply_maybe(group);
}

Group World::make_batch(const Command& c) {
  Group group;
  const uint32_t n = c.a % 6 + 1;
  for (uint32_t i = 0; i < n; ++i) {
    const uint32_t seed = c.a * 31 + c.b * 7 + i * 13;
    if (seed % 4 == 0) {
      group.emplace_back(key_of(seed), std::nullopt);
    } else {
      const uint64_t ttl = expiry_ && seed % 5 == 0 ? clock_.highest_ms() + seed % 100'000 : 0;
      group.emplace_back(key_of(seed), Held{next_value(seed), ttl});
    }
  }
  return group;
}

void World::put_ttl(const Command& c) {
  const std::string key = key_of(c.a);
  const Held held{next_value(c.b), clock_.highest_ms() + c.b % 300'000};
  expiry_ = true;
  conclude(store_->put_until(key, held.value, held.expires_at_ms, SyncWish::store_default),
           {{key, held}});
  if (!fs_->frozen()) compare_key(key);
}

void World::remove(const Command& c) {
  const std::string key = key_of(c.a);
  const bool there = present(key).has_value();
  const Status s = store_->remove(key);
  if (!losses_ && !fs_->frozen()) RC_ASSERT(s.is(Code::not_found) == !there);
  conclude(s.is(Code::not_found) ? Status() : s, {{key, std::nullopt}});
  if (!fs_->frozen()) compare_key(key);
}

void World::batch(const Command& c) {
  const Group group = make_batch(c);
  std::vector<Operation> operations;
  for (const auto& [key, held] : group) {
    if (losses_ && held) ever_put_[key + "=" + held->value];
    operations.push_back({held ? Kind::put : Kind::tombstone, key,
                          held ? Bytes(held->value) : Bytes(), held ? held->expires_at_ms : 0});
  }
  conclude(store_->write(operations), group);
}

// Back by less than is tolerated: nothing may come back.
void World::set_clock(const Command& c) {
  if (c.a % 3 == 0) {
    (void)store_->expiry().now_ms();  // only what it has seen can it hold on to
    clock_.set_back(c.b % 3'600'000);
  } else {
    clock_.pass(c.b % 200'000);
  }
}

void World::run(const Command& c) {
  clock_.pass(10);
  switch (c.what) {
    case Do::put: {
      const std::string key = key_of(c.a);
      const std::string value = next_value(c.b);
      if (losses_) ever_put_[key + "=" + value];
      conclude(store_->put(key, value), {{key, Held{value}}});
      if (!fs_->frozen()) compare_key(key);
      break;
    }
    case Do::put_ttl:
      put_ttl(c);
      break;
    case Do::remove:
      remove(c);
      break;
    case Do::batch:
      batch(c);
      break;
    case Do::delete_range:
      delete_range(c);
      break;
    case Do::clear:
      clear();
      break;
    case Do::update:
      update(c);
      break;
    case Do::guarded:
      guarded(c);
      break;
    case Do::clock:
      set_clock(c);
      break;
    default:
      return disturb(c);
  }
  crash_if_frozen(c);
}

void World::disturb(const Command& c) {
  switch (c.what) {
    case Do::sync: {
      const Status s = store_->sync();
      if (s.ok()) reference_.all_synced();
      if (!s.ok() && !fs_->frozen()) RC_FAIL("sync: " + s.message());
      break;
    }
    case Do::merge: {
      const Status s = store_->merge(false);
      if (!s.ok() && !fs_->frozen()) RC_FAIL("merge: " + s.message());
      break;
    }
    case Do::reopen: {
      const Status s = store_->close(c.a % 3 != 0);
      if (!s.ok() && !fs_->frozen()) RC_FAIL("close: " + s.message());
      if (!s.ok()) break;
      reference_.all_synced();
      look(c.b);  // a closed store's snapshots go on
      held_.clear();
      store_.reset();
      if (doomed_) {
        crash(c.b % 2 == 0, c.b);
        return;
      }
      open();
      compare_all();
      break;
    }
    case Do::kill9:
      crash(false, c.a);
      break;
    case Do::power_cut:
      crash(true, c.a);
      break;
    case Do::writeback:
      fs_->writeback(c.a);
      break;
    case Do::walk:
      walk_now(c.a);
      break;
    case Do::hold:
      hold(c.a);
      break;
    case Do::look:
      look(c.a);
      break;
    default:  // doom
      fs_->freeze_at(c.a % 60 + 1);
      doomed_ = true;
      break;
  }
  crash_if_frozen(c);
}

void World::crash_if_frozen(const Command& c) {
  if (store_ == nullptr || fs_->frozen()) crash(c.b % 2 == 0, c.b);
}

void World::crash(bool power, uint64_t seed) {
  // Nothing moves any more before the copy is taken.
  fs_->freeze();
  auto after = power ? fs_->after_power_cut(seed) : fs_->after_kill9();
  held_.clear();
  store_.reset();
  fs_ = std::move(after);
  doomed_ = false;
  // Recovery is killed too, now and then, at some operation, and then done again.
  if (seed % 4 == 1) {
    fs_->freeze_at(seed % 40 + 1);
    auto half = Store::open(*fs_, clock_, kDir, options_);
    fs_->freeze();
    auto again = power ? fs_->after_power_cut(seed + 1) : fs_->after_kill9();
    if (half.ok()) half.take().reset();
    fs_ = std::move(again);
  }
  open();
  if (losses_) {
    reference_ = Reference();
    for (const auto& [key, held] : read_all()) reference_.apply({{key, held}});
    return;
  }
  const State found = read_all();
  const uint64_t now_ms = clock_.highest_ms();
  const bool allowed = power ? reference_.settle_after_power_cut(found, now_ms)
                             : reference_.settle_after_kill(found, now_ms);
  if (!allowed) {
    RC_FAIL(std::string(power ? "a power cut" : "kill -9") +
            " left a state that is no allowed prefix of the history");
  }
}

// By the iterator, and every key of the key space by get as well.
State World::read_all() {
  State state;
  auto iterator = store_->iterate("");
  if (!iterator.ok()) RC_FAIL("iterate: " + iterator.status().message());
  std::string before;
  Status s;
  while ((s = (*iterator)->next()).ok()) {
    const std::string key((*iterator)->key());
    Bytes value;
    const Status read = (*iterator)->value(&value);
    if (!read.ok()) RC_FAIL("iterator value: " + read.message());
    RC_ASSERT(state.empty() || before < key);
    before = key;
    Store::Entry entry;
    if (!losses_) RC_ASSERT(store_->get_entry(key, &entry).ok());
    state[key] = {std::string(value), entry.expires_at_ms};
  }
  if (!s.is(Code::done)) RC_FAIL("iterator: " + s.message());
  if (losses_) return state;
  for (uint32_t k = 0; k < kKeys; ++k) {
    std::string value;
    const std::string key = key_of(k);
    const Status got = store_->get(key, &value);
    const auto it = state.find(key);
    RC_ASSERT(got.ok() == (it != state.end()));
    if (got.ok()) RC_ASSERT(value == it->second.value);
    if (!got.ok()) RC_ASSERT(got.is(Code::not_found));
  }
  return state;
}

void World::compare_key(const std::string& key) {
  std::string value;
  const Status s = store_->get(key, &value);
  if (fs_->frozen()) return;
  if (losses_) {
    if (s.ok()) RC_ASSERT(ever_put_.count(key + "=" + value) == 1);
    if (!s.ok()) RC_ASSERT(s.is(Code::not_found));
    return;
  }
  const auto held = present(key);
  if (!held) {
    RC_ASSERT(s.is(Code::not_found));
    return;
  }
  if (!s.ok()) RC_FAIL("get: " + s.message());
  RC_ASSERT(value == held->value);
}

void World::compare_all() {
  if (losses_) {
    for (uint32_t k = 0; k < kKeys; ++k) compare_key(key_of(k));
    return;
  }
  const State expected = reference_.at(clock_.highest_ms());
  RC_ASSERT(read_all() == expected);
  StoreStatistics statistics;
  RC_ASSERT(store_->statistics(&statistics).ok());
  // Expired keys count until a merge takes them away.
  RC_ASSERT(statistics.keys >= expected.size());
  const bool unswept = ranges_ && options_.background;
  RC_ASSERT(expiry_ || unswept || statistics.keys == expected.size());
  compare_count("", "");
}

void World::finish() {
  if (doomed_) crash(false, 0);
  compare_all();
  if (!losses_) {
    VerifyReport report;
    const Status verified = store_->verify(&report);
    if (!verified.ok()) RC_FAIL("verify: " + verified.message());
  }
  const Status s = store_->close();
  if (!s.ok()) RC_FAIL("close: " + s.message());
  for (size_t i = held_.size(); i-- > 0;) look(i);
  held_.clear();
  store_.reset();
  open();
  compare_all();
}

}  // namespace stave::test
