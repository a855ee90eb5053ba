// For background threads whose work can wait: this thread yields to others from now on. Next to a
// busy thread it has about a seventieth of a processor. A hint: where it cannot be had, nothing
// changes.
#pragma once

namespace stave {

void lower_this_thread();

}  // namespace stave
