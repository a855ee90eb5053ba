// The store: everything that stave.h offers, without C. Wires the parts together, lets calls in
// and, on close, out.
//
// Invariants
//  T1. Every public call is counted in `calls_` or, for reads, `reads_`; close() lets no new ones
//      in, waits for those inside, and only then takes anything apart.
//  T2. Whoever follows an address from the keydir to bytes is inside a guard of `reads_`.
//
// Threads: any number, for all calls. docs/threading.md has the lock order.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "engine/address_space.h"
#include "engine/catalog.h"
#include "engine/cold_pages.h"
#include "engine/env.h"
#include "engine/epoch.h"
#include "engine/feed.h"
#include "engine/iterator.h"
#include "engine/keydir.h"
#include "engine/loader.h"
#include "engine/many.h"
#include "engine/merge.h"
#include "engine/store_snapshot.h"
#include "engine/worker.h"
#include "engine/writer.h"

namespace stave {

struct BackupReport;
class FoundRecord;

// What readers see. A writable store has one for life; refresh of a read-only one swaps it.
struct View {
  Manifest manifest;
  Loaded loaded;
  std::shared_ptr<const Version> version;  // read-only stores; else Catalog has it
  uint64_t last_seq = 0;
};

// A value that outlives the call without a copy: in a mapping, or in its own buffer.
struct PinnedValue {
  std::shared_ptr<const Segment> segment;
  std::shared_ptr<Env> env;
  std::string buffer;
  Bytes value;
};

struct StoreStatistics {
  uint64_t keys = 0, files = 0, disk_bytes = 0, live_bytes = 0, dead_bytes = 0;
  uint64_t last_seq = 0, durable_seq = 0, keydir_bytes = 0;
  uint64_t puts = 0, gets = 0, deletes = 0, syncs = 0;
  uint64_t open_micros = 0, quarantined_bytes = 0;
  uint64_t salvage_lost_regions = 0, salvage_lost_bytes = 0;
  bool read_only = false, opened_clean = false, poisoned = false;
  MergeStatistics merge;
};

struct FileStatistics {
  uint64_t id = 0;
  bool sealed = false, active = false, merged = false, has_hint = false;
  uint64_t bytes = 0, live_bytes = 0, dead_bytes = 0;
  uint64_t live_records = 0, dead_records = 0, tombstones = 0;
  uint64_t first_seq = 0, last_seq = 0;
  std::string merge_note;
};

struct VerifyReport {
  uint64_t files = 0, records = 0, bytes = 0, hints = 0;
  uint64_t bad_records = 0, bad_hints = 0, bad_keys = 0;
  uint64_t lying_hints = 0;  // of bad_hints: whole, but not what the data says
  std::string first_problem;
  [[nodiscard]] uint64_t problems() const { return bad_records + lying_hints + bad_keys; }
};

struct Progress {
  const char* task = "";  // "merge", "verify", "backup"
  uint64_t done = 0, total = 0;
};

// What every call answers after close().
const Status& closed_status();

class Store {
 public:
  static Result<std::unique_ptr<Store>> open(Fs& fs, const Clock& clock, const std::string& dir,
                                             const Options& options);
  ~Store();  // closes without the checkpoint if not closed
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // The first call does the work, every later one returns its result.
  Status close(bool checkpoint = true) STAVE_EXCLUDES(close_mutex_);

  // Expires as the store's default says.
  Status put(Bytes key, Bytes value, SyncWish wish = SyncWish::store_default);
  Status put_until(Bytes key, Bytes value, uint64_t expires_at_ms, SyncWish wish);
  // Writer::put_fast.
  [[nodiscard]] bool put_fast(Bytes key, Bytes value) {
    const Epoch::Guard guard(calls_);
    return may_write() && writer_->put_fast(key, value);
  }
  Status remove(Bytes key, SyncWish wish = SyncWish::store_default);
  // Writer::update; updates.h has what is built on it. *version (0: no such key) may be nullptr.
  Status update(Bytes key, Decide decide, SyncWish wish, uint64_t* version = nullptr);
  Status write(const std::vector<Operation>& operations, SyncWish wish = SyncWish::store_default,
               const std::vector<Condition>& conditions = {});
  // Every key in [from, to), an empty `to` being no end. Returns at once, however many
  // keys these are.
  Status delete_range(Bytes from, Bytes to, SyncWish wish) STAVE_EXCLUDES(sweep_mutex_);
  // Every key; gives back the space of nearly all files. A running merge ends.
  Status clear(SyncWish wish) STAVE_EXCLUDES(sweep_mutex_);
  Status sync();
  // Independent puts, in order; *stored of them succeeded, also when the next one fails.
  Status put_many(size_t n, EntryAt entry_at, SyncWish wish, size_t* stored);

