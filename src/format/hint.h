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
#include <functional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/growing_bytes.h"
#include "base/page_allocator.h"
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
  explicit HintBuilder(uint32_t salt);
  // Makes room for so many entries at once. What is not used of it costs address space alone.
  void expect(uint64_t entries) { hashes_.reserve(entries); }
  // Keys strictly ascending.
  void add(const HintEntry& e);
  void add_range_tombstone(const HintRangeTombstone& r);
  // Bytes to append to the file now, and that this was done; when they are many, as often as liked.
  [[nodiscard]] Bytes pending() const { return out_; }
  void drop_pending();
  // Hands out the rest of the file in some pieces, pending() included, until one is refused.
  // The builder is spent.
  Status finish(HintSummary s, const std::function<Status(Bytes)>& write);
  // The same for small hints, copied.
  std::string drain();
  std::string finish(const HintSummary& s);
  [[nodiscard]] uint64_t entries() const { return entries_; }

 private:
  void close_block();
  Bytes close_index();

  uint32_t salt_;
  uint64_t written_ = 0;  // bytes dropped so far
  PageString out_;
  PageBuffer block_;
  size_t block_size_ = 0;
  std::string block_first_key_;
  std::string last_key_;
  uint64_t last_seq_ = 0;
  uint64_t blocks_ = 0;
  PageString index_;  // as in the file, after room for the number of blocks
  PageVector<uint64_t> hashes_;
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
  Bytes first_key;  // lent by the index
};

// The blocks, and their first keys in one piece: there may be a hundred thousand in a file.
class HintIndex {
 public:
  [[nodiscard]] size_t size() const { return blocks_.size(); }
  [[nodiscard]] bool empty() const { return blocks_.empty(); }
  [[nodiscard]] const HintBlock& operator[](size_t i) const { return blocks_[i]; }
  [[nodiscard]] auto begin() const { return blocks_.begin(); }
  [[nodiscard]] auto end() const { return blocks_.end(); }

 private:
  friend Status decode_hint_index(Bytes, const std::string&, HintIndex*);

  PageBuffer section_;  // a copy
  PageVector<HintBlock> blocks_;
};
Status decode_hint_index(Bytes section, const std::string& name, HintIndex* out);
Status decode_hint_ranges(Bytes section, const std::string& name,
                          std::vector<HintRangeTombstone>* out);

// Walks one block, whose checksum the constructor verifies.
class HintBlockReader {
 public:
  // `bytes` must outlive the reader.
  explicit HintBlockReader(Bytes bytes);
  // False at the end or when damaged; entry().key is valid until the next call.
  bool next();
  // After an entry: what next() would give up to `n` times, into `entries` and, of each, shared()
  // into `shared`; the keys one after the other to the end of `keys`, as far as there is room:
  // nothing in it is moved. Much faster than next(). Ends early at what is out of the ordinary,
  // damage for one, and shortly before the block's end: next() goes on there. Returns how many.
  size_t next_some(size_t n, HintEntry* entries, uint64_t* shared, GrowingBytes* keys);
  // After an entry whose key is below `bound`: goes on past others below it, so that next() gives
  // one of the last of them or the first that is not. Much faster than next(), as nothing is made
  // of them, and not all of them that is wrong is found. Returns how many bytes the last key passed
  // over begins with as the bound does.
  size_t skip_below(Bytes bound);
  [[nodiscard]] const HintEntry& entry() const { return entry_; }
  // How many bytes its key begins with as the key before it does, in this block.
  [[nodiscard]] size_t shared() const { return shared_; }
  [[nodiscard]] bool damaged() const { return damaged_; }

 private:
  Bytes bytes_;
  size_t position_ = 0;
  bool damaged_ = false;
  std::string key_;
  size_t shared_ = 0;
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
