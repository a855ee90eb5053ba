// Walks the blocks [first, last) of a hint file: some blocks at a time, each verified, and of it
// some entries.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/hint_file.h"

namespace stave {

class HintCursor final : public Cursor {
 public:
  HintCursor(std::shared_ptr<HintFile> file, uint64_t first_block, uint64_t last_block);

  void seek(Bytes key) override;
  void seek_down(Bytes key) override;
  [[nodiscard]] const Status& status() const override { return status_; }

 private:
  bool refill() override;
  void start(bool down, Bytes key, uint64_t next_block);
  // Opens a block, reading ahead if it is not in the buffer.
  bool open_block(uint64_t block);
  bool read_ahead(uint64_t block);
  // The block's next entry, checked. False at its end, when that was checked too, or on an error.
  bool next_in_block();
  bool below_bound(bool first_in_block);
  void take(bool first_in_block);
  bool take_usual(size_t most);
  void drop_taken();
  void place_keys();
  bool take_some();
  bool take_block_below();
  bool take_last();
  bool fail(const std::string& what);

  const std::shared_ptr<HintFile> file_;
  const uint64_t first_block_;
  const uint64_t last_block_;
  bool down_ = false;
  uint64_t next_block_;  // to open next, or, downwards, the one after that
  PageString buffer_;
  Bytes window_;                                      // some blocks, in the buffer or mapped
  uint64_t window_block_ = 0, window_block_end_ = 0;  // which
  uint64_t read_ahead_;                               // bytes to read at once
  bool sought_ = false;                               // a key, and nothing was read since
  std::optional<HintBlockReader> reader_;
  uint64_t block_ = 0;  // reader_'s
  bool block_started_ = false;
  std::string bound_;         // sought: entries before it are passed over; empty: none are
  size_t bound_shared_ = 0;   // bytes that it has in common with the entry passed over last
  size_t left_in_block_ = 0;  // downwards: entries of it that were not handed out yet
  size_t batch_size_;
  // Lent: the first `taken_` entries, their codes, and the keys.
  size_t taken_ = 0;
  std::vector<HintEntry> entries_;
  std::vector<uint64_t> codes_;
  GrowingBytes keys_;
  std::string last_key_;  // of the batch before
  Status status_;
};

}  // namespace stave
