// Keys, seeds and small helpers of the keydir's tests.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <random>
#include <string>

#include "engine/keydir.h"
#include "support/cmocka.h"
#include "unit/engine/seed.h"

namespace stave::keydir_test {

using test::scaled;
using test::seed;

inline Hasher hasher(uint32_t hash_bits = 0) {
  Secret secret{};
  std::mt19937_64 random(seed());
  for (auto& byte : secret) byte = static_cast<uint8_t>(random());
  return Hasher(secret, hash_bits);
}

inline Digest digest_of(const Hasher& h, uint64_t n) {
  return h(Bytes(reinterpret_cast<const char*>(&n), sizeof n));
}

inline std::unique_ptr<Keydir> make_keydir(uint64_t slots_max = 64ULL << 20) {
  auto made = Keydir::create(slots_max);
  assert_true(made.ok());
  return made.take();
}

// make_room and put, as the engine does.
inline bool put(Keydir& k, const Digest& d, uint64_t address, Slot* previous) {
  assert_true(k.make_room(d).ok());
  return k.put(d, {address, static_cast<unsigned>(address % kTombstoneClass)}, previous);
}

inline bool put(Keydir& k, const Digest& d, uint64_t address) {
  Slot previous;
  return put(k, d, address, &previous);
}

// Keydir::load of one entry, which replaces what is there if `wins` says so. True if something was.
inline bool load_one(Keydir& k, const Digest& d, const Slot& slot,
                     const std::function<bool(const Slot& there)>& wins, bool* replaced,
                     Slot* previous) {
  bool had = false;
  *replaced = false;
  const auto asked = [&](const Slot& there, const Slot&) {
    had = true;
    *previous = there;
    return wins(there);
  };
  const auto lost = [&](const Slot& loser) {
    assert_true(had);
    *replaced = loser.address == previous->address;
  };
  KeydirEntry entry{pack_slot(slot, d.low & kTagMask), d.high};
  LoadScratch scratch;
  assert_true(k.load(Keydir::shard_of(d), {&entry, 1}, LoadRules{asked, lost}, &scratch).ok());
  return had;
}

// The address under a digest, 0 for none; checks that the size class came with it.
inline uint64_t address_of(const Keydir& k, const Digest& d) {
  Slot s;
  if (!k.find(d, &s)) return 0;
  assert_true(s.address != 0);
  assert_int_equal(s.size_class, s.address % kTombstoneClass);
  return s.address;
}

}  // namespace stave::keydir_test
