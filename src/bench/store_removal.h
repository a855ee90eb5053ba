// Removes what a run has stored. One unlink after the other, a file for each key takes half a
// minute on a disk that discards freed blocks or is busy; several threads wait for it together.
#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace stave::bench {

// All that is at and below `path`; what cannot be removed stays. If it takes longer than
// `patience` (0: in any case), calls `say`, and then again, until `say` returns true.
void remove_stores(const std::string& path, const std::function<bool()>& say,
                   std::chrono::milliseconds patience = std::chrono::seconds(1));

// "PROGRAM: removing the stores..." on standard error, in place of a progress bar.
bool say_removing(const std::string& program);

}  // namespace stave::bench
