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

}  // namespace stave