  // Into [buffer, buffer + cap), or, where that is too small, into malloc'ed *spill.
  // As get_into, where nothing out of the ordinary comes up: else `other`, and nothing was done.
  enum class Hot : uint8_t { found, missing, other };
  Hot get_hot(Bytes key, void* buffer, size_t cap, size_t* length);
  Status get_into(Bytes key, void* buffer, size_t cap, size_t* length, void** spill);
  // For C++: the value itself.
  Status get(Bytes key, std::string* value);
  Status get_pinned(Bytes key, PinnedValue* out);
  Status exists(Bytes key, bool* exists);
  // *own, where wanted: the value in malloc'ed memory.
  struct Entry {
    uint64_t version = 0, expires_at_ms = 0, value_length = 0;
  };
  Status get_entry(Bytes key, Entry* out, void** own = nullptr);
  [[nodiscard]] const ExpiryClock& expiry() const { return env_->expiry; }
  // Calls answer(index, status, value) for every key, in order. The value is lent for that call,
  // which is inside a guard of reads_: it must not wait for the store. An error of its own means
  // that not all were answered.
  using Answer = Callback<void(size_t index, const Status& status, Bytes value)>;
  Status get_many(size_t n, KeyAt key_at, Answer answer);

  Result<std::unique_ptr<Iterator>> iterate(const IterateOptions& options);
  Result<std::unique_ptr<Iterator>> iterate(Bytes prefix);
  Result<std::shared_ptr<StoreSnapshot>> snapshot();
  // As of a snapshot of this store, which may be closed.
  Status get_at(StoreSnapshot& snapshot, Bytes key, std::string* value);
  // Keys in [from, to), an empty `to` being no end, as of now.
  Status count_range(Bytes from, Bytes to, uint64_t* count) STAVE_EXCLUDES(refresh_mutex_);
  // About so many, and the bytes of their records, as if what is dead stood everywhere alike.
  Status approximate_size(Bytes from, Bytes to, uint64_t* bytes, uint64_t* keys)
      STAVE_EXCLUDES(refresh_mutex_);

  // Operations above number `after`. feed_gone.
  Status open_feed(uint64_t after, std::unique_ptr<Feed>* out) STAVE_EXCLUDES(refresh_mutex_);
  // Feed::next, waiting up to `timeout_ms` (-1: without end) for an operation: done if none came.
  Status feed_next(Feed& feed, int64_t timeout_ms, Change* out) STAVE_EXCLUDES(refresh_mutex_);

  // A copy as of now in `dir`, incremental where it holds one (backup.h).
  Status backup(const std::string& dir, bool may_link, BackupReport* report)
      STAVE_EXCLUDES(refresh_mutex_);
  // The same in a directory that does not exist.
  Status checkpoint(const std::string& dir) STAVE_EXCLUDES(refresh_mutex_);

  Status merge(bool capped, bool sort = false);
  Status pause_merges(bool paused);
  Status refresh() STAVE_EXCLUDES(refresh_mutex_);
  Status verify(VerifyReport* report);
  // Of all sealed files, from the data.
  Status rebuild_hints();

  Status statistics(StoreStatistics* out);
  Status files(std::vector<FileStatistics>* out);
  Status progress(Progress* out);
  [[nodiscard]] bool closed() const { return closed_.load(std::memory_order_acquire); }
  bool next_log_event(LogEvent* out, uint64_t* dropped) { return env_->log.next(out, dropped); }

 private:
  explicit Store(std::shared_ptr<Env> env) : env_(std::move(env)) {}

