// Shards whose checkpoint is damaged: emptied, filled again from elsewhere, and only then seen.
#include <algorithm>
#include <exception>
#include <string>

#include "engine/address_space.h"
#include "engine/keydir.h"

namespace stave {

void KeydirCover::add(uint64_t first_granule, uint64_t granules, uint64_t first, uint64_t end) {
  if (granules_.size() < first_granule + granules) granules_.resize(first_granule + granules);
  std::fill_n(granules_.begin() + static_cast<ptrdiff_t>(first_granule), granules,
              Range{first, end});
}

bool KeydirCover::holds(uint64_t address) const {
  if (granules_.empty()) return true;
  const uint64_t granule = address / kGranuleUnits;
  return granule < granules_.size() && address >= granules_[granule].first &&
         address < granules_[granule].end;
}

// Nothing may leave a shard broken for ever, while others wait for it.
Status KeydirHealth::fill(KeydirPatch& patch) const {
  try {
    return fill_(patch);
  } catch (const std::exception&) {
    return Status::answer(Code::no_memory);
  }
}

bool KeydirShard::check() STAVE_NO_TSA {
  for (unsigned spins = 0;; back_off(&spins)) {
    uint64_t now = sequence_.load(std::memory_order_acquire);
    if (now == kBroken) return false;
    if (now % 2 == 0) return true;
    if (now != kUnverified ||
        !sequence_.compare_exchange_weak(now, 1, std::memory_order_acquire, kRelaxed)) {
      continue;
    }
    const bool whole = verify();
    if (!whole) clear();
    sequence_.store(whole ? 2 : kBroken, std::memory_order_release);
    return whole;
  }
}

Status KeydirShard::mend(const Digest& d, const Slot* slot) STAVE_NO_TSA {
  if (slot == nullptr) {
    const uint32_t at = position(d);
    if (at != kNone) erase(at);
    return {};
  }
  if (room() == 0) STAVE_RETURN_IF_ERROR(grow_for(1));
  Slot previous;
  (void)put(d, *slot, &previous);
  return {};
}

void KeydirShard::mended(bool whole) STAVE_NO_TSA {
  if (!whole) clear();
  sequence_.store(2, std::memory_order_release);
}

uint32_t KeydirShard::settled_count() {
  const uint64_t now = sequence_.load(std::memory_order_acquire);
  if (now == kUnverified || now % 2 == 0) return count();
  lock();
  const uint32_t n = count();
  unlock();
  return n;
}

Status KeydirPatch::put(const Digest& d, const Slot& slot) {
  return wants(d) ? broken_[Keydir::shard_of(d)]->mend(d, &slot) : Status();
}

void KeydirPatch::erase(const Digest& d) {
  if (wants(d)) (void)broken_[Keydir::shard_of(d)]->mend(d, nullptr);
}

// All damaged shards at once: filling one reads as much as filling all.
void Keydir::repair() {
  MutexLock lock(repair_mutex_);
  KeydirPatch patch;
  bool any = false;
  for (unsigned i = 0; i < kShards; ++i) {
    if (shards_[i].check()) continue;
    patch.broken_[i] = &shards_[i];
    any = true;
  }
  if (!any) return;
  const bool whole = health_.fill(patch).ok();
  if (whole) health_.set_repaired();
  if (!whole) health_.set_damaged(true);  // before they are seen: whoever misses sees it
  for (KeydirShard* shard : patch.broken_) {
    if (shard != nullptr) shard->mended(whole);
  }
}

}  // namespace stave
