// What a merge needs of the rest of the engine.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "engine/address_space.h"
#include "engine/catalog.h"
#include "engine/digest.h"
#include "engine/env.h"
#include "engine/epoch.h"
#include "engine/keydir.h"
#include "engine/range_deletes.h"

namespace stave {

struct MergeParts {
  std::shared_ptr<Env> env;
  Catalog& catalog;
  AddressSpace& space;
  Keydir& keydir;
  const Hasher& hasher;
  Epoch& reads;                              // guards of everybody who follows addresses
  std::function<Status()> make_log_durable;  // all operations so far (M3)
  // Of the oldest file that is not sealed; 0: none. Passes through the writer's mutex: appends
  // that began before the call are over when it returns, their counting included (M6).
  std::function<uint64_t()> oldest_unsealed_id;
  // True: space that was allocated ahead of the writer goes back to the disk, and no more is taken
  // than calls wait for, until false.
  std::function<void(bool held)> hold_ahead = [](bool) {};
  // Takes the slots of ranges deleted so far out of the keydir.
  std::function<void()> sweep = [] {};
  // The ranges of which that is still to be done.
  std::function<RangeList()> unswept = [] { return RangeList(); };
};

}  // namespace stave
