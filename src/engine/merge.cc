#include "engine/merge.h"

#include <algorithm>
#include <new>

#include "engine/merge_expiry.h"
#include "engine/merge_job.h"
#include "engine/merge_need.h"

namespace stave {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;
constexpr uint64_t kBackOffFirstUs = 10'000'000;
constexpr int kPassesMax = 3;
constexpr uint64_t kBackOffDoublings = 8;  // three quarters of an hour

std::string told(const SegmentList& files) {
  if (files.empty()) return "no file";
  std::string text;
  for (size_t i = 0; i < files.size() && i < 8; ++i) {
    if (i > 0) text += ' ';
    text += data_file_name(files[i]->id());
  }
  if (files.size() > 8) text += " and " + std::to_string(files.size() - 8) + " more";
  return text;
}

class ManualEntry {
 public:
  explicit ManualEntry(MergeControl& control) : control_(control) { control_.enter_manual(); }
  ~ManualEntry() { control_.leave_manual(); }
  ManualEntry(const ManualEntry&) = delete;
  ManualEntry& operator=(const ManualEntry&) = delete;

 private:
  MergeControl& control_;
};

// While it lives, puts may be held up for the merge's sake.
class Relief {
 public:
  Relief(SpacePressure& pressure, bool gives) : pressure_(pressure) {
    pressure_.note_merging(gives);
  }
  ~Relief() { pressure_.note_merging(false); }
  Relief(const Relief&) = delete;
  Relief& operator=(const Relief&) = delete;

 private:
  SpacePressure& pressure_;
};

class Barrier {
 public:
  explicit Barrier(MergeControl& control) : control_(control) { control_.enter_barrier(); }
  ~Barrier() { control_.leave_barrier(); }
  Barrier(const Barrier&) = delete;
  Barrier& operator=(const Barrier&) = delete;

 private:
  MergeControl& control_;
};

class HeldAhead {
 public:
  explicit HeldAhead(const MergeParts& parts) : parts_(parts) { parts_.hold_ahead(true); }
  ~HeldAhead() { parts_.hold_ahead(false); }
  HeldAhead(const HeldAhead&) = delete;
  HeldAhead& operator=(const HeldAhead&) = delete;

 private:
  const MergeParts& parts_;
};

}  // namespace

Merger::Merger(MergeParts parts)
    : parts_(std::move(parts)), control_(parts_.env->clock), planner_(*parts_.env) {}

Merger::~Merger() = default;

Status Merger::run_if_due() {
  MutexLock lock(run_mutex_);
  const bool held = control_.paused() && !control_.cancelled();
  if (stranded() || held || !planner_.allowed_now()) return {};
  if (parts_.env->clock.now_us() < not_before_us_) return {};
  control_.set_manual(false);
  const Env& env = *parts_.env;
  if (env.expiry.in_use() || env.options.expiry_default_ttl_ms != 0) {
    learn_expiries(*parts_.env, *parts_.catalog.version());
  }
  note_pressure();
  Status s = run_under_pressure();
  if (s.ok()) s = run(planner_.due(*parts_.catalog.version()), Pace::background);
  back_off(s);
  write_hints_now();
  return s;
}

Status Merger::run_under_pressure() {
  Status s;
  while (s.ok() && parts_.env->pressure.high() && planner_.allowed_now() && !control_.wants_way()) {
    SegmentList round = planner_.deadest(*parts_.catalog.version());
    if (round.empty()) break;
    std::vector<SegmentList> rounds;
    rounds.push_back(std::move(round));
    s = run(std::move(rounds), Pace::background);
    write_hints_now();
    note_pressure();
  }
  return s;
}

void Merger::note_pressure() const {
  (void)note_space_use(*parts_.catalog.version(), &parts_.env->pressure);
}

