#include "engine/damage_scan.h"

#include <algorithm>
#include <string>

namespace stave {
namespace {

constexpr uint64_t kWindowFirst = 4 << 10;
constexpr uint64_t kWindowMax = 1 << 20;

}  // namespace

DamageScan::DamageScan(const Segment& segment, uint64_t to) : segment_(segment), to_(to) {
  auto size = segment.file().size();
  status_ = size.status();
  if (!size.ok()) return;
  end_ = std::min(to, *size);
  scanner_.emplace(segment.file(), segment.salt(), at_, end_);
}

DamageScan::State DamageScan::next(Scanned* out, Damage* damage) {
  while (status_.ok()) {
    if (!found_.empty()) {
      *damage = found_.front();
      found_.pop_front();
      return State::damage;
    }
    if (scanner_) {
      const Scanner::State state = scanner_->next(out);
      if (state == Scanner::State::record) {
        at_ = out->frame_end;
        if (out->record.kind != Kind::mark) last_seq_ = out->record.seq;
        return State::record;
      }
      status_ = scanner_->status();
      scanner_.reset();
      continue;
    }
    if (at_ >= end_) return finish(damage);
    bool inner = false;
    status_ = step(out, &inner);
    if (inner && status_.ok()) return State::record;
  }
  return State::error;
}

DamageScan::State DamageScan::finish(Damage* damage) {
  end_batch();
  if (at_ < to_ && found_.empty()) {  // the file is shorter than it should be
    found_.push_back({at_, to_ - at_});
    at_ = to_;
  }
  if (found_.empty()) return State::end;
  *damage = found_.front();
  found_.pop_front();
  return State::damage;
}

DamageScan::Header DamageScan::header_of(const char* bytes, uint64_t offset) const {
  Header h;
  h.kind = static_cast<Kind>(static_cast<uint8_t>(bytes[4]));
  h.flags = static_cast<uint8_t>(bytes[5]);
  h.seq = load_le<uint64_t>(bytes + 12);
  const uint64_t key_length = load_le<uint16_t>(bytes + 6);
  const uint64_t value_length = load_le<uint32_t>(bytes + 8);
  if (!record_shape_valid(h.kind, h.flags, key_length, value_length, h.seq)) return h;
  const uint64_t size = record_size(key_length, value_length, h.flags & kFlagExpiry);
  if (size <= end_ - offset) h.size = size;
  std::copy_n(bytes, sizeof h.bytes, h.bytes);
  return h;
}

Status DamageScan::read_header(uint64_t offset, Header* out) const {
  *out = {};
  if (end_ - offset < kRecordHeaderSize) return {};
  char bytes[kRecordHeaderSize];
  STAVE_RETURN_IF_ERROR(segment_.read_exact(offset, bytes, sizeof bytes));
  *out = header_of(bytes, offset);
  return {};
}

Status DamageScan::is_record(const Header& h, uint64_t offset, bool* yes) {
  *yes = false;
  if (h.size == 0 || distrust_ == offset) return {};
  // A copy of older records of this file, stored as a value in it.
  const bool rises = h.kind == Kind::mark || h.seq > last_seq_;
  if (!rises && segment_.header().origin == Origin::log) return {};
  if (!checksum_) checksum_.emplace(segment_, at_);
  return checksum_->valid(h.bytes, offset, h.size, yes);
}

Status DamageScan::step(Scanned* out, bool* inner) {
  Header h;
  STAVE_RETURN_IF_ERROR(read_header(at_, &h));
  bool valid = false;
  STAVE_RETURN_IF_ERROR(is_record(h, at_, &valid));
  if (valid && !(h.flags & kFlagInner)) {
    end_batch();
    behind_damage_ = false;
    distrust_ = at_;  // if the scanner does not take it either, it is damage
    scanner_.emplace(segment_.file(), segment_.salt(), at_, end_);
    return {};
  }
  if (batch_ && at_ >= batch_end_) end_batch();
  if (valid && behind_damage_) {
    *inner = true;
    *out = {};
    out->record.kind = h.kind;
    out->record.flags = h.flags;
    out->record.seq = last_seq_ = h.seq;
    out->offset = out->frame_offset = at_;
    out->size = h.size;
    at_ += h.size;
    out->frame_end = at_;
    return {};
  }
  if (h.kind == Kind::batch && h.size != 0 && distrust_ != at_) {
    end_batch();
    batch_ = at_;
    batch_end_ = at_ + h.size;
    behind_damage_ = true;
    at_ += kBatchHeaderSize;
    return {};
  }
  if (valid) return note_damage(at_ + h.size);  // of a batch that is not there
  uint64_t found = 0;
  STAVE_RETURN_IF_ERROR(find_next(at_ + kRecordAlign, &found));
  return note_damage(found);
}

// A batch ends whose frame fails its checksum: if no record in it did, its header is damaged.
void DamageScan::end_batch() {
  if (batch_) found_.push_back({*batch_, kBatchHeaderSize});
  batch_.reset();
}

// *found: the first place from `from` on where a record stands, or the end.
Status DamageScan::find_next(uint64_t from, uint64_t* found) {
  *found = end_;
  std::string bytes;
  uint64_t window = kWindowFirst;
  for (uint64_t at = from; at + kRecordHeaderSize <= end_;) {
    const uint64_t n = std::min(window, end_ - at);
    bytes.resize(n);
    STAVE_RETURN_IF_ERROR(segment_.read_exact(at, bytes.data(), n));
    uint64_t i = 0;
    for (; i + kRecordHeaderSize <= n; i += kRecordAlign) {
      bool valid = false;
      STAVE_RETURN_IF_ERROR(is_record(header_of(bytes.data() + i, at + i), at + i, &valid));
      if (!valid) continue;
      *found = at + i;
      return {};
    }
    at += i;
    window = std::min(window * 2, kWindowMax);
  }
  return {};
}

// [at_, upto) holds no record. Told record by record where the headers still lead from one to
// the next, else as one extent.
Status DamageScan::note_damage(uint64_t upto) {
  const size_t before = found_.size();
  uint64_t at = at_;
  while (at < upto) {
    Header h;
    STAVE_RETURN_IF_ERROR(read_header(at, &h));
    const bool batch = h.kind == Kind::batch && h.size != 0;
    if (batch && at != at_) upto = at;  // judged by itself
    const uint64_t size = batch ? kBatchHeaderSize : h.size;
    if (at == upto || size == 0 || size > upto - at) break;
    found_.push_back({at, size});
    at += size;
  }
  if (at != upto) {
    found_.resize(before);
    found_.push_back({at_, upto - at_});
  }
  batch_.reset();
  behind_damage_ = true;
  at_ = upto;
  return {};
}

}  // namespace stave
