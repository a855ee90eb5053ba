// What an iterator or a held snapshot sees: taken in one step while nobody appends.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/catalog.h"

namespace stave {

struct Run;

struct Snapshot {
  std::shared_ptr<const Version> version;
  std::vector<uint64_t> tails;        // of each segment of the version
  uint64_t seq = 0;                   // operations above are not seen
  std::vector<uint64_t> last_seqs{};  // of each segment: the last operation inside, or 0
  uint64_t taken_at_ms = 0;           // for expiry; 0: as of when its sources are opened
  // Of each segment the runs that it had: they are let go of once a hint stands in for them, which
  // knows the newest operations only. Of none if there are none.
  std::vector<std::vector<std::shared_ptr<const Run>>> runs{};
};

}  // namespace stave
