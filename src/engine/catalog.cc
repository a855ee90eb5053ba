#include "engine/catalog.h"

#include <algorithm>
#include <new>

namespace stave {
namespace {

// How far the seq floor runs ahead of the log: more operations than two files can hold, so the
// floor promised with one file is never reached before the next file moves it.
constexpr uint64_t kSeqFloorAhead = 1ULL << 32;
constexpr uint64_t kIdsAhead = 16;
constexpr uint64_t kSeqMax = UINT64_MAX - 2 * kSeqFloorAhead;

SegmentList without(const SegmentList& list, const SegmentList& gone) {
  SegmentList left;
  for (const auto& s : list) {
    if (std::find(gone.begin(), gone.end(), s) == gone.end()) left.push_back(s);
  }
  return left;
}

ManifestFile entry_of(const Segment& s, bool sealed) {
  ManifestFile f;
  f.id = s.id();
  f.origin = s.header().origin;
  f.sealed = sealed;
  f.length = sealed ? s.tail() : 0;
  f.last_seq = sealed ? s.counts.last_seq.load(std::memory_order_acquire) : 0;
  return f;
}

}  // namespace

Catalog::Catalog(std::shared_ptr<Env> env, Manifest manifest, SegmentList segments)
    : env_(std::move(env)),
      manifest_(std::move(manifest)),
      next_unpromised_id_(manifest_.next_file_id),
      version_(std::make_shared<const Version>(Version{std::move(segments)})) {
  env_->expiry.learn(manifest_.clock_high_ms);
}

std::shared_ptr<const Version> Catalog::version() const {
  MutexLock lock(version_mutex_);
  return version_;
}

Manifest Catalog::manifest() const {
  MutexLock lock(mutex_);
  return manifest_;
}

// Throws nothing: callers look at uncertain() where it fails.
Status Catalog::save(const Manifest& next) {
  try {
    return save_manifest(*env_, next, &uncertain_);
  } catch (const std::bad_alloc&) {
    return Status::answer(Code::no_memory);
  }
}

Status Catalog::commit(Manifest next, SegmentList segments) {
  next.generation = manifest_.generation + 1;
  next.next_file_id = std::min(next_unpromised_id_ + kIdsAhead, kFileIdMax + 1);
  next.clock_high_ms = env_->expiry.now_ms();
  if (uncertain_) {
    return {Code::poisoned,
            env_->path("MANIFEST") + ": an earlier write of it failed half way; reopen the store"};
  }
  // Before the disk: from there on nothing may run out of memory, or the two would part.
  auto changed = std::make_shared<const Version>(Version{std::move(segments)});
  changed->hints->adopt(*version()->hints, changed->segments);
  STAVE_RETURN_IF_ERROR(save(next));
  env_->expiry.note_saved(next.clock_high_ms);
  manifest_ = std::move(next);
  MutexLock lock(version_mutex_);
  version_ = std::move(changed);
  return {};
}

bool Catalog::uncertain() const {
  MutexLock lock(mutex_);
  return uncertain_;
}

Result<uint64_t> Catalog::new_file_id() {
  MutexLock lock(mutex_);
  // Promised ids lie below manifest_.next_file_id on disk.
  if (next_unpromised_id_ >= manifest_.next_file_id) {
    STAVE_RETURN_IF_ERROR(commit(manifest_, version()->segments));
  }
  if (next_unpromised_id_ >= manifest_.next_file_id) {
    return Status(Code::store_full, env_->dir + " has used up its file numbers");
  }
  return next_unpromised_id_++;
}

Status Catalog::begin_session(uint64_t last_seq) {
  MutexLock lock(mutex_);
  Manifest next = manifest_;
  if (std::max(next.seq_floor, last_seq) > kSeqMax) {
    return {Code::store_full, env_->dir + " has used up its operation numbers"};
  }
  next.clean = false;
  // Beyond the floor that stands, where a session after an unclean end begins its numbers.
  next.seq_floor = std::max(next.seq_floor, last_seq + 1) + kSeqFloorAhead;
  for (ManifestFile& f : next.files) {
    if (!f.sealed) f.length = f.last_seq = 0;
  }
  return commit(std::move(next), version()->segments);
}

Status Catalog::mark_clean(uint64_t next_seq) {
  MutexLock lock(mutex_);
  const SegmentList segments = version()->segments;
  Manifest next = manifest_;
  next.clean = true;
  next.seq_floor = next_seq;
  for (size_t i = 0; i < next.files.size(); ++i) {
    if (next.files[i].sealed) continue;
    next.files[i].length = segments[i]->tail();
    next.files[i].last_seq = segments[i]->counts.last_seq.load(std::memory_order_acquire);
  }
  return commit(std::move(next), segments);
}

Status Catalog::add(const std::shared_ptr<Segment>& segment, uint64_t last_seq) {
  MutexLock lock(mutex_);
  Manifest next = manifest_;
  next.seq_floor = std::max(next.seq_floor, last_seq + 1 + kSeqFloorAhead);
  next.files.push_back(entry_of(*segment, false));
  SegmentList segments = version()->segments;
  segments.push_back(segment);
  return commit(std::move(next), std::move(segments));
}

Status Catalog::seal(const Segment& segment) {
  MutexLock lock(mutex_);
  Manifest next = manifest_;
  for (ManifestFile& f : next.files) {
    if (f.id == segment.id()) f = entry_of(segment, true);
  }
  return commit(std::move(next), version()->segments);
}

Status Catalog::replace(const SegmentList& inputs, const SegmentList& outputs, const Version& began,
                        uint64_t before_id) {
  MutexLock lock(mutex_);
  SegmentList segments = without(version()->segments, inputs);
  // Not by looking for before_id here: it may be one of the inputs (sealed in the moment in which
  // the merge began).
  const SegmentList& then = began.segments;
  const auto from =
      std::find_if(then.begin(), then.end(), [&](const auto& s) { return s->id() == before_id; });
  const auto at = std::find_if(segments.begin(), segments.end(), [&](const auto& s) {
    return std::find(then.begin(), from, s) == from;
  });
  segments.insert(at, outputs.begin(), outputs.end());
  Manifest next = manifest_;
  // Not all that leaves is in what comes.
  for (const auto& s : inputs) {
    next.feed_floor = std::max(next.feed_floor, s->counts.last_seq.load(std::memory_order_acquire));
  }
  next.files.clear();
  for (const auto& s : segments) {
    auto old = std::find_if(manifest_.files.begin(), manifest_.files.end(),
                            [&](const ManifestFile& f) { return f.id == s->id(); });
    next.files.push_back(old != manifest_.files.end() ? *old : entry_of(*s, true));
  }
  return commit(std::move(next), std::move(segments));
}

Status Catalog::drop_before(const Segment& first, uint64_t floor) {
  MutexLock lock(mutex_);
  SegmentList segments = version()->segments;
  segments.erase(segments.begin(),
                 std::find_if(segments.begin(), segments.end(),
                              [&](const auto& s) { return s->id() == first.id(); }));
  Manifest next = manifest_;
  next.files.erase(next.files.begin(),
                   std::find_if(next.files.begin(), next.files.end(),
                                [&](const ManifestFile& f) { return f.id == first.id(); }));
  next.feed_floor = std::max(next.feed_floor, floor);
  return commit(std::move(next), std::move(segments));
}

Status Catalog::save_clock() {
  MutexLock lock(mutex_);
  return commit(manifest_, version()->segments);
}

Status Catalog::drop_empty(const Segment& segment) {
  MutexLock lock(mutex_);
  SegmentList segments = version()->segments;
  std::erase_if(segments, [&](const auto& s) { return s->id() == segment.id(); });
  Manifest next = manifest_;
  std::erase_if(next.files, [&](const ManifestFile& f) { return f.id == segment.id(); });
  return commit(std::move(next), std::move(segments));
}

}  // namespace stave
