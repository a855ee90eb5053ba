// What is loaded into a keydir, and by which rules.
#pragma once

#include <cstdint>

#include "base/page_allocator.h"
#include "engine/keydir_callback.h"
#include "engine/keydir_slot.h"

namespace stave {

// A cell's two words, of an entry that is to be loaded: pack_slot and Digest::high.
struct KeydirEntry {
  uint64_t word0, word1;
};

// Which of two entries of one key stays (wins: the fresh one), and who hears of the other. Called
// with the shard locked: they must not use the keydir.
struct LoadRules {
  Callback<bool(const Slot& there, const Slot& fresh)> wins;
  Callback<void(const Slot& loser)> lost;
};

// Memory that one loading thread uses again for each shard.
struct LoadScratch {
  PageVector<KeydirEntry> sorted, joined;
  PageVector<uint32_t> bucket_ends;
};

}  // namespace stave
