// A window of a merge: operations collected in key order, their records fetched in order of
// file and offset, then ready to be written in key order again.
//
// The window's bytes are laid out as the output will have them, one record after the other, so
// a window leaves in few large writes. Inputs that are themselves sorted are read straight into
// place; scattered records pass through a scratch buffer, a span of the file at a time.
//
// Memory: at most bytes_max of records (or one larger record) and as much of keys, a fixed
// number of entries, one span.
#pragma once

#include <cstdint>
#include <unordered_set>

#include "base/page_allocator.h"
#include "engine/segment.h"
#include "format/hint.h"

namespace stave {

inline constexpr uint64_t kWindowBytes = 8ULL << 20;
inline constexpr size_t kWindowEntries = 64U << 10;

struct WindowEntry {
  const Segment* from = nullptr;  // nullptr: a tombstone, made from the hint alone
  uint64_t from_offset = 0;
  uint64_t at = 0;  // in the window's bytes
  uint64_t size = 0;
  uint64_t seq = 0;
  uint64_t expires_at_ms = 0;
  uint64_t key_at = 0;
  uint32_t value_length = 0;
  uint16_t key_length = 0;
};

class MergeWindow {
 public:
  explicit MergeWindow(uint64_t bytes_max = kWindowBytes) : bytes_max_(bytes_max) {}
  // Whether a record of `size` fits beside what is there; an empty window takes any.
  [[nodiscard]] bool has_room(uint64_t size) const;
  // A live put of `from`, to be copied.
  void add_copy(const Segment& from, const HintEntry& entry);
  void add_tombstone(Bytes key, uint64_t seq);

  // Reads all copies and checks each against its checksum and its hint entry. *bytes_read
  // counts what was read. corrupt: *damaged is the id of the file.
  Status fetch(uint64_t* bytes_read, uint64_t* damaged);
  // For an input whose mapping is wholly in memory: its records are taken from there, which costs
  // less than a system call for each. Every fetch() looks whether that is still so.
  void read_mapped(const Segment& input) { mapped_.insert(&input); }

  [[nodiscard]] bool empty() const { return entries_.empty(); }
  [[nodiscard]] uint64_t bytes() const { return used_; }  // of the records
  [[nodiscard]] const PageVector<WindowEntry>& entries() const { return entries_; }
  [[nodiscard]] Bytes key(const WindowEntry& e) const {
    return Bytes(keys_).substr(e.key_at, e.key_length);
  }
  // Where the entry's record stands after fetch (a tombstone's place is for the caller to fill).
  [[nodiscard]] char* record(const WindowEntry& e) { return bytes_.get() + e.at; }
  // Holds one record that is larger than a window should be.
  [[nodiscard]] bool oversized() const { return used_ > bytes_max_; }
  // Of memory held for records.
  [[nodiscard]] uint64_t capacity() const { return capacity_; }
  // Keeps the memory of a window as it should be, and no more.
  void clear();

 private:
  struct Span {
    size_t first;  // in order_
    size_t last;   // one past
    uint64_t offset;
    uint64_t length;
    bool straight;  // the records lie in the file as they will in the window
  };
  WindowEntry& add(Bytes key, uint64_t seq, uint64_t size);
  [[nodiscard]] Span span_from(size_t first) const;
  Status read_span(const Span& span);
  Status fetch_scattered(uint64_t* bytes_read, uint64_t* damaged);
  Status fetch_mapped(uint64_t* bytes_read, uint64_t* damaged);
  [[nodiscard]] Status check(const WindowEntry& e) const;
  void reserve_bytes();

  const uint64_t bytes_max_;
  PageVector<WindowEntry> entries_;
  PageString keys_;
  PageBuffer bytes_;
  uint64_t capacity_ = 0;
  uint64_t used_ = 0;
  PageVector<uint32_t> order_;
  PageBuffer scratch_;
  std::unordered_set<const Segment*> mapped_;
};

}  // namespace stave
