// Range tombstones, flattened: for any key the newest of those over it, by one binary search.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "format/hint.h"

namespace stave {

class RangeCover {
 public:
  RangeCover() = default;
  explicit RangeCover(const std::vector<HintRangeTombstone>& ranges);
  [[nodiscard]] bool empty() const { return steps_.empty(); }
  // The highest seq of a range that has the key in it; 0: none has.
  [[nodiscard]] uint64_t seq_over(Bytes key) const;

 private:
  struct Step {  // holds from `from` up to the next step's
    std::string from;
    uint64_t seq = 0;
  };
  std::vector<Step> steps_;
};

}  // namespace stave
