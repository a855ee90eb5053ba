// The writer: appends records to the active file, publishes them in the keydir, rotates, syncs.
//
// Invariants
//  W1. One append at a time (mutex_); seq rises by exactly one per operation, in log order.
//  W2. A record is whole in the page cache before the tail is published, and the tail before
//      the slot: a reader that sees the slot sees the record.
//  W3. Nothing is written unless everything it needs (blocks in the file, room in the keydir)
//      is there already: a full disk or table is an error before the first byte.
//  W4. durable_seq only rises, and only after fdatasync of every file with operations up to it.
//      All log syncs go through one leader at a time, so that no sync error can be swallowed by
//      another descriptor's success. A failed sync or write poisons the writer for good.
//  W5. Unsealed files: the active one, one prepared, and at most max_unsealed_files waiting to
//      be sealed; beyond that, appends wait.
//
// Lock order: housekeeping_mutex_, mutex_, then blocks_mutex_, catalog, sync_mutex_, poison_mutex_
// (docs/threading.md). Background steps: prepare (next file, blocks and pages ahead of the tail)
// and seal (sync, hint, MANIFEST).
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "engine/catalog.h"
#include "engine/decide.h"
#include "engine/digest.h"
#include "engine/env.h"
#include "engine/feed_hub.h"
#include "engine/keydir.h"
#include "engine/many.h"
#include "engine/prefaulter.h"
#include "engine/range_deletes.h"
#include "engine/segment.h"
#include "engine/worker.h"

namespace stave {

class ColdRecord;
class FoundRecord;

// Blocks that puts leave unused at the least, so that deletes and merges succeed on a full disk.
inline constexpr uint64_t kReserveMin = 64 << 10;

struct WriterParts {
  std::shared_ptr<Env> env;
  Catalog& catalog;
  AddressSpace& space;
  Keydir& keydir;
  const Hasher& hasher;
  RangeDeletes& ranges;
};

// What a clear has left to do.
struct Cleared {
  uint64_t seq = 0;  // of the deletion of everything
  std::shared_ptr<Segment> active;
  uint64_t address = 0;  // in it: records before are deleted
  SegmentList dropped;   // no longer listed in MANIFEST; all their records are deleted
};

// Counts a call in while it lives.
class Counted {
 public:
  explicit Counted(unsigned* count) : count_(count) { ++*count_; }
  ~Counted() { --*count_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

 private:
  unsigned* const count_;
};

class Writer {
 public:
  // `active`: the file to go on in (a cleanly closed one), or nullptr. Operations up to
  // last_seq are durable.
  Writer(WriterParts parts, uint64_t last_seq, uint64_t next_seq, std::shared_ptr<Segment> active);
  ~Writer();  // stops the threads, makes nothing durable

  Status put(Bytes key, Bytes value, uint64_t expires_at_ms, SyncWish wish) STAVE_EXCLUDES(mutex_);
  // As put without expiry and with the store's default, where nothing out of the ordinary comes
  // up: else false, and nothing was done.
  [[nodiscard]] bool put_fast(Bytes key, Bytes value) STAVE_EXCLUDES(mutex_);
  // Independent puts, in order. *stored, 0 at the call, counts those that are in the log, also
  // when a later one fails.
  Status put_many(size_t n, EntryAt entry_at, SyncWish wish, size_t* stored) STAVE_EXCLUDES(mutex_);
  // not_found if there was no such key, and nothing is written then, or if it had expired.
  Status remove(Bytes key, SyncWish wish) STAVE_EXCLUDES(mutex_);
  // Does what `decide` makes of what is there. *seq: of the key's newest operation after that, 0:
  // there is none. corrupt: its record is damaged; nothing is written.
  Status update(Bytes key, Decide decide, SyncWish wish, uint64_t* seq) STAVE_EXCLUDES(mutex_);
  // All or none; none with conflict where a condition does not hold. Keys and sizes were checked
  // by the caller.
  Status write(const std::vector<Operation>& operations, const std::vector<Condition>& conditions,
               SyncWish wish) STAVE_EXCLUDES(mutex_);

