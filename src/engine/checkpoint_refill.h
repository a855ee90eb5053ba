// Fills a keydir's damaged shards again from the files that its checkpoint spoke of
// (Keydir::set_repair): hints where they are good, else the records themselves.
#pragma once

#include <memory>
#include <unordered_map>

#include "engine/catalog.h"
#include "engine/digest.h"
#include "engine/env.h"
#include "engine/keydir.h"
#include "engine/open_files.h"
#include "format/checkpoint.h"

namespace stave {

class HintFile;

class CheckpointRefill {
 public:
  // `hasher` must outlive it.
  CheckpointRefill(std::shared_ptr<Env> env, const Checkpoint& checkpoint, const Hasher& hasher,
                   OpenFor purpose);

  // `now`: the files of today. What is not the checkpoint's holds no operation on a wanted key,
  // nor does what merges have taken away: replaying, putting and merging touch the shard of every
  // key that they meet, and so had it verified while those files were there.
  Status operator()(const SegmentList& now, KeydirPatch& patch) const;

 private:
  struct Source {
    std::shared_ptr<Segment> segment;
    uint64_t covered = 0;
    std::shared_ptr<HintFile> hint;  // null: the records have to be read
    // covered == 0: for its range tombstones alone
  };
  class Work;

  const std::shared_ptr<Env> env_;
  const Hasher& hasher_;
  const OpenFor purpose_;
  std::unordered_map<uint64_t, uint64_t> covered_;  // by file id
};

}  // namespace stave
