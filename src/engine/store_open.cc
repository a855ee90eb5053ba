// Opening: find or create, lock, recover, load, start.

#include <algorithm>
#include <new>
#include <thread>

#include "engine/backup.h"
#include "engine/recovery.h"
#include "engine/salvage.h"
#include "engine/store.h"
#include "engine/tail_index.h"
#include "io/parent_of.h"

namespace stave {
namespace {

// Of the findings, from each end: the queue of events is short.
constexpr size_t kSalvageLines = 100;

Manifest new_manifest() {
  Manifest m;
  random_bytes(m.uuid.data(), m.uuid.size());
  m.uuid[6] = static_cast<uint8_t>((m.uuid[6] & 0x0f) | 0x40);  // RFC 4122 version 4
  m.uuid[8] = static_cast<uint8_t>((m.uuid[8] & 0x3f) | 0x80);
  random_bytes(&m.lineage, sizeof m.lineage);
  m.clean = true;
  return m;
}

Result<bool> has_data_files(Env& env) {
  auto names = env.fs.list(env.dir);
  if (!names.ok()) return names.status();
  uint64_t id = 0;
  return std::any_of(names->begin(), names->end(),
                     [&](const std::string& n) { return parse_data_file_name(n, &id); });
}

}  // namespace

Result<std::unique_ptr<Store>> Store::open(Fs& fs, const Clock& clock, const std::string& dir,
                                           const Options& options) {
  if (dir.empty()) return Status(Code::invalid_argument, "the directory's name is empty");
  if (options.salvage) return salvage(fs, clock, dir, options);
  auto store = open_on(std::make_shared<Env>(fs, clock, dir, options));
  if (!store.status().is(Code::corrupt)) return store;
  return Status(Code::corrupt, store.status().message() +
                                   "; `stave repair` saves what can be read, and salvage=true "
                                   "opens that for reading");
}

Result<std::unique_ptr<Store>> Store::open_on(std::shared_ptr<Env> env) {
  const uint64_t begin = env->clock.now_us();
  const Options& options = env->options;
  std::unique_ptr<Store> store(new Store(std::move(env)));
  if (!options.network_fs) {
    const std::string& dir = store->env_->dir;
    if (const std::string kind = store->env_->fs.network_fs(dir); !kind.empty()) {
      return Status(Code::network_fs,
                    dir + " is on a network file system (" + kind +
                        "), whose locks and mappings cannot be trusted; set the option "
                        "network_fs to open it all the same");
    }
  }
  Status s = options.read_only ? store->open_for_reading() : store->open_for_writing();
  if (!s.ok()) {
    store->check_worker_.stop();
    store->merge_worker_.stop();
    store->sweep_worker_.stop();
    return s;
  }
  store->open_micros_ = store->env_->clock.now_us() - begin;
  return store;
}

Result<std::unique_ptr<Store>> Store::salvage(Fs& fs, const Clock& clock, const std::string& dir,
                                              const Options& options) {
  std::shared_ptr<Fs> over;
  RepairReport report;
  STAVE_RETURN_IF_ERROR(open_salvage(fs, clock, dir, options, &over, &report));
  Options reading = options;
  reading.read_only = true;
  auto store = open_on(std::make_shared<Env>(fs, clock, dir, std::move(reading), std::move(over)));
  if (!store.ok() || !report.changed) return store;
  (*store)->salvage_lost_regions_ = report.lost_regions;
  (*store)->salvage_lost_bytes_ = report.lost_bytes;
  for (size_t i = 0; i < report.lines.size(); ++i) {
    if (i >= kSalvageLines && i + kSalvageLines < report.lines.size()) {
      const size_t left_out = report.lines.size() - 2 * kSalvageLines;
      (*store)->env_->log.write(LogLevel::warn, "salvage: " + std::to_string(left_out) +
                                                    " lines left out; a dry run of repair has all");
      i += left_out - 1;
      continue;
    }
    // A file that nothing is wrong with is no warning.
    const bool whole = report.lines[i].find(": kept with ") != std::string::npos &&
                       report.lines[i].find("torn") == std::string::npos;
    (*store)->env_->log.write(whole ? LogLevel::info : LogLevel::warn,
                              "salvage: " + report.lines[i]);
  }
  return store;
}

Status Store::lock_directory() {
  const uint64_t deadline = env_->clock.now_us() + env_->options.open_timeout_ms * 1000;
  while (true) {
    auto lock = env_->fs.lock(env_->dir);
    if (lock.ok()) {
      lock_ = lock.take();
      return {};
    }
    if (!lock.status().is(Code::busy) || env_->clock.now_us() >= deadline) return lock.status();
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

// MANIFEST, or a new one where that is wanted. Called with the lock held.
Result<Manifest> Store::find_or_create() {
  auto found = load_manifest(*env_);
  if (found.ok() && env_->options.error_if_exists) {
    return Status(Code::exists, env_->dir + " holds a store already (error_if_exists is set)");
  }
  if (!found.status().is(Code::not_found)) return found;
  auto data = has_data_files(*env_);
  if (!data.ok()) return data.status();
  if (*data && env_->fs.inode(env_->path(kBackupMarker)).ok()) {
    return Status(Code::no_store,
                  env_->dir + " holds a backup that was interrupted; make it again");
  }
  if (*data) {
    return Status(Code::corrupt, env_->path("MANIFEST") +
                                     " is missing, but the directory holds data files; restore "
                                     "it from a backup, it is never made anew over data");
  }
  if (!env_->options.create_if_missing) {
    return Status(Code::no_store, env_->dir + " holds no store (create_if_missing is off)");
  }
  // The directory's own name must survive a power cut as well as what is in it. Here, since who
  // made it may have been killed right afterwards.
  STAVE_RETURN_IF_ERROR(env_->fs.sync_dir(parent_of(env_->dir)));
  Manifest m = new_manifest();
  m.lock_inode = lock_->inode();
  bool uncertain = false;
  STAVE_RETURN_IF_ERROR(save_manifest(*env_, m, &uncertain));
  return m;
}

Status Store::open_for_writing() {
  const bool create = env_->options.create_if_missing;
  auto names = env_->fs.list(env_->dir);
  if (names.status().is(Code::not_found)) {
    if (!create) return {Code::no_store, env_->dir + ": there is no such directory"};
    STAVE_RETURN_IF_ERROR(env_->fs.make_dir(env_->dir));
  } else if (!names.ok()) {
    return names.status();
  } else if (!create && std::find(names->begin(), names->end(), "MANIFEST") == names->end()) {
    // Before the lock, which would leave a LOCK file in a directory that is not ours.
    auto data = has_data_files(*env_);
    if (data.ok() && !*data) return {Code::no_store, env_->dir + " holds no store"};
  }
  STAVE_RETURN_IF_ERROR(lock_directory());
  auto manifest = find_or_create();
  if (!manifest.ok()) return manifest.status();
  View view;
  view.manifest = manifest.take();
  env_->expiry.learn(view.manifest.clock_high_ms);
  auto opened = open_files(env_, view.manifest, OpenFor::writing);
  if (opened.status().is(Code::not_found)) {
    return {Code::corrupt, opened.status().message() + " (it is listed in MANIFEST)"};
  }
  if (!opened.ok()) return opened.status();
  SegmentList segments = opened.take();
  // Not before all that is listed was found: what is not may be what a repair needs. And before
  // the recovery, which may need the room.
  STAVE_RETURN_IF_ERROR(remove_leftovers(*env_, view.manifest));
  opened_clean_ = view.manifest.clean;
  const bool open_files_left =
      std::any_of(view.manifest.files.begin(), view.manifest.files.end(),
                  [](const ManifestFile& f) { return !f.sealed && f.length == 0; });
  Recovered recovered;
  if (!view.manifest.clean || open_files_left) {
    STAVE_RETURN_IF_ERROR(recover_log(*env_, &view.manifest, &segments, &recovered));
    quarantined_bytes_ = recovered.quarantined_bytes;
    STAVE_RETURN_IF_ERROR(remove_leftovers(*env_, view.manifest));
  }
  // A copy of the directory is another line of the store's history from now on.
  if (view.manifest.lock_inode != lock_->inode()) {
    random_bytes(&view.manifest.lineage, sizeof view.manifest.lineage);
    view.manifest.lock_inode = lock_->inode();
  }
  return start(std::move(view), std::move(segments), recovered.notes);
}

Status Store::start(View view, SegmentList segments, const NotesOfFiles& notes) {
  auto loaded = load_store(env_, view.manifest, segments, OpenFor::writing, notes);
  if (!loaded.ok()) return loaded.status();
  view.loaded = loaded.take();
  // The newest operations may have been tombstones that a merge dropped.
  view.last_seq = std::max(view.loaded.last_seq, view.manifest.feed_floor);
  std::shared_ptr<Segment> active;
  if (!segments.empty() && !segments.back()->sealed()) {
    active = segments.back();
    active->tail_index = std::make_shared<TailIndex>();
  }
  const uint64_t next_seq = std::max(view.last_seq + 1, view.manifest.seq_floor);
  catalog_ = std::make_unique<Catalog>(env_, view.manifest, std::move(segments));
  if (const auto refill = view.loaded.refill) {
    view.loaded.keydir->set_repair([refill, catalog = catalog_.get()](KeydirPatch& patch) {
      return (*refill)(catalog->version()->segments, patch);
    });
  }
  auto* v = new View(std::move(view));
  publish(v);
  writer_ =
      std::make_unique<Writer>(WriterParts{env_, *catalog_, *v->loaded.space, *v->loaded.keydir,
                                           *v->loaded.hasher, *v->loaded.ranges},
                               v->last_seq, next_seq, active);
  Writer* writer = writer_.get();
  merger_ = std::make_unique<Merger>(
      MergeParts{env_, *catalog_, *v->loaded.space, *v->loaded.keydir, *v->loaded.hasher, reads_,
                 [writer] {
                   // Passes through the writer's mutex: slots that an operation in flight has
                   // swung already must not be taken for those of a durable one (M3).
                   uint64_t last = 0;
                   writer->while_still([&](uint64_t seq) { last = seq; });
                   return writer->make_durable(last, false);
                 },
                 [writer] { return writer->oldest_unsealed_id(); },
                 [writer](bool held) { writer->hold_ahead(held); }, [this] { (void)try_sweep(); },
                 [writer] {
                   RangeList list;
                   writer->change_ranges([&](RangeDeletes& ranges) { list = ranges.list(); });
                   return list;
                 }});
  if (v->loaded.ranges->any()) sweep_soon();
  if (v->loaded.refill) start_checking();
  STAVE_RETURN_IF_ERROR(start_merging());
  if (env_->options.background) env_->expiry.on_first_use([this] { start_clock(); });
  return {};
}

// Verifies a checkpoint's tables at leisure. Without a thread for it the first to touch a table
// does that.
void Store::start_checking() {
  if (!env_->options.background) return;
  Keydir* keydir = view_.load(std::memory_order_relaxed)->loaded.keydir.get();
  (void)check_worker_.start(
      "stave-verify",
      [this, keydir] {
        for (unsigned shard = 0; shard < kShards && !closed_.load(std::memory_order_relaxed);
             ++shard) {
          keydir->verify(shard);
        }
        check_worker_.abandon();
        return Worker::kUntilWoken;
      },
      Worker::Haste::soon);
}

// By whatever call met the first record that expires, inside a guard or under the writer's mutex.
// Without a thread for it, writes and closing keep the clock.
void Store::start_clock() {
  const auto step = [this] {
    writer_->keep_clock();
    return std::chrono::milliseconds(ExpiryClock::kSaveEveryMs);
  };
  try {
    (void)clock_worker_.start("stave-clock", step, Worker::Haste::soon);
  } catch (const std::bad_alloc&) {
  }
}

namespace {

bool lacks_hints(const Version& version) {
  return std::any_of(version.segments.begin(), version.segments.end(), [](const auto& s) {
    return s->sealed() && !s->has_hint() && s->tail() > kFileHeaderSize;
  });
}

// Not at once: a store that is opened for a moment has other things to do.
constexpr std::chrono::milliseconds kHintsAfter{500};

}  // namespace

Status Store::start_merging() {
  const Options& o = env_->options;
  const bool merges = o.merge_policy != MergePolicy::never;
  bool hints = lacks_hints(*catalog_->version());
  if (!o.background || !(merges || hints)) return {};
  const std::chrono::milliseconds interval(o.merge_check_interval_ms);
  return merge_worker_.start(
      "stave-merge",
      [this, merges, interval, hints, first = true]() mutable {
        if (std::exchange(first, false)) return hints ? std::min(interval, kHintsAfter) : interval;
        if (hints) merger_->write_hints();
        hints = hints && !merges;  // where there are merges, they see to one that failed
        if (merges) (void)merger_->run_if_due();
        return interval;
      },
      Worker::Haste::whenever);
}

}  // namespace stave
