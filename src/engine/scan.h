// Reads a data file's records in order, by pread, a large chunk at a time.
#pragma once

#include <cstdint>

#include "base/page_allocator.h"
#include "base/status.h"
#include "format/record.h"
#include "io/fs.h"

namespace stave {

// One operation (put, tombstone, range tombstone, also inside a batch) or mark as the scanner
// hands it out.
struct Scanned {
  Record record;              // bytes valid until the next call of next()
  uint64_t offset = 0;        // of the record itself
  uint64_t size = 0;          // of the record itself, padded
  uint64_t frame_offset = 0;  // of the batch around it, else = offset
  uint64_t frame_end = 0;     // end of the batch around it, else of the record
};

enum class Checksums : uint8_t {
  check,
  skip,  // they were checked before, by this process: structure is enough (batches are checked)
};

class Scanner {
 public:
  // Scans [from, to) of `file`. A frame that does not fit below `to` is invalid.
  Scanner(File& file, uint32_t salt, uint64_t from, uint64_t to,
          Checksums checksums = Checksums::check);

  enum class State : uint8_t { record, end, invalid, error };
  // record: *out is set. end: `to` or a zero header was reached. invalid: what stands at
  // position() is no valid record. error: the read failed, status() tells. Batches are checked
  // as a whole before their first operation is handed out.
  State next(Scanned* out);
  // Where the next frame starts (inside a batch: after it); after end or invalid, the offset of the
  // first byte not used.
  [[nodiscard]] uint64_t position() const { return position_; }
  [[nodiscard]] const Status& status() const { return status_; }

 private:
  // Makes at least `need` bytes from position_ on available, or as many as there are (false).
  bool fill(uint64_t need);
  [[nodiscard]] const char* at(uint64_t offset) const {
    return buffer_.get() + (offset - buffer_offset_);
  }
  State take_frame(Kind kind, uint64_t size, Scanned* out);
  void next_inner(Scanned* out);

  File& file_;
  const uint32_t salt_;
  const Checksums checksums_;
  const uint64_t to_;
  uint64_t position_;
  PageBuffer buffer_;
  uint64_t capacity_ = 0;
  uint64_t filled_ = 0;
  uint64_t buffer_offset_ = 0;  // file offset of buffer_[0]
  // Inside a batch: the next inner record's place.
  uint64_t batch_offset_ = 0, inner_ = 0, inner_left_ = 0;
  Status status_;
};

}  // namespace stave