  // Every key in [from, to), an empty `to` being no end; from < to. The range is listed
  // (RangeDeletes) and waits for a sweep.
  Status delete_range(Bytes from, Bytes to, SyncWish wish) STAVE_EXCLUDES(mutex_);
  // Every key, and the files before go at once, where they can. REQUIRES: no merge runs.
  Status clear(SyncWish wish, Cleared* out) STAVE_EXCLUDES(mutex_);
  // The only way to change the list for others (D2).
  void change_ranges(const std::function<void(RangeDeletes&)>& change) STAVE_EXCLUDES(mutex_);

  // Of a call that found nothing to write: what it found so is made as durable as the call wants.
  Status finish_unwritten(SyncWish wish) STAVE_EXCLUDES(mutex_, sync_mutex_);
  // Returns when every operation up to `seq` is durable. One flush serves all who wait. `gather`:
  // may wait a moment for more of them.
  Status make_durable(uint64_t seq, bool gather = true) STAVE_EXCLUDES(mutex_, sync_mutex_);
  // All operations so far, and a mark in the log.
  Status sync() STAVE_EXCLUDES(mutex_, sync_mutex_);

  [[nodiscard]] uint64_t last_seq() const { return last_seq_.load(std::memory_order_acquire); }
  [[nodiscard]] uint64_t durable_seq() const {
    return durable_seq_.load(std::memory_order_acquire);
  }
  [[nodiscard]] bool poisoned() const { return poisoned_.load(std::memory_order_acquire); }

  // No append happens while `f` runs.
  void while_still(const std::function<void(uint64_t last_seq)>& f) STAVE_EXCLUDES(mutex_);
  // The active file goes to the sealer like a full one; no-op when it holds no operation.
  Status rotate_now() STAVE_EXCLUDES(mutex_);
  // For who needs the space: true gives back the next file and the blocks beyond `reserve` bytes
  // behind the tail, and makes no more ahead of calls that wait for it, until false.
  void hold_ahead(bool held, uint64_t reserve = kReserveMin) STAVE_EXCLUDES(mutex_);
  // Waits until the files that now wait for the sealer are sealed, or that fails, or stop was asked
  // for.
  Status wait_sealed() STAVE_EXCLUDES(mutex_);
  // Id of the oldest file that is not sealed; 0: none.
  [[nodiscard]] uint64_t oldest_unsealed_id() STAVE_EXCLUDES(mutex_);
  // 0: none.
  [[nodiscard]] uint64_t active_id() STAVE_EXCLUDES(mutex_);
  // Above every number ever used, also by operations that a power cut took.
  [[nodiscard]] uint64_t next_seq() STAVE_EXCLUDES(mutex_);

  // The feed's files get every file that becomes the active one from now on.
  void join_feed(const std::shared_ptr<FeedFiles>& feed) STAVE_EXCLUDES(mutex_);
  // Until there is an operation above `seq`, or the time is over, or cancel().
  void wait_for_operation(uint64_t seq, std::chrono::milliseconds time) STAVE_EXCLUDES(mutex_);

  // The clock's mark goes to MANIFEST, if that is due.
  void keep_clock() STAVE_EXCLUDES(mutex_);

  // Ends waits (back-pressure, wait_sealed) with Code::cancelled.
  void cancel() STAVE_EXCLUDES(mutex_);
  // Clean end: everything durable and sealed but the active file, which is cut to its length.
  // *session: whether anything was ever begun (else MANIFEST needs no change).
  Status close(bool* session) STAVE_EXCLUDES(mutex_, sync_mutex_);

  // Statistics.
  [[nodiscard]] uint64_t puts() const { return puts_.load(std::memory_order_relaxed); }
  [[nodiscard]] uint64_t deletes() const { return deletes_.load(std::memory_order_relaxed); }
  [[nodiscard]] uint64_t syncs() const { return syncs_.load(std::memory_order_relaxed); }

