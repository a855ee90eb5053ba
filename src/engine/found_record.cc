#include "engine/found_record.h"

#include <algorithm>

#include "engine/keydir_slot.h"

namespace stave {

// One pread of the class's largest size; a second only for what the loader's classes understate.
Status FoundRecord::read(uint64_t available, unsigned cls) {
  uint64_t n = std::min(available, size_class_max(cls));
  while (true) {
    char* to = small_;
    if (n > kSmall) {
      large_.resize(n);
      to = large_.data();
    }
    STAVE_RETURN_IF_ERROR(segment_->read_exact(offset_, to, n));
    at_ = to;
    readable_ = n;
    if (n < kRecordHeaderSize) return {};
    const uint64_t size = record_size(load_le<uint16_t>(to + 6), load_le<uint32_t>(to + 8),
                                      static_cast<uint8_t>(to[5]) & kFlagExpiry);
    if (size <= n || size > available) return {};
    n = size;
  }
}

// Another key's record with a good checksum is a collision: an ordinary miss.
Status FoundRecord::explain(bool checked, Parse parsed, Bytes key) {
  if (parsed == Parse::ok && record_.key == key) {
    return corrupt_at(*segment_, offset_, "not the record of a put");
  }
  uint64_t size = 0;
  if (!checked && parsed == Parse::ok) {
    parsed = parse_record(at_, readable_, segment_->salt(), &record_, &size);
  }
  if (parsed == Parse::ok) return Status::answer(Code::not_found);
  return corrupt_at(*segment_, offset_, "the record's checksum or structure is wrong");
}

Status FoundRecord::beyond_end() const {
  return corrupt_at(*segment_, offset_, "the keydir leads past the end of the file");
}

}  // namespace stave
