// Files whose keys follow one another, walked as one: a merge writes such files. Who looks for a
// key then looks into one of them.
#pragma once

#include <memory>
#include <vector>

#include "engine/cursor.h"
#include "engine/hint_file.h"

namespace stave {

struct Env;

struct ChainLink {
  std::shared_ptr<HintFile> hint;
  Bytes first_key, last_key;  // lent by the hint
};
// Each in ascending order of keys, none in two.
using HintChain = std::vector<ChainLink>;

// As few as can be. A file without entries, or of which the last key cannot be read, stands alone.
std::vector<HintChain> chains_of(const std::vector<std::shared_ptr<HintFile>>& hints);

// Goes on with a file's data where a hint turns out to be damaged (repairing_cursor.h).
std::unique_ptr<Cursor> chain_cursor(std::shared_ptr<Env> env,
                                     std::shared_ptr<const HintChain> chain);

}  // namespace stave
