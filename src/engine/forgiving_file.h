// A file whose unreadable blocks read as zeros, which no checksum takes for a record: for repair,
// which takes along what a failing device still gives.
#pragma once

#include "io/forwarding_file.h"

namespace stave {

class ForgivingFile final : public ForwardingFile {
 public:
  using ForwardingFile::ForwardingFile;

  // Blocks that could not be read so far; those read twice count twice.
  [[nodiscard]] uint64_t unreadable() const { return unreadable_; }

  Status read(uint64_t offset, void* to, size_t n, size_t* got) override;

 private:
  uint64_t unreadable_ = 0;
};

}  // namespace stave
