#include "engine/keydir.h"

namespace stave {

namespace {

// Home positions of shard 0 at its first put; with what probing pushes beyond, one page.
constexpr uint32_t kInitialHomes = 192;
// The others start up to one growth stage larger, so that shards which fill evenly never grow
// all at once, and memory follows the number of keys smoothly.
constexpr uint32_t kInitialSpread = kInitialHomes / kGrowthDivisor;
// Cells of one shard visited under one lock.
constexpr uint32_t kVisitCells = 256;

}  // namespace

Result<std::unique_ptr<Keydir>> Keydir::create(uint64_t slots_max) {
  std::unique_ptr<Keydir> keydir(new Keydir);
  const uint64_t cells = slots_max / kShards;
  if (Status s = keydir->rows_.reserve(cells + cells / 4); !s.ok()) return s;
  keydir->health_.set_repair([k = keydir.get()] { k->repair(); });
  keydir->shards_ = std::make_unique<KeydirShard[]>(kShards);
  for (uint32_t i = 0; i < kShards; ++i) {
    keydir->shards_[i].init(&keydir->rows_, i, kInitialHomes + i * kInitialSpread / kShards,
                            &keydir->health_);
  }
  return keydir;
}

Keydir::~Keydir() = default;

Status Keydir::make_room(const Digest& d, uint32_t puts) {
  KeydirShard& s = shard(d);
  if (__builtin_expect(s.room() < puts, 0)) {
    ShardLock lock(s);
    if (s.room() < puts) STAVE_RETURN_IF_ERROR(s.grow_for(puts));
  }
  if (__builtin_expect(damaged(), 0)) {
    return Status(Code::corrupt, "the keydir's checkpoint is damaged; reopen the store");
  }
  return {};
}

bool Keydir::put(const Digest& d, const Slot& slot, Slot* previous) {
  KeydirShard& s = shard(d);
  ShardLock lock(s);
  return s.put(d, slot, previous);
}

bool Keydir::erase(const Digest& d, Slot* previous) {
  KeydirShard& s = shard(d);
  ShardLock lock(s);
  const uint32_t at = s.position(d);
  if (at == KeydirShard::kNone) return false;
  *previous = s.slot(at);
  s.erase(at);
  return true;
}

bool Keydir::replace_if(const Digest& d, uint64_t expected, const Slot& slot) {
  KeydirShard& s = shard(d);
  ShardLock lock(s);
  const uint32_t at = s.position(d);
  if (at == KeydirShard::kNone || s.slot(at).address != expected) return false;
  s.replace(at, d, slot);
  return true;
}

bool Keydir::erase_if(const Digest& d, uint64_t expected) {
  KeydirShard& s = shard(d);
  ShardLock lock(s);
  const uint32_t at = s.position(d);
  if (at == KeydirShard::kNone || s.slot(at).address != expected) return false;
  s.erase(at);
  return true;
}

void Keydir::for_each(Callback<bool(const Slot&)> visit) {
  for (unsigned i = 0; i < kShards; ++i) {
    uint64_t from = 0;
    for (bool more = true; more;) {
      ShardLock lock(shards_[i]);
      more = shards_[i].visit_some(&from, kVisitCells, visit);
    }
  }
}

void Keydir::clear() {
  for (unsigned i = 0; i < kShards; ++i) shards_[i].forget();
  rows_.clear();
  health_.set_damaged(false);
}

uint64_t Keydir::size() const {
  uint64_t n = 0;
  for (unsigned i = 0; i < kShards; ++i) n += shards_[i].settled_count();
  return n;
}

}  // namespace stave
