// Walks the blocks [first, last) of a hint file: some blocks a pread, each verified.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "engine/hint_file.h"

namespace stave {

class HintCursor final : public Cursor {
 public:
  HintCursor(std::shared_ptr<HintFile> file, uint64_t first_block, uint64_t last_block);

  void seek(Bytes key) override;
  [[nodiscard]] const Status& status() const override { return status_; }
  [[nodiscard]] const std::shared_ptr<Segment>& segment() const override { return file_->segment_; }

 private:
  bool refill() override;
  // Opens block next_block_, reading ahead if it is not in the buffer.
  bool open_block();
  bool read_ahead();
  bool fail(const std::string& what);

  const std::shared_ptr<HintFile> file_;
  const uint64_t first_block_;
  const uint64_t last_block_;
  uint64_t next_block_;
  PageString buffer_;
  uint64_t buffer_block_ = 0, buffer_block_end_ = 0;  // the blocks in the buffer
  uint64_t read_ahead_;                               // bytes to read at once
  std::optional<HintBlockReader> reader_;
  bool block_started_ = false;
  bool at_entry_ = false;  // seek has found the entry that next() is to hand out
  Status status_;
};

}  // namespace stave
