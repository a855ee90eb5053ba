#include <cstring>

#include "base/key_code.h"
#include "format/file_header.h"
#include "format/hint.h"
#include "format/hint_layout.h"
#include "format/varint.h"

namespace stave {

HintBlockReader::HintBlockReader(Bytes bytes) {
  damaged_ = bytes.size() <= hint::kCrcSize || !hint::checksum_valid(bytes);
  if (!damaged_) bytes_ = bytes.substr(0, bytes.size() - hint::kCrcSize);
}

bool HintBlockReader::next() {
  if (damaged_ || position_ == bytes_.size()) return false;
  ByteReader c(bytes_.substr(position_));
  damaged_ = true;  // until the whole entry has been found good
  uint8_t head = 0;
  uint64_t shared = 0, rest = 0, seq_step = 0, offset = 0, value_length = 0, expires_at_ms = 0;
  if (!c.byte(&head) || !c.varint(&shared) || !c.varint(&rest) || !c.varint(&seq_step) ||
      !c.varint(&offset)) {
    return false;
  }
  const Kind kind = static_cast<Kind>(head & hint::kKindMask);
  const bool expiry = head & hint::kExpiry;
  if (head & ~(hint::kKindMask | hint::kExpiry)) return false;
  if (kind != Kind::put && (kind != Kind::tombstone || expiry)) return false;
  if (kind == Kind::put && !c.varint(&value_length)) return false;
  if (expiry && (!c.varint(&expires_at_ms) || expires_at_ms == 0)) return false;

  Bytes suffix;
  if (shared > key_.size() || rest > kKeySizeMax - shared || !c.bytes(rest, &suffix)) {
    return false;
  }
  const uint64_t seq = entry_.seq + unzigzag(seq_step);
  // A key without further bytes would not ascend either. Mostly the first byte decides.
  const bool ascends = rest != 0 && shared < key_.size() && suffix[0] != key_[shared]
                           ? static_cast<uint8_t>(suffix[0]) > static_cast<uint8_t>(key_[shared])
                           : Bytes(key_).substr(shared) < suffix;
  if (!ascends || seq == 0 || value_length > kValueSizeMax ||
      offset < kFileHeaderSize / kRecordAlign || offset >= kFileSizeLimit / kRecordAlign) {
    return false;
  }
  // Builders share all they can, but nothing says that they must.
  shared_ = shared;
  if (shared < key_.size() && suffix[0] == key_[shared]) {
    shared_ += common_prefix(Bytes(key_).substr(shared), suffix);
  }
  if (key_.size() != shared + rest) key_.resize(shared + rest);
  std::memcpy(key_.data() + shared, suffix.data(), rest);
  entry_ = {key_,         kind, seq, offset * kRecordAlign, static_cast<uint32_t>(value_length),
            expires_at_ms};
  position_ += c.position();
  damaged_ = false;
  return true;
}

size_t HintBlockReader::skip_below(Bytes bound) {
  constexpr size_t kNumber = 8;
  constexpr size_t kHeadMax = 3 + 4 * kNumber;  // read without a look at the end
  constexpr auto kTombstone = static_cast<uint8_t>(Kind::tombstone);
  constexpr auto kPut = static_cast<uint8_t>(Kind::put);
  size_t alike = common_prefix(key_, bound);
  const char* at = bytes_.data() + position_;
  const char* const end = bytes_.data() + bytes_.size();
  // What is unusual ends the loop: next() reads it.
  while (!damaged_ && static_cast<size_t>(end - at) >= kHeadMax) {
    const auto head = static_cast<uint8_t>(at[0]);
    const size_t shared = static_cast<uint8_t>(at[1]);
    const size_t rest = static_cast<uint8_t>(at[2]);
    if (head != kPut && head != (kPut | hint::kExpiry) && head != kTombstone) break;
    // Keys ascend, so one that shares less with the key before than the bound does is above it.
    if ((shared | rest) >= 128 || shared > key_.size() || shared < alike) break;
    const char* next = at + 3;
    uint64_t seq_step = 0;
    uint64_t unused = 0;
    const size_t seq_size = load_varint(next, &seq_step);
    if (seq_size == 0) break;
    next += seq_size;
    // Of a tombstone the offset, of a put also the value's length and, where it has one, the
    // expiry.
    const unsigned others = head == kTombstone ? 1 : head == kPut ? 2 : 3;
    bool usual = true;
    for (unsigned i = 0; i < others; ++i) {
      const size_t size = load_varint(next, &unused);
      usual = usual && size != 0;
      next += size;
    }
    if (!usual || rest > static_cast<size_t>(end - next)) break;
    const Bytes suffix(next, rest);
    if (shared == alike) {
      const Bytes left = bound.substr(alike);
      const size_t more = common_prefix(suffix, left);
      if (suffix.substr(more) >= left.substr(more)) break;
      alike += more;
    }
    if (key_.size() != shared + rest) key_.resize(shared + rest);
    std::memcpy(key_.data() + shared, suffix.data(), rest);
    entry_.seq += unzigzag(seq_step);
    at = next + rest;
  }
  position_ = static_cast<size_t>(at - bytes_.data());
  entry_.key = key_;
  return alike;
}

}  // namespace stave
