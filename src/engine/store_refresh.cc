// Read-only stores: the view of what a writer in another process has done so far.
//
// A view is built aside from one MANIFEST and swapped in; readers keep the old one until they
// leave. While MANIFEST stands, only tails grow, and operations read from them are applied to
// the view in log order: what comes later wins, so nothing else has to be compared.

#include <chrono>
#include <thread>

#include "engine/claim_search.h"
#include "engine/log_scan.h"
#include "engine/scan.h"
#include "engine/store.h"

namespace stave {
namespace {

constexpr int kTries = 50;
constexpr std::chrono::milliseconds kPause{2};
constexpr auto kRelaxed = std::memory_order_relaxed;
// Deleted ranges that one refresh takes into a view; rather than more, a view is built aside.
constexpr size_t kRangesMax = 100;

}  // namespace

Result<View> Store::read_view() {
  View view;
  SegmentList segments;
  Status s;
  uint64_t failed_generation = 0;
  for (int i = 0; i < kTries; ++i) {
    auto manifest = load_manifest(*env_);
    if (!manifest.ok()) return manifest.status();
    view.manifest = manifest.take();
    env_->expiry.learn(view.manifest.clock_high_ms);
    auto opened = open_files(env_, view.manifest, OpenFor::reading);
    s = opened.status();
    if (s.ok()) {
      segments = opened.take();
      break;
    }
    // A file that vanished between MANIFEST and its opening was merged: read MANIFEST again.
    if (!s.is(Code::not_found)) return s;
    if (failed_generation == view.manifest.generation && i > 5) {
      return Status(Code::corrupt, s.message() + " (it is listed in MANIFEST)");
    }
    failed_generation = view.manifest.generation;
    std::this_thread::sleep_for(kPause);
  }
  STAVE_RETURN_IF_ERROR(s);
  uint64_t sealed_last = 0;
  SegmentList unsealed;
  for (size_t i = 0; i < segments.size(); ++i) {
    const ManifestFile& f = view.manifest.files[i];
    if (f.sealed || f.length != 0) {
      sealed_last = std::max(sealed_last, f.last_seq);
    } else {
      unsealed.push_back(segments[i]);
    }
  }
  LogScan scan;
  STAVE_RETURN_IF_ERROR(
      scan_log(unsealed, sealed_last, view.manifest.seq_floor, LogWriter::may_be_alive, &scan));
  NotesOfFiles notes;
  for (size_t i = 0; i < unsealed.size(); ++i) {
    unsealed[i]->publish_tail(scan.files[i].end);
    notes[unsealed[i]->id()] = std::move(scan.files[i].notes);
  }
  auto loaded = load_store(env_, view.manifest, segments, OpenFor::reading, notes);
  if (!loaded.ok()) return loaded.status();
  view.loaded = loaded.take();
  // The newest operations may have been tombstones that a merge dropped.
  view.last_seq = std::max({view.loaded.last_seq, scan.last_seq, view.manifest.feed_floor});
  view.version = std::make_shared<const Version>(Version{std::move(segments)});
  if (const auto refill = view.loaded.refill) {
    view.loaded.keydir->set_repair([refill, version = view.version](KeydirPatch& patch) {
      return (*refill)(version->segments, patch);
    });
  }
  try_sweep(view);
  return view;
}

Status Store::open_for_reading() {
  auto manifest = env_->fs.exists(env_->path("MANIFEST"));
  if (!manifest.ok()) return manifest.status();
  if (!*manifest) {
    auto names = env_->fs.list(env_->dir);
    if (!names.ok() && !names.status().is(Code::not_found)) return names.status();
    uint64_t id = 0;
    if (names.ok()) {
      for (const std::string& n : *names) {
        if (!parse_data_file_name(n, &id)) continue;
        return {Code::corrupt,
                env_->path("MANIFEST") + " is missing, but the directory holds data files"};
      }
    }
    return {Code::no_store,
            env_->dir + (names.ok() ? " holds no store" : ": there is no such directory")};
  }
  if (env_->options.error_if_exists) {
    return {Code::exists, env_->dir + " holds a store already (error_if_exists is set)"};
  }
  auto view = read_view();
  if (!view.ok()) return view.status();
  opened_clean_ = view->manifest.clean;
  publish(new View(view.take()));
  return {};
}

namespace {

// Whether `now` lists the files of `then`, in their order, and nothing else but log files after.
bool only_appended(const Manifest& then, const Manifest& now) {
  if (then.uuid != now.uuid || now.files.size() < then.files.size()) return false;
  for (size_t i = 0; i < now.files.size(); ++i) {
    if (i < then.files.size() ? now.files[i].id != then.files[i].id
                              : now.files[i].origin != Origin::log) {
      return false;
    }
  }
  return true;
}

// Applies appended operations to a view, in log order.
class Follower {
 public:
  explicit Follower(View& view) : view_(view), l_(view.loaded) {}