Status Merger::run_all(bool capped, bool sort) {
  const ManualEntry entry(control_);  // before the mutex, which a paused merge may hold
  MutexLock lock(run_mutex_);
  control_.set_manual(true);
  learn_expiries(*parts_.env, *parts_.catalog.version());
  // Tombstones that one round had to keep may have been kept for files that a later one took away.
  bool again = true;
  for (int pass = 0; again && pass < kPassesMax; ++pass) {
    // Of a version held for longer merged files would stay on the disk.
    std::vector<SegmentList> rounds = sort && pass == 0
                                          ? planner_.sorting(*parts_.catalog.version())
                                          : planner_.everything(*parts_.catalog.version());
    again = rounds.size() > 1;
    const Status s = run(std::move(rounds), capped ? Pace::capped : Pace::uncapped);
    if (pass > 0 && s.is(Code::no_space)) break;  // there was room for what was asked for
    STAVE_RETURN_IF_ERROR(s);
  }
  write_hints_now();
  // Damaged files were left out, but not in silence.
  return planner_.damage(*parts_.catalog.version());
}

void Merger::back_off(const Status& result) {
  if (result.ok() || result.is(Code::cancelled)) {
    failures_ = 0;
    return;
  }
  const uint64_t wait_us = kBackOffFirstUs << std::min(failures_, kBackOffDoublings);
  ++failures_;
  not_before_us_ = parts_.env->clock.now_us() + wait_us;
}

Status Merger::run(std::vector<SegmentList> rounds, Pace pace) {
  if (stranded()) {
    return {Code::poisoned, "an earlier merge could not finish; reopen the store to merge"};
  }
  RateLimiter limiter(parts_.env->clock,
                      pace == Pace::uncapped ? 0 : parts_.env->options.merge_rate,
                      pace == Pace::background ? &parts_.env->pressure : nullptr);
  STAVE_RETURN_IF_ERROR(control_.step(limiter, 0));
  if (rounds.empty()) return {};
  set_running(true);
  SpacePressure& pressure = parts_.env->pressure;
  const Relief relief(pressure, pace == Pace::background);
  Status s;
  for (SegmentList& round : rounds) {
    // Chosen when there was time for everything.
    if (pace == Pace::background && pressure.high() && &round != &rounds.front()) break;
    s = run_round(round, limiter);
    if (s.is(Code::no_space)) s = run_by_need(std::move(round), limiter, s);
    if (!s.ok()) {
      tell_failure(s);
      break;
    }
    round.clear();  // lets go of the merged files: the next round may need their space
  }
  set_running(false);
  return s;
}

