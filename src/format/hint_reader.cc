#include <xxhash.h>

#include "format/file_header.h"
#include "format/hint.h"
#include "format/hint_layout.h"
#include "format/varint.h"

namespace stave {
namespace {

Status corrupt(const std::string& name, const char* what) {
  return {Code::corrupt, name + ": hint: " + what};
}

// A record's offset, from its number of 8-byte units.
bool read_offset(ByteReader* c, uint64_t* out) {
  uint64_t units = 0;
  if (!c->varint(&units) || units >= kFileSizeLimit / kRecordAlign) return false;
  *out = units * kRecordAlign;
  return *out >= kFileHeaderSize;
}

bool read_sized(ByteReader* c, uint64_t least, Bytes* out) {
  uint64_t n = 0;
  return c->varint(&n) && n >= least && n <= kKeySizeMax && c->bytes(n, out);
}

bool sections_adjoin(const HintFooter& f, uint64_t file_size) {
  const uint64_t end = file_size - kHintFooterSize;
  return f.ranges_offset <= end && f.ranges_length <= end - f.ranges_offset &&
         f.index_offset == f.ranges_offset + f.ranges_length &&
         f.index_length <= end - f.index_offset &&
         f.filter_offset == f.index_offset + f.index_length &&
         f.filter_length == end - f.filter_offset;
}

bool summary_plausible(const HintSummary& s) {
  return s.salt != 0 && s.file_id >= 1 && s.file_id <= kFileIdMax &&
         s.data_length >= kFileHeaderSize && s.data_length <= kFileSizeLimit &&
         s.data_length % kRecordAlign == 0 && s.first_seq <= s.last_seq &&
         s.tombstones <= s.entries && s.entries <= s.operations &&
         s.entry_bytes <= s.record_bytes && s.record_bytes <= s.data_length;
}

}  // namespace

uint64_t hint::filter_hash(Bytes key, uint32_t salt) { return XXH64(key.data(), key.size(), salt); }

Status decode_hint_footer(Bytes last_bytes, uint64_t file_size, const std::string& name,
                          HintFooter* out) {
  if (last_bytes.size() < kHintFooterSize || file_size < kHintFooterSize) {
    return corrupt(name, "shorter than its footer");
  }
  const char* p = last_bytes.data() + last_bytes.size() - kHintFooterSize;
  if (std::memcmp(p + hint::kMagicAt, hint::kMagic, sizeof hint::kMagic) != 0) {
    return corrupt(name, "wrong magic");
  }
  const uint32_t version = load_le<uint32_t>(p + hint::kVersionAt);
  if (version > kFormatVersion) {
    return {Code::unsupported, name + ": hint format " + std::to_string(version) +
                                   "; this library reads up to " + std::to_string(kFormatVersion)};
  }
  if (version != kFormatVersion) return corrupt(name, "format version 0");
  if (load_le<uint32_t>(p + hint::kCrcAt) != crc32c(0, p, hint::kCrcAt)) {
    return corrupt(name, "wrong checksum of the footer");
  }
  HintFooter f;
  HintSummary& s = f.summary;
  s.salt = load_le<uint32_t>(p + hint::kSaltAt);
  s.file_id = load_le<uint64_t>(p + hint::kFileIdAt);
  s.data_length = load_le<uint64_t>(p + hint::kDataLengthAt);
  s.first_seq = load_le<uint64_t>(p + hint::kFirstSeqAt);
  s.last_seq = load_le<uint64_t>(p + hint::kLastSeqAt);
  s.operations = load_le<uint64_t>(p + hint::kOperationsAt);
  s.record_bytes = load_le<uint64_t>(p + hint::kRecordBytesAt);
  s.entries = load_le<uint64_t>(p + hint::kEntriesAt);
  s.tombstones = load_le<uint64_t>(p + hint::kTombstonesAt);
  s.entry_bytes = load_le<uint64_t>(p + hint::kEntryBytesAt);
  s.range_tombstones = load_le<uint64_t>(p + hint::kRangeTombstonesAt);
  f.ranges_offset = load_le<uint64_t>(p + hint::kRangesAt);
  f.ranges_length = load_le<uint64_t>(p + hint::kRangesAt + 8);
  f.index_offset = load_le<uint64_t>(p + hint::kIndexAt);
  f.index_length = load_le<uint64_t>(p + hint::kIndexAt + 8);
  f.filter_offset = load_le<uint64_t>(p + hint::kFilterAt);
  f.filter_length = load_le<uint64_t>(p + hint::kFilterAt + 8);
  for (size_t at = hint::kReserved2At; at < hint::kVersionAt; at += 8) {
    if (load_le<uint64_t>(p + at) != 0) return corrupt(name, "reserved bytes are not zero");
  }
  if (load_le<uint32_t>(p + hint::kReserved1At) != 0) {
    return corrupt(name, "reserved bytes are not zero");
  }
  if (!sections_adjoin(f, file_size)) return corrupt(name, "sections do not adjoin");
  if (!summary_plausible(s)) return corrupt(name, "a count in the footer is out of range");
  *out = f;
  return {};
}

Status decode_hint_index(Bytes section, const std::string& name, HintIndex* out) {
  if (!hint::checksum_valid(section)) return corrupt(name, "wrong checksum of the index");
  const size_t size = section.size() - hint::kCrcSize;
  HintIndex index;
  index.section_ = make_page_buffer(size);
  std::memcpy(index.section_.get(), section.data(), size);
  ByteReader c(Bytes(index.section_.get(), size));
  PageVector<HintBlock>& blocks = index.blocks_;
  uint64_t count = 0;
  uint64_t offset = 0;
  if (!c.varint(&count)) return corrupt(name, "malformed index");
  while (!c.done()) {
    HintBlock b;
    Bytes key;
    if (!c.varint(&b.length) || b.length <= hint::kCrcSize || b.length > kFileSizeLimit ||
        !read_sized(&c, 1, &key)) {
      return corrupt(name, "malformed index");
    }
    if (!blocks.empty() && key <= blocks.back().first_key) {
      return corrupt(name, "index keys do not ascend");
    }
    b.offset = offset;
    b.first_key = key;
    offset += b.length;
    blocks.push_back(b);
  }
  if (blocks.size() != count) return corrupt(name, "wrong number of index entries");
  *out = std::move(index);
  return {};
}

Status decode_hint_ranges(Bytes section, const std::string& name,
                          std::vector<HintRangeTombstone>* out) {
  if (!hint::checksum_valid(section)) return corrupt(name, "wrong checksum of the ranges");
  ByteReader c(section.substr(0, section.size() - hint::kCrcSize));
  std::vector<HintRangeTombstone> ranges;
  uint64_t count = 0;
  if (!c.varint(&count)) return corrupt(name, "malformed ranges");
  while (!c.done()) {
    HintRangeTombstone r;
    Bytes from, to;
    if (!read_sized(&c, 0, &from) || !read_sized(&c, 0, &to) || (!to.empty() && from >= to) ||
        !c.varint(&r.seq) || r.seq == 0 || !read_offset(&c, &r.offset)) {
      return corrupt(name, "malformed ranges");
    }
    r.from.assign(from);
    r.to.assign(to);
    ranges.push_back(std::move(r));
  }
  if (ranges.size() != count) return corrupt(name, "wrong number of ranges");
  *out = std::move(ranges);
  return {};
}

}  // namespace stave
