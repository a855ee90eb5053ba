// A cursor walks operations in ascending key order; where one source holds several operations
// on a key (runs of an unsealed file do), newest seq first.
#pragma once

#include <memory>
#include <vector>

#include "engine/segment.h"
#include "format/hint.h"

namespace stave {

class Cursor {
 public:
  virtual ~Cursor() = default;
  // To the first entry at or after `key` (empty: the very first). Leaves the cursor before it:
  // call next().
  virtual void seek(Bytes key) = 0;
  // False at the end or on an error: look at status().
  virtual bool next() = 0;
  // Valid until the next next() or seek().
  [[nodiscard]] virtual const HintEntry& entry() const = 0;
  [[nodiscard]] virtual const Status& status() const = 0;
  // The file that entry() stands in.
  [[nodiscard]] virtual const std::shared_ptr<Segment>& segment() const = 0;
};

// All sources' entries in one order: key ascending, then seq descending. An error of any source
// ends it with that error.
class MergingCursor final : public Cursor {
 public:
  explicit MergingCursor(std::vector<std::unique_ptr<Cursor>> sources);
  void seek(Bytes key) override;
  bool next() override;
  [[nodiscard]] const HintEntry& entry() const override;
  [[nodiscard]] const Status& status() const override { return status_; }
  [[nodiscard]] const std::shared_ptr<Segment>& segment() const override;

 private:
  struct Head {
    uint64_t word = 0;  // the key's first bytes as a number: most comparisons end there
    Cursor* source = nullptr;
  };
  static bool before(const Head& a, const Head& b);
  // Moves the source on; false if it has no more entries (or failed).
  static bool advance(Head* head);
  void fill_heap();
  void sift_down(size_t hole);

  std::vector<std::unique_ptr<Cursor>> sources_;
  std::vector<Head> heap_;  // a binary heap, smallest first
  bool started_ = false;
  Status status_;
};

}  // namespace stave