 private:
  // writer.cc: appending.
  static constexpr uint64_t kLong = 2048;
  enum class Room : uint8_t { spare_reserve, use_reserve };
  // Whether one record, or one put, of `size` bytes fits as things stand; false may also mean:
  // look closer.
  [[nodiscard]] bool fits_now(uint64_t size) const STAVE_REQUIRES(mutex_);
  [[nodiscard]] bool fits_now(uint64_t size, const Digest& d) const STAVE_REQUIRES(mutex_);
  void note_space() STAVE_REQUIRES(mutex_);
  void plan_pause() STAVE_REQUIRES(mutex_);
  void pause() STAVE_REQUIRES(mutex_);
  Status ready(uint64_t size, uint64_t operations, uint64_t key_bytes, Room room)
      STAVE_REQUIRES(mutex_);
  [[nodiscard]] char* begin_record(uint64_t size, bool through_file) STAVE_REQUIRES(mutex_);
  Status end_record(uint64_t size, bool through_file) STAVE_REQUIRES(mutex_);
  [[nodiscard]] uint8_t durable_flag() STAVE_REQUIRES(mutex_);
  void apply(const Operation& op, const Digest& d, uint64_t offset, uint64_t size, uint64_t seq)
      STAVE_REQUIRES(mutex_);
  struct Put {
    Bytes key, value;
    uint64_t expires_at_ms = 0;
    Digest digest;
    uint64_t size = 0;  // of the record
  };
  // A long record that would have to wait for pages: the kernel finds those of a write faster.
  [[nodiscard]] bool rather_by_file(uint64_t size) const STAVE_REQUIRES(mutex_) {
    return size >= kLong && !prefaulter_.ready(active_->id(), tail_ + size);
  }
  // has_room: this was seen to.
  Status append(const Put& put, bool by_file, bool has_room = false) STAVE_REQUIRES(mutex_);
  Status tombstone(Bytes key, const Digest& d, bool by_file) STAVE_REQUIRES(mutex_);
  Status write_tombstone(Bytes key, const Digest& d, bool by_file) STAVE_REQUIRES(mutex_);
  void note_expiry(uint64_t expires_at_ms) STAVE_REQUIRES(mutex_);
  // The record stands at `offset`: the put takes place.
  void conclude(const Operation& op, const Digest& d, uint64_t offset, uint64_t size)
      STAVE_REQUIRES(mutex_);
  void kick() STAVE_REQUIRES(mutex_);
  void kick_others() STAVE_REQUIRES(mutex_);
  [[nodiscard]] bool wants_sync(SyncWish wish) const;
  [[nodiscard]] bool through_file(bool synced) const;
  Status finish(uint64_t seq, bool synced) STAVE_EXCLUDES(mutex_, sync_mutex_);

  // writer_update.cc: what reads before it writes.
  Status read_record(Bytes key, const Slot& slot, ColdRecord* cold, FoundRecord* out)
      STAVE_REQUIRES(mutex_);
  Status look_up(Bytes key, const Digest& d, ColdRecord* cold, FoundRecord* found, Present* out)
      STAVE_REQUIRES(mutex_);
  enum class Presence : uint8_t { there, expired, deleted };
  Presence presence(Bytes key, const Slot& slot, ColdRecord* cold) STAVE_REQUIRES(mutex_);
  Status remove_expiring(Bytes key, const Digest& d, SyncWish wish) STAVE_EXCLUDES(mutex_);
  Status update_now(Bytes key, const Digest& d, Decide decide, bool by_file, ColdRecord* cold,
                    uint64_t* seq) STAVE_REQUIRES(mutex_);

  // writer_ranges.cc. There is room.
  Status append_range(Bytes from, Bytes to, bool by_file) STAVE_REQUIRES(mutex_);
  void drop_files(Cleared* out) STAVE_REQUIRES(mutex_);

  // writer_batch.cc.
  struct Batch {
    const std::vector<Operation>& operations;
    std::vector<Digest> digests;
    uint64_t size = 0;
    uint64_t key_bytes = 0;
    bool any_put = false;
  };
  Status make_room(const std::vector<Digest>& digests) STAVE_REQUIRES(mutex_);
  struct Conditions {
    const std::vector<Condition>& list;
    std::vector<Digest> digests;
  };
  void find_cold(const Conditions& conditions, std::vector<ColdRecord>* cold)
      STAVE_REQUIRES(mutex_);
  Status check(const Conditions& conditions) STAVE_REQUIRES(mutex_);
  Status write_frame(const Batch& batch, bool by_file) STAVE_REQUIRES(mutex_);

