// Writes one hint file as a stream, under a temporary name until it is whole.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/status.h"
#include "engine/env.h"
#include "engine/segment.h"
#include "format/hint.h"

namespace stave {

class HintWriter {
 public:
  HintWriter(Env& env, const Segment& segment);
  ~HintWriter();  // takes away what was not finished
  HintWriter(const HintWriter&) = delete;
  HintWriter& operator=(const HintWriter&) = delete;

  Status create();
  void expect(uint64_t entries) { builder_.expect(entries); }
  // Keys strictly ascending.
  Status add(const HintEntry& e);
  void add_range_tombstone(const HintRangeTombstone& r) { builder_.add_range_tombstone(r); }
  // The counts of all operations are the caller's; file id, salt and length are the segment's.
  // With `sync` durably so.
  Status finish(HintSummary summary, bool sync);

 private:
  Status write(Bytes bytes);

  Env& env_;
  const Segment& segment_;
  const std::string path_;
  const std::string temporary_;
  std::unique_ptr<File> file_;
  uint64_t written_ = 0;
  HintBuilder builder_;
};

}  // namespace stave
