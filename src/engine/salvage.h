// Salvage: a damaged store is opened for reading as a repair would leave it, without changing a
// byte of it. What the repair would write is in memory (io/overlay_fs.h): of damaged files what can
// be read, indexes that are missing, and MANIFEST.
#pragma once

#include <memory>
#include <string>

#include "engine/repair.h"

namespace stave {

// *over: what the store is to be opened on, read-only.
Status open_salvage(Fs& fs, const Clock& clock, const std::string& dir, const Options& options,
                    std::shared_ptr<Fs>* over, RepairReport* report);

}  // namespace stave