  // writer_many.cc: as many of the n as go together, from number *stored on. *seq: of the last.
  Status put_group(size_t n, EntryAt entry_at, bool by_file, size_t* stored, uint64_t* seq)
      STAVE_EXCLUDES(mutex_);

  // writer_files.cc: session, files, rotation.
  Status begin_session() STAVE_REQUIRES(mutex_);
  // `length`: bytes that the file can hold; `last_seq`: no number above it was ever used; `least`:
  // blocks that it has at any rate.
  Result<std::shared_ptr<Segment>> make_file(uint64_t length, uint64_t last_seq,
                                             uint64_t least = 64 << 10);
  [[nodiscard]] uint64_t usual_length() const;
  // In place of the threads, when there are none.
  void housekeep() STAVE_EXCLUDES(mutex_, housekeeping_mutex_);
  void sync_if_due() STAVE_REQUIRES(housekeeping_mutex_) STAVE_EXCLUDES(mutex_, sync_mutex_);
  void adopt_active(std::shared_ptr<Segment> segment, uint64_t allocated) STAVE_REQUIRES(mutex_);
  Status rotate() STAVE_REQUIRES(mutex_);
  Status replace_active(uint64_t length) STAVE_REQUIRES(mutex_);
  [[nodiscard]] uint64_t capacity() const STAVE_REQUIRES(mutex_);
  Status find_file(uint64_t size, uint64_t operations, uint64_t key_bytes) STAVE_REQUIRES(mutex_);
  Status start_workers() STAVE_REQUIRES(mutex_);
  [[nodiscard]] uint64_t blocks_limit(const Segment& segment) const;
  Status extend_blocks(uint64_t need, uint64_t reserve) STAVE_REQUIRES(mutex_);
  std::chrono::milliseconds prepare_step() STAVE_EXCLUDES(mutex_);
  void make_next() STAVE_EXCLUDES(mutex_);
  void give_back(uint64_t reserve) STAVE_REQUIRES(mutex_);
  [[nodiscard]] uint64_t reserve() const STAVE_REQUIRES(mutex_);
  Status wait_for_next() STAVE_REQUIRES(mutex_);
  void look_ahead() STAVE_EXCLUDES(mutex_);
  [[nodiscard]] uint64_t wanted_ahead() const;
  bool allocate_ahead(const std::shared_ptr<Segment>& segment, uint64_t tail, uint64_t* allocated)
      STAVE_EXCLUDES(mutex_);
  Status discard_file(const std::shared_ptr<Segment>& segment);

  // writer_seal.cc: sealing.
  std::chrono::milliseconds seal_step() STAVE_EXCLUDES(mutex_);
  Status seal(Segment& segment) STAVE_EXCLUDES(mutex_, sync_mutex_);
  std::chrono::milliseconds index_step() STAVE_EXCLUDES(mutex_);

  // writer_sync.cc: durability.
  void gather(unsigned group) const;
  static Status sync_file(const Segment& segment);
  Status lead_flush(unsigned group, unsigned* callers, uint64_t* reached) STAVE_EXCLUDES(mutex_);
  [[nodiscard]] SegmentList unsynced_files(uint64_t* reached) STAVE_EXCLUDES(mutex_);
  void poison(const Status& why) STAVE_EXCLUDES(poison_mutex_);
  [[nodiscard]] Status poison_status() STAVE_EXCLUDES(poison_mutex_);
  // If the log's own claim lags durable_seq by `lag` operations at least.
  void append_mark(uint64_t lag) STAVE_EXCLUDES(mutex_);

  const std::shared_ptr<Env> env_;
  Catalog& catalog_;
  AddressSpace& space_;
  Keydir& keydir_;
  const Hasher& hasher_;
  RangeDeletes& ranges_;
  const bool fast_;  // put_fast may be tried

