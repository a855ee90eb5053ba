// Files whose keys follow one another, walked as one: a merge writes such files. Who looks for a
// key then looks into one of them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/cursor.h"
#include "engine/hint_file.h"

namespace stave {

// Each in ascending order of keys, none in two, by the files' numbers in `hints`. As few as can be.
// A file without entries, or of which the last key cannot be read, stands alone.
std::vector<std::vector<size_t>> chains_of(const std::vector<std::shared_ptr<HintFile>>& hints);

struct ChainLink {
  Bytes first_key, last_key;  // of a HintFile that outlives the cursor
  std::unique_ptr<Cursor> cursor;
};

// Two links at least, the lowest keys first.
class ChainCursor final : public Cursor {
 public:
  explicit ChainCursor(std::vector<ChainLink> links);
  void seek(Bytes key) override;
  void seek_down(Bytes key) override;
  [[nodiscard]] const Status& status() const override { return status_; }
  [[nodiscard]] const std::shared_ptr<Segment>& segment() const override {
    return links_[at_].cursor->segment();
  }

 private:
  bool refill() override;
  void start(bool down);
  bool go_on();

  std::vector<ChainLink> links_;
  size_t at_ = 0;
  bool down_ = false;
  bool ended_ = true;
  bool lent_ = false;
  bool switched_ = false;  // no entry of this link was lent yet, but one of another
  uint64_t code_ = 0;
  std::string last_key_;  // lent last
  Status status_;
};

}  // namespace stave
