// Random walks of an iterator beside a std::map: every step must stand where the map says.
#pragma once

#include <cstdint>
#include <random>

#include "engine/iterator.h"
#include "model/reference.h"

namespace stave::test {

// A range, a direction, a limit: most of them of some use.
IterateOptions random_range(std::mt19937_64& random);
// `state` is all that the iterator, new with these options, may see. Fails by RC_ASSERT.
void walk(Iterator& it, const IterateOptions& options, const State& state, std::mt19937_64& random);

}  // namespace stave::test
