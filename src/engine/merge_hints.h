// What a merge walks of a file: its hint. A missing or damaged one is rebuilt from its data first;
// where there is no room for that, a sorted run in memory stands in.
#pragma once

#include <functional>
#include <memory>
#include <set>

#include "engine/hint_file.h"
#include "engine/range_deletes.h"

namespace stave {

struct Run;

class MergeIndex {
 public:
  // corrupt: the data file itself is damaged; *damaged is its id then.
  static Result<MergeIndex> open(Env& env, const std::shared_ptr<Segment>& segment,
                                 uint64_t* damaged);

  [[nodiscard]] std::unique_ptr<Cursor> cursor() const;
  [[nodiscard]] const RangeList& ranges() const;
  // Of the records that the cursor leads to.
  [[nodiscard]] uint64_t record_bytes() const;

 private:
  std::shared_ptr<Segment> segment_;
  std::shared_ptr<HintFile> hint_;  // or, if there is none,
  std::shared_ptr<const Run> run_;
};

// After a walk over several hints ended with corrupt: walks each alone and rebuilds what is bad.
Status repair_merge_hints(Env& env, const std::vector<std::shared_ptr<Segment>>& segments,
                          uint64_t* damaged);

// Writes the hints that sealed files still lack: those that recovery sealed, and those that found
// no room. Ends at the first that fails, but goes on behind a damaged file: that one is added to
// `damaged`, and left out where it is there already. cancelled when `stop` says so.
Status write_missing_hints(Env& env, const std::vector<std::shared_ptr<Segment>>& segments,
                           const std::function<bool()>& stop, std::set<uint64_t>* damaged);

// Writes the hint of every sealed file anew, and tells those that were missing or not what the data
// says. Goes on behind a damaged data file, and answers with the first.
Status remake_hints(Env& env, const std::vector<std::shared_ptr<Segment>>& segments,
                    const std::function<bool()>& stop);

}  // namespace stave
