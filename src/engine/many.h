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

// Keys whose cells and records are fetched at once. A processor has 10 to 16 misses under way;
// twice as many keys keep it busy from end to end of a group, and more gave nothing.
inline constexpr size_t kManyGroup = 32;

}  // namespace stave
