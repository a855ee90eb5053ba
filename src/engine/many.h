// What calls for many keys share: how entries are handed in, and how many go together.
#pragma once

#include <cstddef>

#include "base/bytes.h"
#include "engine/keydir_callback.h"

namespace stave {

struct Entry {
  Bytes key;
  Bytes value;
};

using KeyAt = Callback<Bytes(size_t index)>;
using EntryAt = Callback<Entry(size_t index)>;

// Keys whose cells and records are fetched at once. A processor has 10 to 16 misses under way, and
// a record takes several; with 32 and with 64 a get of a short record took a fifth longer
// (docs/performance.md).
inline constexpr size_t kManyGroup = 16;

}  // namespace stave