// The disk is full: with what the writer holds ahead, and few files at a time, those first that
// need least, so that each gives back what the next ones need.
Status Merger::run_by_need(SegmentList files, RateLimiter& limiter, const Status& full) {
  const HeldAhead held(parts_);
  std::vector<std::pair<uint64_t, std::shared_ptr<Segment>>> left;  // with the need, most first
  for (auto& segment : files) {
    const uint64_t need = merge_need(*segment);
    if (need < segment->tail() - kFileHeaderSize) left.emplace_back(need, std::move(segment));
  }
  files.clear();
  if (left.empty()) return full;
  std::stable_sort(left.begin(), left.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  for (size_t together = 1; !left.empty();) {
    SegmentList some;
    uint64_t need = 0;
    for (size_t i = left.size(); i > 0 && some.size() < together; --i) {
      need += left[i - 1].first;
      if (!some.empty() && need > kMergeRoundBytes) break;
      some.push_back(left[i - 1].second);
    }
    const Status s = run_round(some, limiter);
    if (s.ok()) {
      left.resize(left.size() - some.size());
      together *= 2;
    } else if (s.is(Code::no_space) && some.size() > 1) {
      together = 1;
    } else {
      return s;
    }
  }
  return {};
}

void Merger::write_hints() {
  MutexLock lock(run_mutex_);
  write_hints_now();
}

Status Merger::rebuild_hints() {
  const ManualEntry entry(control_);
  MutexLock lock(run_mutex_);
  const auto version = parts_.catalog.version();
  const Status s =
      remake_hints(*parts_.env, version->segments, [this] { return control_.stopping(); });
  version->hints->forget();  // iterators would go on with what stood there before
  return s;
}

// Derived, and to be had again at any time: what fails here is tried again later.
void Merger::write_hints_now() {
  const auto version = parts_.catalog.version();
  const uint64_t now_us = parts_.env->clock.now_us();
  if (now_us < hints_not_before_us_) return;
  const auto stop = [this] { return control_.stopping(); };
  if (stop()) return;
  try {
    const Status s = write_missing_hints(*parts_.env, version->segments, stop, &damaged_);
    if (!s.ok()) hints_not_before_us_ = now_us + kBackOffFirstUs;
  } catch (const std::bad_alloc&) {
    hints_not_before_us_ = now_us + kBackOffFirstUs;
  }
}

Status Merger::run_round(const SegmentList& wanted, RateLimiter& limiter) {
  Status s = run_job(wanted, limiter);
  if (s.ok()) count(s);
  return s;
}

void Merger::tell_failure(const Status& s) {
  count(s);
  if (s.is(Code::cancelled)) return;
  parts_.env->log.write(LogLevel::error, "merging failed: " + s.message());
}

Status Merger::run_job(const SegmentList& wanted, RateLimiter& limiter) {
  // Sealed files first, then the oldest that is not: files are sealed in order, so the inputs
  // are older than that one, and whatever is written from now on goes to it or behind it.
  parts_.sweep();  // what it leaves would be copied
  const auto began = parts_.catalog.version();
  SegmentList inputs;
  for (const auto& segment : began->segments) {
    const bool is_wanted = std::find(wanted.begin(), wanted.end(), segment) != wanted.end();
    if (is_wanted && segment->sealed()) inputs.push_back(segment);
  }
  const uint64_t before_id = parts_.oldest_unsealed_id();
  if (inputs.empty()) return {};
  MergeJob job(parts_, control_, limiter, progress_, began, inputs, before_id);
  Status s;
  try {
    s = job.run();
  } catch (const std::bad_alloc&) {
    s = Status(Code::no_memory, "out of memory while merging");
  }
  if (job.stranded()) {
    stranded_.store(true, std::memory_order_release);
    stranded_inputs_.insert(stranded_inputs_.end(), inputs.begin(), inputs.end());
  }
  if (s.is(Code::corrupt) && job.damaged() != 0) planner_.learn_damaged(job.damaged(), s);
  if (!s.ok()) return s;
  planner_.learn_kept(job.outputs(), job.holders(), *parts_.catalog.version());
  parts_.env->log.write(LogLevel::info, "merged " + told(inputs) + " into " + told(job.outputs()));
  return {};
}

Status Merger::exclusively(const std::function<Status()>& f) {
  const Barrier barrier(control_);  // before the mutex, which a running merge holds
  MutexLock lock(run_mutex_);
  return f();
}

void Merger::pause() {
  control_.pause();
  parts_.env->pressure.note_merging(false);
}
void Merger::resume() { control_.resume(); }
void Merger::cancel() { control_.cancel(); }

void Merger::set_running(bool running) {
  MutexLock lock(statistics_mutex_);
  statistics_.running = running;
}

void Merger::count(const Status& result) {
  MutexLock lock(statistics_mutex_);
  if (result.is(Code::cancelled)) return;
  statistics_.last_ms = parts_.env->clock.now_ms();
  statistics_.last_error = result.ok() ? "" : result.message();
  ++(result.ok() ? statistics_.merges : statistics_.failed);
}

MergeStatistics Merger::statistics() const {
  MergeStatistics s;
  {
    MutexLock lock(statistics_mutex_);
    s = statistics_;
  }
  s.paused = control_.paused();
  s.bytes_read = progress_.bytes_read.load(kRelaxed);
  s.bytes_written = progress_.bytes_written.load(kRelaxed);
  s.progress_done = s.running ? progress_.done.load(kRelaxed) : 0;
  s.progress_total = s.running ? progress_.total.load(kRelaxed) : 0;
  return s;
}

std::string Merger::note(const Segment& segment) const {
  return planner_.note(segment, *parts_.catalog.version());
}

}  // namespace stave
