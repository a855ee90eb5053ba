#include "format/record.h"

namespace stave {

void encode_batch_header(char* to, uint32_t salt, uint8_t flags, uint64_t first_seq, uint32_t count,
                         uint64_t size) {
  STAVE_CHECK(size % kRecordAlign == 0 && size >= kBatchHeaderSize &&
              size - kBatchHeaderSize <= kBatchSizeMax);
  to[4] = static_cast<char>(Kind::batch);
  to[5] = static_cast<char>(flags);
  store_le<uint16_t>(to + 6, 0);
  store_le(to + 8, static_cast<uint32_t>(size - kRecordHeaderSize));
  store_le(to + 12, first_seq);
  store_le(to + kRecordHeaderSize, count);
  store_le(to, crc32c(salt, to + 4, size - 4));
}

BatchReader::BatchReader(const Record& batch, uint32_t salt)
    : value_(batch.value), salt_(salt), next_seq_(batch.seq) {
  if (value_.size() < 4) {
    valid_ = false;
    return;
  }
  count_ = load_le<uint32_t>(value_.data());
  valid_ = count_ > 0;
}

bool BatchReader::next(Record* out, uint64_t* offset, uint64_t* size) {
  if (!valid_) return false;
  if (seen_ == count_) {
    valid_ = position_ == value_.size();
    return false;
  }
  // Only the frame carries kFlagDurable: it is written in one piece with what it holds.
  const Parse parsed =
      parse_record(value_.data() + position_, value_.size() - position_, salt_, out, size);
  valid_ = parsed == Parse::ok && (out->kind == Kind::put || out->kind == Kind::tombstone) &&
           (out->flags & (kFlagDurable | kFlagInner)) == kFlagInner && out->seq == next_seq_;
  if (!valid_) return false;
  *offset = kRecordHeaderSize + position_;
  position_ += *size;
  ++next_seq_;
  ++seen_;
  return true;
}

bool BatchReader::check(const Record& batch, uint32_t salt) {
  BatchReader reader(batch, salt);
  Record inner;
  uint64_t offset = 0;
  uint64_t size = 0;
  while (reader.next(&inner, &offset, &size)) {
  }
  return reader.valid();
}

}  // namespace stave
