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

namespace {
bool in_bounds(uint64_t seq, uint64_t value_length, uint64_t offset) {
  return seq != 0 && value_length <= kValueSizeMax && offset >= kFileHeaderSize / kRecordAlign &&
         offset < kFileSizeLimit / kRecordAlign;
}
}  // namespace

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
  if (!ascends || !in_bounds(seq, value_length, offset)) return false;
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

namespace {

constexpr size_t kNumberMax = 8;
constexpr size_t kHeadMax = 3 + 4 * kNumberMax;

// What nearly every entry is: with short keys, and no number of nine bytes.
struct UsualEntry {
  Kind kind;
  size_t shared, rest;
  uint64_t seq_step;
  uint64_t offset;  // in units
  uint64_t value_length, expires_at_ms;
  const char* suffix;
};

// Of kHeadMax bytes that can be read. False: something else.
inline bool read_head(const char* at, UsualEntry* e) {
  const auto head = static_cast<uint8_t>(at[0]);
  e->kind = static_cast<Kind>(head & hint::kKindMask);
  e->shared = static_cast<uint8_t>(at[1]);
  e->rest = static_cast<uint8_t>(at[2]);
  at += 3;
  bool usual = (e->shared | e->rest) < 128 && e->rest != 0;
  const auto number = [&](uint64_t* out) {
    const size_t size = load_varint(at, out);
    at += size;
    usual = usual && size != 0 && (size == 1 || at[-1] != 0);  // the shortest form
  };
  number(&e->seq_step);
  number(&e->offset);
  e->value_length = e->expires_at_ms = 0;
  switch (head) {
    case static_cast<uint8_t>(Kind::put):
      number(&e->value_length);
      break;
    case static_cast<uint8_t>(Kind::put) | hint::kExpiry:
      number(&e->value_length);
      number(&e->expires_at_ms);
      usual = usual && e->expires_at_ms != 0;
      break;
    case static_cast<uint8_t>(Kind::tombstone):
      break;
    default:
      return false;
  }
  e->suffix = at;
  return usual;
}

// What stands at `at`, behind a key of so many bytes.
inline bool read_usual(const char* at, const char* end, size_t last_size, UsualEntry* e) {
  return static_cast<size_t>(end - at) >= kHeadMax && read_head(at, e) && e->shared <= last_size &&
         e->rest <= static_cast<size_t>(end - e->suffix);
}

}  // namespace

size_t HintBlockReader::next_some(size_t n, HintEntry* entries, uint64_t* shared,
                                  GrowingBytes* keys) {
  const char* at = bytes_.data() + position_;
  const char* const end = bytes_.data() + bytes_.size();
  Bytes last = key_;
  uint64_t seq = entry_.seq;
  size_t taken = 0;
  UsualEntry e;
  while (taken < n && !damaged_ && read_usual(at, end, last.size(), &e)) {
    // Not above the key before, or alike in more bytes than it says.
    if (e.shared < last.size() &&
        static_cast<uint8_t>(e.suffix[0]) <= static_cast<uint8_t>(last[e.shared])) {
      break;
    }
    const uint64_t next_seq = seq + unzigzag(e.seq_step);
    if (!in_bounds(next_seq, e.value_length, e.offset)) break;
    const size_t size = e.shared + e.rest;
    if (size > keys->room()) break;
    char* const key = keys->extend(size);
    copy_short(key, last.data(), e.shared);
    copy_short(key + e.shared, e.suffix, e.rest);
    last = Bytes(key, size);
    seq = next_seq;
    entries[taken] = {
        last,           e.kind, seq, e.offset * kRecordAlign, static_cast<uint32_t>(e.value_length),
        e.expires_at_ms};
    shared[taken++] = e.shared;
    at = e.suffix + e.rest;
  }
  if (taken == 0) return 0;
  key_.assign(last);  // can throw, so it comes first
  position_ = static_cast<size_t>(at - bytes_.data());
  entry_ = entries[taken - 1];
  entry_.key = key_;
  shared_ = shared[taken - 1];
  return taken;
}

size_t HintBlockReader::skip_below(Bytes bound) {
  size_t alike = common_prefix(key_, bound);
  const char* at = bytes_.data() + position_;
  const char* const end = bytes_.data() + bytes_.size();
  UsualEntry e;
  // What is unusual ends the loop: next() reads it.
  while (!damaged_ && read_usual(at, end, key_.size(), &e)) {
    // Keys ascend, so one that shares less with the key before than the bound does is above it.
    if (e.shared < alike) break;
    if (e.shared == alike) {
      const Bytes suffix(e.suffix, e.rest);
      const Bytes left = bound.substr(alike);
      const size_t more = common_prefix(suffix, left);
      if (suffix.substr(more) >= left.substr(more)) break;
      alike += more;
    }
    if (key_.size() != e.shared + e.rest) key_.resize(e.shared + e.rest);
    std::memcpy(key_.data() + e.shared, e.suffix, e.rest);
    entry_.seq += unzigzag(e.seq_step);
    at = e.suffix + e.rest;
  }
  position_ = static_cast<size_t>(at - bytes_.data());
  entry_.key = key_;
  return alike;
}

}  // namespace stave
