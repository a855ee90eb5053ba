// The work of Store::verify: verify.cc has files and keydir, verify_hint.cc the hints.
//
// Threads: one Verifier is one call's.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/damage_scan.h"
#include "engine/run.h"
#include "engine/store.h"

namespace stave {

// The record at `offset`, checked.
bool read_record(const Segment& s, uint64_t offset, std::string* bytes, Record* r);

class Verifier {
 public:
  Verifier(Store& store, Snapshot snapshot, VerifyReport* report)
      : store_(store), snapshot_(std::move(snapshot)), report_(*report) {}

  Status run();

 private:
  void take_ranges(const RangeList& ranges);
  Status check_file(const std::shared_ptr<Segment>& segment, uint64_t tail);
  // *damaged: the extents without a valid record, in order.
  Status check_records(Segment& segment, uint64_t tail, std::vector<Damage>* damaged);
  // nullptr: there is none, or a problem that was told.
  Result<std::shared_ptr<HintFile>> open_hint(const std::shared_ptr<Segment>& segment);
  // *sorted: the hint's cursor if it may stand in for the run.
  Status check_hint(const std::shared_ptr<Segment>& segment, const std::shared_ptr<const Run>& run,
                    std::unique_ptr<Cursor>* sorted);
  // The same where there is no run, since the data is damaged.
  Status check_hint_of_damaged(const std::shared_ptr<Segment>& segment,
                               const std::vector<Damage>& damaged, std::unique_ptr<Cursor>* sorted);
  void check_hint_ranges(const Segment& segment, const HintFile& hint, const Run& run);
  void lend_cursor(HintFile& hint, std::unique_ptr<Cursor>* sorted);
  Status check_keydir();
  void check_slot(const HintEntry& e, const Segment& segment);
  // range_seq: of the newest range tombstone over the key.
  bool agrees(const HintEntry& e, uint64_t range_seq, const Segment& segment, bool* has);
  uint64_t newest_seq();
  [[nodiscard]] Status cancelled() const;
  void problem(uint64_t* counter, const std::string& text);
  void no_hint(const std::string& text);
  void lying_hint(const std::string& text);

  Store& store_;
  const Snapshot snapshot_;
  VerifyReport& report_;
  std::vector<std::unique_ptr<Cursor>> cursors_;  // of all files, for the keydir
  RangeList ranges_;                              // of all files, within the snapshot
  RangeCover cover_;
  size_t hint_cursors_ = 0;  // of those
  bool all_readable_ = true;
};

}  // namespace stave
