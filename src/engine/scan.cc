#include "engine/scan.h"

#include <algorithm>
#include <cstring>

namespace stave {

namespace {
constexpr uint64_t kChunk = 1 << 20;

bool all_zero(const char* from, uint64_t n) {
  return std::all_of(from, from + n, [](char c) { return c == 0; });
}
}  // namespace

Scanner::Scanner(File& file, uint32_t salt, uint64_t from, uint64_t to, Checksums checksums)
    : file_(file),
      salt_(salt),
      checksums_(checksums),
      to_(to),
      position_(from),
      buffer_offset_(from) {}

bool Scanner::fill(uint64_t need) {
  if (position_ + need <= buffer_offset_ + filled_) return true;
  if (need > kChunk) {
    // A damaged length must not make us allocate more than the file could ever fill.
    Result<uint64_t> size = file_.size();
    if (!size.ok()) {
      status_ = size.status();
      return false;
    }
    if (position_ + need > *size) return false;
  }
  const uint64_t kept = buffer_offset_ + filled_ - position_;
  const uint64_t capacity = std::min(std::max(need, kChunk), to_ - position_);
  const char* keep = buffer_.get() + (position_ - buffer_offset_);
  if (capacity > capacity_ || capacity_ > kChunk) {
    PageBuffer larger = make_page_buffer(capacity);
    if (kept != 0) std::memcpy(larger.get(), keep, kept);
    buffer_ = std::move(larger);
    capacity_ = capacity;
  } else if (kept != 0) {
    std::memmove(buffer_.get(), keep, kept);
  }
  buffer_offset_ = position_;
  filled_ = kept;
  size_t got = 0;
  status_ = file_.read(position_ + kept, buffer_.get() + kept, capacity - kept, &got);
  if (!status_.ok()) return false;
  filled_ += got;
  return need <= filled_;
}

Scanner::State Scanner::next(Scanned* out) {
  if (!status_.ok()) return State::error;
  if (inner_left_ != 0) {
    next_inner(out);
    return State::record;
  }
  if (position_ >= to_) return State::end;
  if (!fill(std::min<uint64_t>(kRecordHeaderSize, to_ - position_)) && !status_.ok()) {
    return State::error;
  }
  const char* p = at(position_);
  const uint64_t available = buffer_offset_ + filled_ - position_;
  if (available < kRecordHeaderSize) {
    return all_zero(p, available) ? State::end : State::invalid;
  }
  const auto kind = static_cast<Kind>(static_cast<uint8_t>(p[4]));
  const auto flags = static_cast<uint8_t>(p[5]);
  const uint64_t key_length = load_le<uint16_t>(p + 6);
  const uint64_t value_length = load_le<uint32_t>(p + 8);
  if (!record_shape_valid(kind, flags, key_length, value_length, load_le<uint64_t>(p + 12))) {
    return all_zero(p, kRecordHeaderSize) ? State::end : State::invalid;
  }
  if (flags & kFlagInner) return State::invalid;  // the remains of a torn batch
  const uint64_t size = record_size(key_length, value_length, flags & kFlagExpiry);
  if (size > to_ - position_) return State::invalid;
  if (!fill(size)) return status_.ok() ? State::invalid : State::error;
  return take_frame(kind, size, out);
}

Scanner::State Scanner::take_frame(Kind kind, uint64_t size, Scanned* out) {
  const char* const p = at(position_);
  const bool check = checksums_ == Checksums::check || kind == Kind::batch;
  const Parse parsed = check ? parse_record(p, size, salt_, &out->record, &size)
                             : parse_record_unchecked(p, size, &out->record, &size);
  if (parsed != Parse::ok) return State::invalid;
  out->offset = out->frame_offset = position_;
  out->size = size;
  out->frame_end = position_ + size;
  if (out->record.kind == Kind::batch) {
    if (!BatchReader::check(out->record, salt_)) return State::invalid;
    inner_left_ = load_le<uint32_t>(out->record.value.data());
    inner_ = position_ + kBatchHeaderSize;
    batch_offset_ = position_;
  }
  position_ += size;
  if (inner_left_ != 0) next_inner(out);
  return State::record;
}

void Scanner::next_inner(Scanned* out) {
  // position_ is the frame's end already; the frame stays in the buffer until it is used up.
  const Parse parsed =
      parse_record_unchecked(at(inner_), position_ - inner_, &out->record, &out->size);
  STAVE_CHECK(parsed == Parse::ok);  // the whole batch was checked
  out->offset = inner_;
  out->frame_offset = batch_offset_;
  out->frame_end = position_;
  inner_ += out->size;
  --inner_left_;
}

}  // namespace stave
