// The get of nearly every call: a put's record in a mapping, whole, of this key, without expiry.
#pragma once

#include "engine/segment.h"

namespace stave {

// False: something is out of the ordinary (Store::find says what), and *value is not set.
[[nodiscard]] inline bool plain_value(const Segment& s, uint64_t offset, bool verify, Bytes key,
                                      Bytes* value) {
  const uint64_t tail = s.tail();
  if (__builtin_expect(s.mapped() == nullptr || offset >= tail, 0)) return false;
  const char* const at = s.mapped() + offset;
  Record r;
  uint64_t size = 0;
  const Parse parsed = verify ? parse_record(at, tail - offset, s.salt(), &r, &size)
                              : parse_record_unchecked(at, tail - offset, &r, &size);
  if (__builtin_expect(
          parsed != Parse::ok || r.key != key || r.kind != Kind::put || r.expires_at_ms != 0, 0)) {
    return false;
  }
  *value = r.value;
  return true;
}

}  // namespace stave