  // store_open.cc
  static Result<std::unique_ptr<Store>> open_on(std::shared_ptr<Env> env);
  static Result<std::unique_ptr<Store>> salvage(Fs& fs, const Clock& clock, const std::string& dir,
                                                const Options& options);
  Status open_for_writing();
  Status open_for_reading();
  Status lock_directory();
  Result<Manifest> find_or_create();
  Status start(View view, SegmentList segments, const NotesOfFiles& notes);
  void start_checking();
  Status start_merging();
  void start_clock();
  // Readers see `view` from now on. Returns what they saw before.
  View* publish(View* view) {
    view->loaded.ranges->on_change([this, view] { choose_way(*view); });
    choose_way(*view);
    return view_.exchange(view, std::memory_order_acq_rel);
  }
  // Release: who sees that no range is listed any more sees the slots that went before.
  void choose_way(const View& view) {
    const bool fast = view.loaded.hasher->fast() && env_->options.io == Io::mapped;
    fast_.store(fast && !view.loaded.ranges->any(), std::memory_order_release);
  }
  // store.cc
  Status seal_active();
  Status shut(bool checkpoint);
  Status finish_writing(bool checkpoint);
  [[nodiscard]] bool may_write() const {
    return !closed_.load(std::memory_order_seq_cst) && writer_ != nullptr;
  }
  [[nodiscard]] Status enter_write() const {
    return __builtin_expect(may_write(), 1) ? Status() : why_no_write();
  }
  [[nodiscard]] Status why_no_write() const;
  // store_read.cc
  Status find(Bytes key, FoundRecord* out);
  void get_slowly(size_t index, Bytes key, Answer answer);
  bool get_unchanged(Bytes key, uint64_t since, std::string* value);
  // store_snapshot.cc
  Snapshot snapshot_now() STAVE_EXCLUDES(refresh_mutex_);
  // store_ranges.cc
  void free_retired();
  void sweep_soon() STAVE_EXCLUDES(sweep_mutex_, sweeper_mutex_);
  bool start_sweeper() STAVE_EXCLUDES(sweeper_mutex_);
  bool try_sweep(bool closing = false) STAVE_EXCLUDES(sweep_mutex_);
  // ok: no range that was listed at the call is any more.
  Status sweep(bool closing = false) STAVE_EXCLUDES(sweep_mutex_);
  void try_sweep(View& view);
  Status sweep(View& view);
  Status clear_now(SyncWish wish);
  // store_backup.cc
  Manifest manifest_now() STAVE_EXCLUDES(refresh_mutex_);
  // store_feed.cc
  Status update_feed(Feed& feed) STAVE_EXCLUDES(refresh_mutex_);
  // store_many.cc
  Status get_group(size_t first, size_t count, KeyAt key_at, Answer answer);
  // store_refresh.cc
  Result<View> read_view();
  Status adopt_new_files(View& view, const Manifest& now) STAVE_REQUIRES(refresh_mutex_);
  struct Stop {
    bool found = false;
    size_t file = 0;  // index
    uint64_t offset = 0;
  };
  Result<bool> follow(View& view, const Manifest& now, Stop* stopped)
      STAVE_REQUIRES(refresh_mutex_);
  Status judge_stop(View& view, const Manifest& now, Stop stopped) STAVE_REQUIRES(refresh_mutex_);
  // store_info.cc
  // The files, and what goes with them, under the lock that fits the kind of store.
  void collect(std::vector<FileStatistics>* files, StoreStatistics* out)
      STAVE_EXCLUDES(refresh_mutex_);
  [[nodiscard]] FileStatistics describe(const Segment& segment, uint64_t active) const;
  // verify.cc
  friend class Verifier;

  const std::shared_ptr<Env> env_;
  std::atomic<bool> closed_{false};
  Epoch reads_;
  Epoch calls_;
  ColdPages cold_pages_;
  std::atomic<bool> fast_{true};  // false: get_hot is in vain (hasher, I/O mode, deleted ranges)
  std::unique_ptr<DirLock> lock_;
  std::atomic<View*> view_{nullptr};                // owned; swapped by refresh
  alignas(64) std::atomic<uint64_t> many_gets_{0};  // beyond one for each guard; a line of its own
  std::unique_ptr<Catalog> catalog_;
  std::unique_ptr<Writer> writer_;
  std::unique_ptr<Merger> merger_;
  Worker merge_worker_;
  Worker check_worker_;
  Worker clock_worker_;  // from the first record on that expires
  Worker sweep_worker_;  // from the first deleted range on
  Mutex sweeper_mutex_;
  bool sweeper_tried_ STAVE_GUARDED_BY(sweeper_mutex_) = false;
  bool sweeper_runs_ STAVE_GUARDED_BY(sweeper_mutex_) = false;
  std::atomic<bool> sweep_failing_{false};  // which was told
  Mutex sweep_mutex_;                       // one sweep at a time
  uint64_t open_micros_ = 0;
  uint64_t quarantined_bytes_ = 0;
  uint64_t salvage_lost_regions_ = 0, salvage_lost_bytes_ = 0;
  bool opened_clean_ = true;
  std::atomic<uint64_t> verify_done_{0}, verify_total_{0};
  std::atomic<uint64_t> backup_done_{0}, backup_total_{0};

  // Of read-only stores: what refresh changes. Taken before any guard of reads_, since refresh
  // waits for those while it holds it.
  mutable Mutex refresh_mutex_;
  bool half_applied_ STAVE_GUARDED_BY(refresh_mutex_) = false;  // the view, by a failed refresh
  Mutex close_mutex_;
  bool close_done_ STAVE_GUARDED_BY(close_mutex_) = false;
  Status close_result_ STAVE_GUARDED_BY(close_mutex_);
};

}  // namespace stave