  // Reads on in one file, up to `end` at most. *stop: an operation is missing before what
  // stands there, so that nothing later may be applied yet, or something stands there that is no
  // record. *at: where.
  Status follow(Segment& segment, uint64_t end, bool jump_allowed, bool* stop, uint64_t* at);
  [[nodiscard]] bool too_many_ranges() const { return l_.ranges->count() > kRangesMax; }

 private:
  Status apply(Segment& segment, const Scanned& s) const;
  Status apply_range(Segment& segment, const Scanned& s) const;

  View& view_;
  Loaded& l_;
};

Status Follower::follow(Segment& segment, uint64_t end, bool jump_allowed, bool* stop,
                        uint64_t* at) {
  Scanner scanner(segment.file(), segment.salt(), segment.tail(), end);
  Scanned s;
  Scanner::State state;
  bool at_start = !segment.holds_operations();
  while ((state = scanner.next(&s)) == Scanner::State::record) {
    if (s.record.kind != Kind::mark) {
      if (s.record.seq != view_.last_seq + 1 && !(at_start && jump_allowed)) {
        *stop = true;
        *at = s.frame_offset;
        return {};
      }
      at_start = false;
      // Before the slot: who sees the slot must find the record below the tail.
      if (s.frame_end > segment.tail()) segment.publish_tail(s.frame_end);
      const bool range = s.record.kind == Kind::range_tombstone;
      STAVE_RETURN_IF_ERROR(range ? apply_range(segment, s) : apply(segment, s));
      view_.last_seq = s.record.seq;
      if (range && too_many_ranges()) return {};
    }
    if (s.frame_end > segment.tail()) segment.publish_tail(s.frame_end);
  }
  *stop = state == Scanner::State::invalid;
  *at = scanner.position();
  return state == Scanner::State::error ? scanner.status() : Status();
}

// Hidden at once; the refresh sweeps when it has read on.
Status Follower::apply_range(Segment& segment, const Scanned& s) const {
  const Record& r = s.record;
  l_.ranges->add({{std::string(r.key), std::string(r.value), r.seq, s.offset}});
  segment.counts.note_number(r.seq);
  return {};
}

Status Follower::apply(Segment& segment, const Scanned& s) const {
  const Digest d = (*l_.hasher)(s.record.key);
  Slot previous;
  bool had = false;
  segment.counts.add_operation(s.size, s.record.seq);
  if (s.record.kind == Kind::put) {
    STAVE_RETURN_IF_ERROR(l_.keydir->make_room(d));
    const unsigned cls = size_class(s.size);
    segment.counts.add_live(s.size, cls);
    had = l_.keydir->put(d, Slot{segment.address_of(s.offset), cls}, &previous);
  } else {
    segment.counts.tombstones.fetch_add(1, kRelaxed);
    had = l_.keydir->erase(d, &previous);
  }
  if (had) l_.space->segment_at(previous.address)->counts.remove_live(previous.size_class);
  return {};
}

}  // namespace

// Opens the files that `now` adds to the view.
Status Store::adopt_new_files(View& view, const Manifest& now) {
  Manifest added = now;
  added.files.erase(added.files.begin(),
                    added.files.begin() + static_cast<ptrdiff_t>(view.manifest.files.size()));
  if (added.files.empty()) return {};
  auto opened = open_files(env_, added, OpenFor::reading);
  if (!opened.ok()) return opened.status();
  SegmentList segments = view.version->segments;
  for (size_t i = 0; i < opened->size(); ++i) {
    const std::shared_ptr<Segment>& s = (*opened)[i];
    auto extent = view.loaded.space->allocate(kFileSizeLimit);
    if (!extent.ok()) return extent.status();
    s->set_extent(*extent);
    s->publish_tail(kFileHeaderSize);  // nothing of it is in the keydir yet
    s->counts.last_seq.store(0, kRelaxed);
    view.loaded.space->bind(*extent, s.get());
    segments.push_back(s);
  }
  view.version = std::make_shared<const Version>(Version{std::move(segments)});
  return {};
}

// Brings the view up to `now`, which only adds to it. False: it cannot be done in place.
Result<bool> Store::follow(View& view, const Manifest& now, Stop* stopped) {
  *stopped = {};
  Status s = adopt_new_files(view, now);
  if (s.is(Code::not_found)) return false;
  STAVE_RETURN_IF_ERROR(s);
  view.manifest = now;
  Follower follower(view);
  bool complete = true;  // all files before are read to their final end
  for (size_t i = 0; i < now.files.size(); ++i) {
    const ManifestFile& f = now.files[i];
    Segment& segment = *view.version->segments[i];
    if (f.length != 0 && f.length < segment.tail()) return false;  // cut by a recovery since
    if (!segment.sealed()) {
      auto size = segment.file().size();
      if (!size.ok()) return size.status();
      const uint64_t end = f.length != 0 ? f.length : *size;
      if (end > segment.extent().count * kGranuleBytes) return false;  // it was closed before
      bool stop = false;
      uint64_t at = 0;
      STAVE_RETURN_IF_ERROR(follower.follow(segment, end, complete, &stop, &at));
      if (follower.too_many_ranges()) return false;
      if (stop && f.length != 0) return false;  // nothing there is half written
      if (stop) {
        *stopped = {true, i, at};
        return true;
      }
    }
    if (f.length != 0 && segment.tail() != f.length) return false;
    if (f.sealed && !segment.sealed()) segment.set_sealed();
    complete = complete && f.length != 0;
  }
  return true;
}

// What stopped us is half written as yet, torn by a writer that is no more, or damaged. Damage it
// is if a valid record behind it says that more had been durable (log_scan.h, R3).
Status Store::judge_stop(View& view, const Manifest& now, Stop stopped) {
  uint64_t claim = view.last_seq;
  for (size_t i = stopped.file; i < view.version->segments.size(); ++i) {
    const Segment& segment = *view.version->segments[i];
    if (segment.sealed()) continue;
    const uint64_t from = i == stopped.file ? stopped.offset : kFileHeaderSize;
    STAVE_RETURN_IF_ERROR(ClaimSearch(segment, from).run(now.seq_floor, &claim));
  }
  if (claim <= view.last_seq) return {};
  // A claim is stored after all that it covers: by now that is whole, but for damage.
  auto again = follow(view, now, &stopped);
  if (!again.ok()) return again.status();
  if (!*again || !stopped.found || view.last_seq >= claim) return {};
  return corrupt_at(*view.version->segments[stopped.file], stopped.offset,
                    "no valid record, but operations up to " + std::to_string(claim) +
                        " were durable; what was read before stays visible");
}

Status Store::refresh() {
  const Epoch::Guard call(calls_);
  if (closed_.load(std::memory_order_seq_cst)) return closed_status();
  if (!env_->options.read_only) return {};
  MutexLock lock(refresh_mutex_);
  auto now = load_manifest(*env_);
  if (!now.ok()) return now.status();
  env_->expiry.learn(now->clock_high_ms);
  View& view = *view_.load(std::memory_order_acquire);
  if (!half_applied_ && only_appended(view.manifest, *now)) {
    // Whatever ends it early (no memory): the next refresh builds a view aside.
    half_applied_ = true;
    Stop stopped;
    auto done = follow(view, *now, &stopped);
    if (!done.ok()) return done.status();
    Status s = *done && stopped.found ? judge_stop(view, *now, stopped) : Status();
    half_applied_ = !s.ok() && !s.is(Code::corrupt);
    if (*done) try_sweep(view);
    if (*done) return s;
  }
  auto fresh = read_view();
  if (!fresh.ok()) return fresh.status();
  half_applied_ = false;
  View* old = publish(new View(fresh.take()));
  reads_.synchronize();
  delete old;
  return {};
}

}  // namespace stave
