// Step M5: leads the keydir's slots from the inputs to the outputs, by compare-and-swap.
//
// The old address of a copied record is not remembered: a slot of its key that points into any
// input is that very one. Among the inputs only the record that was found live has a slot, a
// later put goes to a log file (which is no input), and no other merge moves records meanwhile.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_set>

#include "engine/hint_file.h"
#include "engine/keydir_callback.h"
#include "engine/merge_parts.h"

namespace stave {

class MergeSwing {
 public:
  MergeSwing(const MergeParts& parts, const SegmentList& inputs);

  // Swings the slots of all puts of one output. A put that came meanwhile wins, and the copy is
  // counted dead.
  Status to_output(Segment& output, Cursor& cursor);
  // Erases the slots that still point to expired records of an input, after all outputs were
  // swung: a copied record has no slot there any more.
  Status erase_expired(const Segment& input, Cursor& cursor);
  // Slots that point into an input now, by a walk over the whole keydir.
  [[nodiscard]] uint64_t slots_left();

 private:
  struct Put {
    Digest digest;
    uint64_t address;
    unsigned size_class;
  };
  Status each_put(const Segment& segment, Cursor& cursor, bool only_expiring,
                  Callback<void(const Put&)> act);
  [[nodiscard]] Segment* input_at(uint64_t address) const;

  const MergeParts& parts_;
  std::unordered_set<Segment*> inputs_;
};

}  // namespace stave
