// Rule M7: whether a tombstone is still needed.
//
// It is, as long as a file that stays may hold an older put of the key: loading that file
// without the tombstone would bring the value back. An older tombstone there, or a put that is
// itself newer, needs no help. Everything unclear (an unsealed file's index, an unreadable
// hint) counts as yes.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/catalog.h"
#include "engine/env.h"
#include "engine/hint_file.h"

namespace stave {

// A file for whose sake tombstones were kept, as it was then.
struct TombstoneHolder {
  uint64_t file_id = 0;
  bool sealed = false;
};

class TombstoneRule {
 public:
  // `staying`: every file of the store that is not merged away, unsealed ones too. Files that
  // come later hold only newer operations.
  TombstoneRule(Env& env, SegmentList staying);

  [[nodiscard]] bool must_keep(Bytes key, uint64_t seq);
  // The same for a range tombstone of which all slots have been swept. Where `stop`, asked every
  // some thousand entries, says so, yes.
  [[nodiscard]] bool must_keep(const HintRangeTombstone& range,
                               const std::function<bool()>& stop = {});
  // Those that have made must_keep say yes.
  [[nodiscard]] std::vector<TombstoneHolder> holders() const;

 private:
  struct Staying {
    std::shared_ptr<Segment> segment;
    bool sealed = false;
    bool tried = false;
    bool holds = false;
    std::shared_ptr<HintFile> hint;  // opened when first asked; null after: unreadable
  };
  // Whether there is anything older, and no more to say without the file's hint.
  bool older(Staying& file, uint64_t seq, bool* undecided);
  bool may_hold_older_put(Staying& file, Bytes key, uint64_t seq);
  bool may_hold_older_put(Staying& file, const HintRangeTombstone& range,
                          const std::function<bool()>& stop);

  Env& env_;
  std::vector<Staying> staying_;
  std::string key_storage_;
};

}  // namespace stave
