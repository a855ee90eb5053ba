// Hint file: a data file's index, sorted by key. docs/format.md, section "Hint file".
//
// Layout: blocks | range tombstones | block index | filter | footer. Pure encode and decode:
// whoever reads or writes files passes the bytes.
//  - A block holds up to ~4 KiB of prefix-compressed entries and ends in its own CRC.
//  - The index names each block's offset, length and first key; CRC.
//  - The filter is a Bloom filter (XXH64 of the key seeded with the salt, 10 bits a key); CRC.
//  - The footer has a fixed size and stands at the very end.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "format/record.h"

namespace stave {

// The newest operation on one key within one data file.
struct HintEntry {
  Bytes key;
  Kind kind = Kind::put;  // put or tombstone
  uint64_t seq = 0;
  uint64_t offset = 0;  // of the record itself, also inside a batch; a multiple of 8
  uint32_t value_length = 0;
  uint64_t expires_at_ms = 0;
};

struct HintRangeTombstone {
  std::string from;
  std::string to;
  uint64_t seq = 0;
  uint64_t offset = 0;
};

// What the footer says. The first group is the caller's, the second is counted by the builder.
struct HintSummary {
  uint64_t file_id = 0;
  uint32_t salt = 0;         // of the data file: ties the two together
  uint64_t data_length = 0;  // valid bytes of the data file, as sealed
  uint64_t first_seq = 0;    // of all operations in the file, 0 if none
  uint64_t last_seq = 0;
  uint64_t operations = 0;    // puts and tombstones, superseded ones included
  uint64_t record_bytes = 0;  // bytes of those records (batch frames' headers, marks excluded)

  uint64_t entries = 0;      // keys
  uint64_t tombstones = 0;   // entries that are tombstones
  uint64_t entry_bytes = 0;  // bytes of the records that entries point to
  uint64_t range_tombstones = 0;
};

inline constexpr size_t kHintFooterSize = 192;
inline constexpr size_t kHintBlockTarget = 4096;

struct HintFooter {
  HintSummary summary;
  uint64_t ranges_offset = 0, ranges_length = 0;
  uint64_t index_offset = 0, index_length = 0;
  uint64_t filter_offset = 0, filter_length = 0;
};

class HintBuilder {
 public:
  explicit HintBuilder(uint32_t salt) : salt_(salt) {}
  // Keys strictly ascending.
  void add(const HintEntry& e);
  void add_range_tombstone(const HintRangeTombstone& r);
  // Bytes to append to the file now; call when pending_bytes() is large, as often as liked.
  [[nodiscard]] size_t pending_bytes() const { return out_.size(); }
  std::string drain();
  // The rest of the file, drained bytes excluded. The builder is spent.
  std::string finish(HintSummary s);
  [[nodiscard]] uint64_t entries() const { return entries_; }

 private:
  void close_block();

  struct BlockRef {
    uint64_t offset;
    uint64_t length;
    std::string first_key;
  };
  uint32_t salt_;
  uint64_t written_ = 0;  // bytes drained so far
  std::string out_;
  std::string block_;
  std::string block_first_key_;
  std::string last_key_;
  uint64_t last_seq_ = 0;
  std::vector<BlockRef> index_;
  std::vector<uint64_t> hashes_;
  std::vector<HintRangeTombstone> ranges_;
  uint64_t entries_ = 0;
  uint64_t tombstones_ = 0;
  uint64_t entry_bytes_ = 0;
};

// All decoders return corrupt or unsupported with `name` and the reason in the text.
Status decode_hint_footer(Bytes last_bytes, uint64_t file_size, const std::string& name,
                          HintFooter* out);

struct HintBlock {
  uint64_t offset = 0;
  uint64_t length = 0;
  std::string first_key;
};
Status decode_hint_index(Bytes section, const std::string& name, std::vector<HintBlock>* out);
Status decode_hint_ranges(Bytes section, const std::string& name,
                          std::vector<HintRangeTombstone>* out);

// Walks one block, whose checksum the constructor verifies.
class HintBlockReader {
 public:
  // `bytes` must outlive the reader.
  explicit HintBlockReader(Bytes bytes);
  // False at the end or when damaged; entry().key is valid until the next call.
  bool next();
  [[nodiscard]] const HintEntry& entry() const { return entry_; }
  [[nodiscard]] bool damaged() const { return damaged_; }

 private:
  Bytes bytes_;
  size_t position_ = 0;
  bool damaged_ = false;
  std::string key_;
  HintEntry entry_;
};

// "Maybe" answers yes. A damaged or empty section answers yes to everything.
class HintFilter {
 public:
  explicit HintFilter(Bytes section, uint32_t salt);
  [[nodiscard]] bool may_contain(Bytes key) const;
  [[nodiscard]] bool damaged() const { return damaged_; }

 private:
  Bytes bits_;
  uint32_t probes_ = 0;
  uint32_t salt_;
  bool damaged_ = false;
};

}  // namespace stave
