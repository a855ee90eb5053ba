#include <algorithm>

#include "base/check.h"
#include "base/key_code.h"
#include "format/file_header.h"
#include "format/hint.h"
#include "format/hint_layout.h"
#include "format/varint.h"

namespace stave {
namespace {

constexpr size_t kEntryHeadMax = 1 + 6 * kVarintSizeMax;
// A block may exceed its target by one entry.
constexpr size_t kBlockRoom = kHintBlockTarget + kEntryHeadMax + kKeySizeMax + hint::kCrcSize;

template <class String>
void append_checksum(String* section) {
  char crc[hint::kCrcSize];
  store_le(crc, crc32c(0, section->data(), section->size()));
  section->append(crc, sizeof crc);
}

template <class String>
void append_sized(String* to, Bytes bytes) {
  append_varint(to, bytes.size());
  to->append(bytes);
}

std::string encode_ranges(const std::vector<HintRangeTombstone>& ranges) {
  std::string s;
  append_varint(&s, ranges.size());
  for (const HintRangeTombstone& r : ranges) {
    append_sized(&s, r.from);
    append_sized(&s, r.to);
    append_varint(&s, r.seq);
    append_varint(&s, r.offset / kRecordAlign);
  }
  append_checksum(&s);
  return s;
}

PageString encode_filter(const PageVector<uint64_t>& hashes) {
  const uint64_t bits = hashes.size() * hint::kFilterBitsPerKey;
  const uint64_t blocks = std::max<uint64_t>(1, align_up(bits, 512) / 512);
  PageString s;
  s.reserve(blocks * hint::kFilterBlock + hint::kFilterTrailer + kHintFooterSize);
  s.resize(blocks * hint::kFilterBlock);
  const auto block_of = [&](uint64_t h) {
    return s.data() + hint::filter_block_of(h, blocks) * hint::kFilterBlock;
  };
  constexpr size_t kAhead = 16;
  for (size_t n = 0; n < hashes.size(); ++n) {
    if (n + kAhead < hashes.size()) __builtin_prefetch(block_of(hashes[n + kAhead]), 1);
    const uint64_t h = hashes[n];
    char* block = block_of(h);
    for (uint32_t i = 0; i < hint::kFilterProbes; ++i) {
      const uint32_t bit = hint::filter_bit(h, i);
      block[bit / 8] = static_cast<char>(block[bit / 8] | 1 << bit % 8);
    }
  }
  char probes[4];
  store_le(probes, hint::kFilterProbes);
  s.append(probes, sizeof probes);
  append_checksum(&s);
  return s;
}

std::string encode_footer(const HintFooter& f) {
  const HintSummary& s = f.summary;
  std::string out(kHintFooterSize, '\0');
  char* p = out.data();
  store_le(p + hint::kSaltAt, s.salt);
  store_le(p + hint::kFileIdAt, s.file_id);
  store_le(p + hint::kDataLengthAt, s.data_length);
  store_le(p + hint::kFirstSeqAt, s.first_seq);
  store_le(p + hint::kLastSeqAt, s.last_seq);
  store_le(p + hint::kOperationsAt, s.operations);
  store_le(p + hint::kRecordBytesAt, s.record_bytes);
  store_le(p + hint::kEntriesAt, s.entries);
  store_le(p + hint::kTombstonesAt, s.tombstones);
  store_le(p + hint::kEntryBytesAt, s.entry_bytes);
  store_le(p + hint::kRangeTombstonesAt, s.range_tombstones);
  store_le(p + hint::kRangesAt, f.ranges_offset);
  store_le(p + hint::kRangesAt + 8, f.ranges_length);
  store_le(p + hint::kIndexAt, f.index_offset);
  store_le(p + hint::kIndexAt + 8, f.index_length);
  store_le(p + hint::kFilterAt, f.filter_offset);
  store_le(p + hint::kFilterAt + 8, f.filter_length);
  store_le(p + hint::kVersionAt, kFormatVersion);
  store_le(p + hint::kCrcAt, crc32c(0, p, hint::kCrcAt));
  std::memcpy(p + hint::kMagicAt, hint::kMagic, sizeof hint::kMagic);
  return out;
}

}  // namespace

HintBuilder::HintBuilder(uint32_t salt)
    : salt_(salt), block_(make_page_buffer(kBlockRoom)), index_(kVarintSizeMax, '\0') {}

void HintBuilder::add(const HintEntry& e) {
  STAVE_CHECK(e.kind == Kind::put || e.kind == Kind::tombstone);
  const Bytes last(last_key_);
  size_t shared = common_prefix(last, e.key);
  const bool ascends = shared < e.key.size() &&
                       (shared == last.size() ||
                        static_cast<uint8_t>(last[shared]) < static_cast<uint8_t>(e.key[shared]));
  STAVE_CHECK(ascends);
  const size_t changed = shared;
  if (block_size_ == 0) {
    block_first_key_.assign(e.key);
    last_seq_ = 0;
    shared = 0;
  }
  const bool expiry = e.expires_at_ms != 0;
  const size_t rest = e.key.size() - shared;
  char* p = block_.get() + block_size_;
  *p++ = static_cast<char>(static_cast<uint8_t>(e.kind) | (expiry ? hint::kExpiry : 0));
  p = put_varint(p, shared);
  p = put_varint(p, rest);
  p = put_varint(p, zigzag(e.seq - last_seq_));
  p = put_varint(p, e.offset / kRecordAlign);
  if (e.kind == Kind::put) p = put_varint(p, e.value_length);
  if (expiry) p = put_varint(p, e.expires_at_ms);
  std::memcpy(p, e.key.data() + shared, rest);
  block_size_ = static_cast<size_t>(p + rest - block_.get());

  if (last_key_.size() != e.key.size()) last_key_.resize(e.key.size());
  std::memcpy(last_key_.data() + changed, e.key.data() + changed, e.key.size() - changed);
  last_seq_ = e.seq;
  hashes_.push_back(hint::filter_hash(e.key, salt_));
  ++entries_;
  if (e.kind == Kind::tombstone) ++tombstones_;
  entry_bytes_ += record_size(e.key.size(), e.value_length, expiry);
  if (block_size_ >= kHintBlockTarget) close_block();
}

void HintBuilder::add_range_tombstone(const HintRangeTombstone& r) { ranges_.push_back(r); }

void HintBuilder::close_block() {
  if (block_size_ == 0) return;
  store_le(block_.get() + block_size_, crc32c(0, block_.get(), block_size_));
  block_size_ += hint::kCrcSize;
  append_varint(&index_, block_size_);
  append_sized(&index_, block_first_key_);
  ++blocks_;
  out_.append(block_.get(), block_size_);
  block_size_ = 0;
}

Bytes HintBuilder::close_index() {
  char text[kVarintSizeMax];
  const auto length = static_cast<size_t>(put_varint(text, blocks_) - text);
  const size_t start = kVarintSizeMax - length;
  std::memcpy(index_.data() + start, text, length);
  char crc[hint::kCrcSize];
  store_le(crc, crc32c(0, index_.data() + start, index_.size() - start));
  index_.append(crc, sizeof crc);
  return Bytes(index_).substr(start);
}

void HintBuilder::drop_pending() {
  written_ += out_.size();
  out_.clear();
}

Status HintBuilder::finish(HintSummary s, const std::function<Status(Bytes)>& write) {
  close_block();
  s.salt = salt_;
  s.entries = entries_;
  s.tombstones = tombstones_;
  s.entry_bytes = entry_bytes_;
  s.range_tombstones = ranges_.size();

  HintFooter f;
  f.summary = s;
  f.ranges_offset = written_ + out_.size();
  const std::string ranges = encode_ranges(ranges_);
  f.ranges_length = ranges.size();
  STAVE_RETURN_IF_ERROR(write(out_.append(ranges)));

  const Bytes index = close_index();
  f.index_offset = f.ranges_offset + f.ranges_length;
  f.index_length = index.size();
  STAVE_RETURN_IF_ERROR(write(index));

  PageString filter = encode_filter(hashes_);
  f.filter_offset = f.index_offset + f.index_length;
  f.filter_length = filter.size();
  return write(filter.append(encode_footer(f)));
}

std::string HintBuilder::drain() {
  std::string drained(pending());
  drop_pending();
  return drained;
}

std::string HintBuilder::finish(const HintSummary& s) {
  std::string rest;
  const Status taken = finish(s, [&rest](Bytes piece) {
    rest.append(piece);
    return Status();
  });
  STAVE_CHECK(taken.ok());
  return rest;
}

}  // namespace stave
