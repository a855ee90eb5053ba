// Steps M1 and M2: walks the inputs' hints in key order, decides what is live, and copies it.
//
// Of each key only the newest entry among the inputs matters. A put is live exactly if its
// key's slot holds its address. Whatever is not live has been superseded by an operation that
// stays in the log or in another file (and M3 makes that durable before the inputs go).
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/merge_control.h"
#include "engine/merge_hints.h"
#include "engine/merge_parts.h"
#include "engine/merge_pipe.h"
#include "engine/merge_tombstones.h"
#include "engine/rate_limiter.h"

namespace stave {

// Counted up by the merging thread, read by any.
struct MergeProgress {
  std::atomic<uint64_t> bytes_read{0};
  std::atomic<uint64_t> bytes_written{0};
  std::atomic<uint64_t> done{0};  // bytes of the inputs' records that were judged
  std::atomic<uint64_t> total{0};
};

class MergeCopy {
 public:
  MergeCopy(const MergeParts& parts, MergeControl& control, RateLimiter& limiter,
            MergeProgress& progress, TombstoneRule& tombstones, MergeOutput& output);

  Status run(const SegmentList& inputs, const std::vector<MergeIndex>& indexes);

  // Live records that had expired: their slots are to be erased at the swing.
  [[nodiscard]] uint64_t expired() const { return expired_; }
  // After corrupt: the id of the file whose data is damaged; 0: a hint was.
  [[nodiscard]] uint64_t damaged() const { return damaged_; }

 private:
  // Entries wait in small batches, so that the slots of all of them are on their way from
  // memory when the first is looked at.
  struct Candidate {
    Segment* segment;
    HintEntry entry;  // key: set when the batch is judged
    uint64_t key_at;
    size_t key_length;
    Digest digest;
  };
  static constexpr size_t kBatch = 64;

  void note(const HintEntry& e, Segment* segment);
  Status judge_batch();
  Status judge(const Candidate& c, uint64_t reclaim_ms);
  Status copy(const Candidate& c);
  Status keep_tombstone(const Candidate& c);
  Status flush();

  const MergeParts& parts_;
  MergeControl& control_;
  RateLimiter& limiter_;
  MergeProgress& progress_;
  TombstoneRule& tombstones_;
  MergePipe pipe_;
  std::vector<Candidate> batch_;
  std::string batch_keys_;
  uint64_t hint_bytes_ = 0;  // walked and not yet charged to the limiter; an estimate
  uint64_t expired_ = 0;
  uint64_t damaged_ = 0;
};

}  // namespace stave
