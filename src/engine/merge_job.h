// One merge: the steps M1 to M8 of merge.h over a given set of input files.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/merge_copy.h"
#include "engine/merge_parts.h"
#include "engine/merge_swing.h"

namespace stave {

class MergeJob {
 public:
  // `began`: the files of the store before `before_id` (the oldest unsealed one) was asked for.
  MergeJob(const MergeParts& parts, MergeControl& control, RateLimiter& limiter,
           MergeProgress& progress, std::shared_ptr<const Version> began, SegmentList inputs,
           uint64_t before_id);

  // On failure nothing has changed, unless stranded() says so.
  Status run();

  [[nodiscard]] const SegmentList& outputs() const { return outputs_; }
  [[nodiscard]] const std::vector<TombstoneHolder>& holders() const { return holders_; }
  // After corrupt: the id of the damaged input, 0 if it is something else.
  [[nodiscard]] uint64_t damaged() const { return damaged_; }
  // MANIFEST has switched and slots still point into the inputs: they must live on, bound, and
  // the outputs must not be merged nor the keydir saved (their records look dead).
  [[nodiscard]] bool stranded() const { return switched_ && !retired_; }

 private:
  Status copy(std::unique_ptr<MergeOutput>& output);
  Status copy_once(MergeOutput& output);
  // The inputs' range tombstones that must live on.
  Status keep_ranges(TombstoneRule& rule, RangeList* kept);
  Status switch_manifest(MergeOutput& output);
  Status swing();
  Status retire(MergeSwing& swing);
  [[nodiscard]] SegmentList staying() const;

  const MergeParts& parts_;
  MergeControl& control_;
  RateLimiter& limiter_;
  MergeProgress& progress_;
  const std::shared_ptr<const Version> began_;
  const SegmentList inputs_;
  const uint64_t before_id_;
  const RangeList unswept_;          // when it began
  std::vector<MergeIndex> indexes_;  // of the inputs
  SegmentList outputs_;
  std::vector<TombstoneHolder> holders_;
  uint64_t expired_ = 0;
  uint64_t damaged_ = 0;
  bool switched_ = false;
  bool retired_ = false;
};

}  // namespace stave