  Mutex mutex_;
  CondVar changed_;  // next_, pending_, errors
  FeedHub feeds_ STAVE_GUARDED_BY(mutex_);
  unsigned feeds_waiting_ STAVE_GUARDED_BY(mutex_) = 0;
  CondVar appended_;  // signalled while feeds_waiting_
  bool session_ STAVE_GUARDED_BY(mutex_) = false;
  bool cancelled_ STAVE_GUARDED_BY(mutex_) = false;
  bool preparing_ STAVE_GUARDED_BY(mutex_) = false;     // a next file is being made right now
  uint64_t sealed_bytes_ STAVE_GUARDED_BY(mutex_) = 0;  // of files before the active one, about
  bool in_prepare_step_ STAVE_GUARDED_BY(mutex_) = false;
  unsigned held_ STAVE_GUARDED_BY(mutex_) = 0;      // hold_ahead, by so many
  unsigned rotating_ STAVE_GUARDED_BY(mutex_) = 0;  // calls inside rotate()
  std::shared_ptr<Segment> active_ STAVE_GUARDED_BY(mutex_);
  std::shared_ptr<Segment> next_ STAVE_GUARDED_BY(mutex_);
  std::deque<std::shared_ptr<Segment>> pending_ STAVE_GUARDED_BY(mutex_);
  Status workers_failed_ STAVE_GUARDED_BY(mutex_);
  // Errors of the last attempts, which are counted: they answer only calls from before.
  Status prepare_error_ STAVE_GUARDED_BY(mutex_);
  Status seal_error_ STAVE_GUARDED_BY(mutex_);
  uint64_t prepare_attempts_ STAVE_GUARDED_BY(mutex_) = 0;
  uint64_t seal_attempts_ STAVE_GUARDED_BY(mutex_) = 0;
  uint64_t tail_ STAVE_GUARDED_BY(mutex_) = 0;        // of the active file
  uint64_t allocated_ STAVE_GUARDED_BY(mutex_) = 0;   // blocks exist up to here
  uint64_t fits_below_ STAVE_GUARDED_BY(mutex_) = 0;  // note_space
  uint64_t operations_ STAVE_GUARDED_BY(mutex_) = 0;  // in the active file
  uint64_t key_bytes_ STAVE_GUARDED_BY(mutex_) = 0;
  uint64_t kick_at_ STAVE_GUARDED_BY(mutex_) = 0;         // tail at which to wake anyone
  uint64_t work_at_ STAVE_GUARDED_BY(mutex_) = 0;         // at which there is work for the threads
  uint64_t kicked_ STAVE_GUARDED_BY(mutex_) = 0;          // tail at which they were woken
  uint64_t pause_until_us_ STAVE_GUARDED_BY(mutex_) = 0;  // no put before; 0: no matter
  uint64_t index_at_ STAVE_GUARDED_BY(mutex_) = 0;   // operations at which there is a run to make
  bool index_due_ STAVE_GUARDED_BY(mutex_) = false;  // since then nothing was indexed
  // The log says, in a mark or a flag, that operations up to here were durable.
  uint64_t claimed_seq_ STAVE_GUARDED_BY(mutex_) = 0;
  uint64_t next_seq_ STAVE_GUARDED_BY(mutex_);
  std::string scratch_ STAVE_GUARDED_BY(mutex_);
  std::atomic<uint64_t> last_seq_;

  // One thread at a time does the background steps when there are no background threads. Before
  // mutex_ in the lock order.
  Mutex housekeeping_mutex_;
  uint64_t sync_due_us_ STAVE_GUARDED_BY(housekeeping_mutex_) = 0;

  // Around every File::allocate: a failed one cuts the file back to the length it found, which
  // must not have grown meanwhile. After mutex_ in the lock order.
  Mutex blocks_mutex_;

  Mutex sync_mutex_;
  CondVar flushed_;
  bool flushing_ STAVE_GUARDED_BY(sync_mutex_) = false;
  unsigned sync_group_ STAVE_GUARDED_BY(sync_mutex_) = 0;  // callers that the last flush served
  std::atomic<unsigned> sync_callers_{0};                  // inside make_durable
  std::atomic<uint64_t> durable_seq_;
  std::atomic<bool> poisoned_{false};
  Mutex poison_mutex_;
  Status poison_ STAVE_GUARDED_BY(poison_mutex_);

  std::atomic<uint64_t> puts_{0}, deletes_{0}, syncs_{0};
  Prefaulter prefaulter_;
  Worker prepare_worker_;
  Worker seal_worker_;
  Worker index_worker_;
  Worker interval_worker_;
};

}  // namespace stave
