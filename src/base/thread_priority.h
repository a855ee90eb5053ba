// For background threads whose work can wait: this thread yields to others from now on, and does
// not push a running one aside when it wakes. A hint: where it cannot be had, nothing changes.
#pragma once

namespace stave {

void lower_this_thread();

}  // namespace stave
