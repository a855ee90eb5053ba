#include "engine/found_record.h"

#include <algorithm>

#include "engine/keydir_slot.h"

namespace stave {

Status FoundRecord::fetch(const Segment& s, uint64_t offset, unsigned cls) {
  segment_ = &s;
  offset_ = offset;
  const uint64_t tail = s.tail();
  if (offset >= tail) return corrupt_at(s, offset, "the keydir leads past the end of the file");
  if (const char* base = s.mapped()) {
    at_ = base + offset;
    readable_ = tail - offset;
    return {};
  }
  return read(tail - offset, cls);
}

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

Status FoundRecord::parse(Bytes key, bool verify, uint64_t* size) {
  const uint32_t salt = segment_->salt();
  Parse parsed = verify ? parse_record(at_, readable_, salt, &record_, size)
                        : parse_record_unchecked(at_, readable_, &record_, size);
  if (__builtin_expect(parsed == Parse::ok && record_.key == key, 1)) {
    if (record_.kind == Kind::put) return {};
    return corrupt_at(*segment_, offset_, "not the record of a put");
  }
  if (!verify && parsed == Parse::ok) {
    parsed = parse_record(at_, readable_, salt, &record_, size);
  }
  if (parsed == Parse::ok) return Status::answer(Code::not_found);
  return corrupt_at(*segment_, offset_, "the record's checksum or structure is wrong");
}

}  // namespace stave
