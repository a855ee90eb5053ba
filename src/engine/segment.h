// A data file in use: its open file or mapping, its place in the address space, its counts.
//
// Invariants
//  S1. Bytes below tail() never change and hold whole valid records (or a merge's or the
//      recovery's word for it); bytes at or above it are nobody's to read.
//  S2. Live counts are exact for records; live bytes are exact per size class on average, since
//      a dying record is charged the mean size of its class.
//  S3. The file is unlinked only when it is obsolete (no longer in MANIFEST) and its last user
//      (version, iterator, pin) is gone.
//  S4. In mapped mode a sealed file is parked (parking_file.h): its bytes are in the mapping, and
//      by pread of a file opened again by its name, which S3 keeps there.
//
// Threads: reading by any; tail() is published by the writer with release order. Counters are
// relaxed atomics changed under the writer mutex or by the loader.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "base/mutex.h"
#include "base/status.h"
#include "engine/address_space.h"
#include "engine/env.h"
#include "engine/expiry_counts.h"
#include "engine/parking_file.h"
#include "format/checkpoint.h"
#include "format/file_header.h"
#include "format/record.h"
#include "io/fs.h"

namespace stave {

class TailIndex;

// Counts of one data file. All relaxed: they are statistics and merge hints, except
// live_records, which a merge checks against zero after its swing. What a put changes has one
// changer at a time, the one under the writer mutex (or the loader, or a merge for its output),
// so that it takes no locked instruction; a merge's swing, beside it, has counters of its own.
struct SegmentCounts {
  std::atomic<uint64_t> operations{0};    // puts and tombstones, superseded ones included
  std::atomic<uint64_t> record_bytes{0};  // of those
  std::atomic<uint64_t> added_records{0}, added_bytes{0};      // puts that came live
  std::atomic<uint64_t> removed_records{0}, removed_bytes{0};  // superseded or deleted since
  std::atomic<uint64_t> moved_records{0}, moved_bytes{0};      // no longer live by a merge's swing
  std::atomic<uint64_t> tombstones{0};
  std::atomic<uint64_t> first_seq{0};
  std::atomic<uint64_t> last_seq{0};
  std::array<std::atomic<uint64_t>, kSizeClasses> class_count{};
  std::array<std::atomic<uint64_t>, kSizeClasses> class_bytes{};

  // A put's record came to be, live.
  void add_live(uint64_t size, unsigned cls);
  // A live record of that class was superseded or deleted.
  void remove_live(unsigned cls);
  // The same by a merge: any thread.
  void move_live(unsigned cls);
  void set_live(uint64_t records, uint64_t bytes);
  void clear();  // but for last_seq, which opening knows without loading
  [[nodiscard]] uint64_t live_records() const;
  [[nodiscard]] uint64_t live_bytes() const;
  void add_operation(uint64_t size, uint64_t seq);
  // The same of a range tombstone, which is not among the operations.
  void note_number(uint64_t seq);

 private:
  [[nodiscard]] uint64_t mean_size(unsigned cls) const;
};

// Adds to a counter that has one changer at a time: no locked add.
inline void bump(std::atomic<uint64_t>* counter, uint64_t by) {
  counter->store(counter->load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
}

class Segment : public std::enable_shared_from_this<Segment> {
 public:
  Segment(std::shared_ptr<Env> env, FileHeader header, Extent extent);
  ~Segment();
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;

  // Takes over an open file; in mapped mode maps `map_length` bytes of it (0: none).
  Status attach(std::unique_ptr<File> file, uint64_t map_length, Access access);

  // Maps [0, length) of the attached file.
  Status map(uint64_t length, Access access);

  [[nodiscard]] uint64_t id() const { return header_.file_id; }
  [[nodiscard]] const FileHeader& header() const { return header_; }
  [[nodiscard]] uint32_t salt() const { return header_.salt; }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string hint_path() const;
  [[nodiscard]] const Extent& extent() const { return extent_; }
  void set_extent(const Extent& e) { extent_ = e; }
  [[nodiscard]] uint64_t address_of(uint64_t offset) const {
    return extent_.base_units() + offset / kRecordAlign;
  }
  [[nodiscard]] uint64_t offset_of(uint64_t address) const {
    return (address - extent_.base_units()) * kRecordAlign;
  }
  [[nodiscard]] bool holds(uint64_t address) const {
    return address / kGranuleUnits - extent_.first < extent_.count;
  }

  [[nodiscard]] uint64_t tail() const { return tail_.load(std::memory_order_acquire); }
  void publish_tail(uint64_t tail) { tail_.store(tail, std::memory_order_release); }
  [[nodiscard]] bool sealed() const { return sealed_.load(std::memory_order_acquire); }
  // tail() is final. Nobody writes to the file any more.
  void set_sealed();
  [[nodiscard]] bool has_hint() const { return has_hint_.load(std::memory_order_acquire); }
  void set_has_hint(bool v) { has_hint_.store(v, std::memory_order_release); }

  // Range tombstones too, which `counts.operations` knows nothing of.
  [[nodiscard]] bool holds_operations() const {
    return counts.last_seq.load(std::memory_order_acquire) != 0;
  }

  // nullptr in positional mode.
  [[nodiscard]] char* mapped() const { return mapping_ ? mapping_->data() : nullptr; }
  [[nodiscard]] Mapping* mapping() const { return mapping_.get(); }
  [[nodiscard]] uint64_t map_length() const { return mapping_ ? mapping_->size() : 0; }
  [[nodiscard]] File& file() const { return *file_; }

  // Reads [offset, offset+n) below tail() by pread, whatever the mode; corrupt when the file
  // ends early.
  Status read_exact(uint64_t offset, void* to, size_t n) const;

  // The file is no longer listed: unlink it and its hint when the last user goes.
  void set_obsolete() { obsolete_.store(true, std::memory_order_release); }
  [[nodiscard]] bool obsolete() const { return obsolete_.load(std::memory_order_acquire); }

  SegmentCounts counts;
  ExpiryCounts expiry;
  // A mark stands after the last operation: bytes that durable_seq does not speak of.
  std::atomic<bool> ends_in_mark{false};
  // No more blocks ahead of the tail: the file is being sealed. Under the writer's blocks_mutex_.
  std::atomic<bool> trimmed{false};
  uint32_t load_rank = 0;  // place in MANIFEST's order while the keydir is being loaded
  // Sorted runs of an unsealed file; set by the engine while the file is unsealed.
  std::shared_ptr<TailIndex> tail_index;

 private:
  void park();

  std::shared_ptr<Env> env_;  // shared: pins and iterators outlive the store
  FileHeader header_;
  std::string path_;
  Extent extent_;
  std::unique_ptr<File> file_;
  ParkingFile* parking_ = nullptr;  // file_, in mapped mode
  std::unique_ptr<Mapping> mapping_;
  std::atomic<uint64_t> tail_{kFileHeaderSize};
  std::atomic<bool> sealed_{false};
  std::atomic<bool> has_hint_{false};
  std::atomic<bool> obsolete_{false};
};

// The error for damaged bytes: "0000000012.log at offset 4096: what".
Status corrupt_at(const Segment& segment, uint64_t offset, const std::string& what);

}  // namespace stave
