// Hint files on disk: opening one beside its data file, walking it, writing and rebuilding it.
// A hint is derived: whatever does not match its data file is an error here, and the caller
// rebuilds it; it is never trusted.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "engine/cursor.h"
#include "engine/env.h"
#include "engine/parking_file.h"
#include "engine/segment.h"
#include "format/hint.h"

namespace stave {

class HintFile : public std::enable_shared_from_this<HintFile> {
 public:
  // Reads footer, index and ranges, and checks that the hint belongs to exactly these bytes of
  // the segment (id, salt, data_length == segment.tail()). not_found, corrupt, unsupported, io.
  // Where it takes at most `map_below` bytes of memory, its blocks are mapped as well: who looks
  // for a key then reads the first block there.
  static Result<std::shared_ptr<HintFile>> open(Env& env, std::shared_ptr<Segment> segment,
                                                uint64_t map_below = 0);

  [[nodiscard]] const HintSummary& summary() const { return footer_.summary; }
  [[nodiscard]] const std::vector<HintRangeTombstone>& ranges() const { return ranges_; }
  [[nodiscard]] uint64_t blocks() const { return index_.size(); }
  [[nodiscard]] const std::shared_ptr<Segment>& segment() const { return segment_; }
  // About; the filter, which is loaded when it is first asked, included.
  [[nodiscard]] uint64_t memory_bytes() const {
    return sizeof *this + footer_.index_length + blocks() * sizeof(HintBlock) +
           footer_.filter_length;
  }

  // Of all entries; there must be some. Lent; the last is looked up once.
  [[nodiscard]] Bytes first_key() const { return index_[0].first_key; }
  Status last_key(Bytes* out) STAVE_EXCLUDES(last_key_mutex_);
  // Entries in key order, some blocks at a time. Cursors keep the HintFile.
  [[nodiscard]] std::unique_ptr<Cursor> cursor();
  // Only blocks [first, last): for loading one hint by several threads.
  [[nodiscard]] std::unique_ptr<Cursor> cursor(uint64_t first_block, uint64_t last_block);

  // Whether this file may hold an operation on the key: key range, filter, then the block
  // itself (exact). An error means "maybe": the caller must keep its tombstone.
  [[nodiscard]] Result<bool> contains(Bytes key) STAVE_EXCLUDES(filter_mutex_);
  // By key range and filter alone: false is certain.
  [[nodiscard]] Result<bool> may_contain(Bytes key) STAVE_EXCLUDES(filter_mutex_);
  // What part of the blocks stands between the two keys (an empty `to`: no end), from 0 to 1.
  [[nodiscard]] double share_between(Bytes from, Bytes to) const;
  // The newest operation on the key in this file; not_found.
  Status find(Bytes key, std::string* key_storage, HintEntry* out);

 private:
  friend class HintCursor;

  HintFile() = default;
  Status load(const std::string& path);
  Status check_belongs(const std::string& path) const;
  Status check_blocks() const;
  void map_blocks();
  // Reads n bytes of the hint; corrupt when it ends early.
  Status read(uint64_t offset, uint64_t n, PageString* to) const;
  // The same bytes of blocks, if they are mapped, else none.
  [[nodiscard]] Bytes mapped(uint64_t offset, uint64_t n) const {
    return mapping_ ? Bytes(mapping_->data() + offset, n) : Bytes();
  }
  // "DIR/0000000012.hint: hint: what"
  [[nodiscard]] Status damaged(const std::string& what) const;
  // The block in which the key would stand; blocks() if it precedes all.
  [[nodiscard]] uint64_t block_of(Bytes key) const;
  // Whether an entry fits what the footer says of the data file.
  [[nodiscard]] bool plausible(const HintEntry& e) const {
    const HintSummary& s = summary();
    const uint64_t bytes = record_size(e.key.size(), e.value_length, e.expires_at_ms != 0);
    return bytes <= s.data_length && e.offset <= s.data_length - bytes && e.seq >= s.first_seq &&
           e.seq <= s.last_seq;
  }
  Status load_filter() STAVE_REQUIRES(filter_mutex_);

  std::shared_ptr<Segment> segment_;
  std::unique_ptr<ParkingFile> file_;  // parked: there may be thousands of hints in use
  std::unique_ptr<Mapping> mapping_;   // of all blocks, if any
  HintFooter footer_;
  HintIndex index_;
  std::vector<HintRangeTombstone> ranges_;
  Mutex last_key_mutex_;                                    // held while it is looked up
  std::string last_key_ STAVE_GUARDED_BY(last_key_mutex_);  // empty: not yet
  Mutex filter_mutex_;                                      // held while the filter is read
  PageString filter_section_ STAVE_GUARDED_BY(filter_mutex_);
  std::optional<HintFilter> filter_ STAVE_GUARDED_BY(filter_mutex_);
};

// Writes the hint of a sealed segment from its sorted runs (must cover all of it). The file
// appears under its name only when whole (temporary name, sync, rename): MANIFEST marks the file
// sealed after that, and an open that trusts the checkpoint does not read hints.
Status write_hint(Env& env, Segment& segment, const TailIndex& runs);
// The same by scanning the data file by pread. corrupt if the data is; cancelled when `stop` says
// so, which is asked every some ten thousand operations.
Status rebuild_hint(Env& env, Segment& segment, const std::function<bool()>& stop = {});
// Whether an open may leave a missing hint to the background. One of a small file takes some
// milliseconds: it is made at once, so that a store that is only ever opened for a moment has it.
bool hint_can_wait(const Env& env, const Segment& segment);

}  // namespace stave
