// The data files that one merge writes, with their hints.
//
// A file begins with the first record there is for it, so a merge that keeps nothing needs no
// space. Each is finished (synced, hint written, given its addresses) before the next begins.
// Until take() all of it can be discarded without a trace.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "engine/address_space.h"
#include "engine/catalog.h"
#include "engine/env.h"
#include "engine/merge_fetch.h"
#include "engine/range_deletes.h"

namespace stave {

class MergeOutput {
 public:
  MergeOutput(std::shared_ptr<Env> env, Catalog& catalog, AddressSpace& space);
  ~MergeOutput();  // discards what was not taken
  MergeOutput(const MergeOutput&) = delete;
  MergeOutput& operator=(const MergeOutput&) = delete;

  // Before all windows: range tombstones, which keep their numbers.
  Status add_ranges(const RangeList& ranges);
  // Appends a fetched window. Records are counted as live, subject to the swing. sync_often:
  // write back as we go, so that the last sync is no burst of a whole file.
  Status append(MergeWindow& window, bool sync_often);
  // Everything is on disk afterwards but the directory's entries.
  Status finish();

  // The finished files: sealed, bound in the address space, not yet in the catalog.
  [[nodiscard]] const SegmentList& files() const { return finished_; }
  // From now on they are the catalog's, or (forget: the MANIFEST's state is uncertain) at least
  // not ours to unlink.
  void take() { finished_.clear(); }
  void forget();

 private:
  struct Current;
  Status begin();
  Status add_range(const HintRangeTombstone& range);
  Status write_run(const char* from, uint64_t length);
  Status place(MergeWindow& window, const WindowEntry& e);
  Status finish_current();
  [[nodiscard]] bool is_full(uint64_t size) const;
  void release(const SegmentList& files);

  const std::shared_ptr<Env> env_;
  Catalog& catalog_;
  AddressSpace& space_;
  std::unique_ptr<Current> current_;
  SegmentList finished_;
};

}  // namespace stave
