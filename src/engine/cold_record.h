// A record that a call needs under the writer's mutex and that may have to come from the device:
// brought into memory before, with no lock held.
#pragma once

#include <algorithm>
#include <array>
#include <memory>

#include "engine/keydir_slot.h"
#include "engine/segment.h"

namespace stave {

class ColdRecord {
 public:
  // Under the mutex. True: let the mutex go, call fetch(), and look again. Once only, and not for
  // files that were just written.
  [[nodiscard]] bool wants(const Segment& s, uint64_t offset, unsigned cls) {
    if (done_ || !s.sealed()) return false;
    done_ = true;
    segment_ = s.shared_from_this();
    offset_ = offset;
    end_ = std::min(s.tail(), offset + size_class_max(cls));
    return true;
  }
  [[nodiscard]] bool waits() const { return segment_ != nullptr; }
  void fetch() {
    if (!segment_) return;
    constexpr uint64_t kPage = 4096;
    // A byte of each page; what cannot be read is told by who reads the record.
    std::array<char, 1> byte{};
    for (uint64_t at = offset_; at < end_; at += kPage - at % kPage) {
      if (const char* base = segment_->mapped()) {
        byte[0] = *static_cast<const volatile char*>(base + at);
      } else if (!segment_->read_exact(at, byte.data(), 1).ok()) {
        break;
      }
    }
    segment_.reset();
  }
  // Read it as it is.
  void skip() { done_ = true; }

 private:
  bool done_ = false;
  std::shared_ptr<const Segment> segment_;
  uint64_t offset_ = 0;
  uint64_t end_ = 0;
};

}  // namespace stave
