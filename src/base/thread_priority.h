// For background threads whose work can wait: how much a thread yields to others from now on. A
// hint: where it cannot be had, nothing changes.
#pragma once

#include <cstdint>

namespace stave {

enum class Yielding : uint8_t {
  much,    // next to a busy thread about a seventieth of a processor
  wholly,  // only what nobody else wants
};

void lower_this_thread(Yielding yielding);

}  // namespace stave
