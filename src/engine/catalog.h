// The catalog: which data files make up the store, in order of recency, in memory (Version)
// and on disk (MANIFEST).
//
// Invariants
//  C1. A file is in the durable MANIFEST before its first record is written.
//  C2. A file is marked sealed only after its bytes are durable.
//  C3. Invariant R: for every key, the file with its newest operation stands after every file
//      with an older one. New log files go last; a merge's outputs go right before the file
//      that was active when the merge began.
//  C4. File ids only rise, durably: MANIFEST promises a block of ids before one is used.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/mutex.h"
#include "engine/env.h"
#include "engine/hint_cache.h"
#include "engine/segment.h"
#include "format/manifest.h"

namespace stave {

using SegmentList = std::vector<std::shared_ptr<Segment>>;

// An immutable list of all files, oldest first. Holding it keeps the files.
struct Version {
  SegmentList segments;
  std::shared_ptr<HintCache> hints = std::make_shared<HintCache>();
};

class Catalog {
 public:
  Catalog(std::shared_ptr<Env> env, Manifest manifest, SegmentList segments);

  [[nodiscard]] std::shared_ptr<const Version> version() const STAVE_EXCLUDES(version_mutex_);
  [[nodiscard]] Manifest manifest() const STAVE_EXCLUDES(mutex_);

  // A fresh id, durably promised.
  [[nodiscard]] Result<uint64_t> new_file_id() STAVE_EXCLUDES(mutex_);

  // Begins a writing session: unclean until mark_clean, seq floor raised beyond `last_seq`.
  Status begin_session(uint64_t last_seq) STAVE_EXCLUDES(mutex_);
  Status mark_clean(uint64_t next_seq) STAVE_EXCLUDES(mutex_);

  // Each writes and syncs a new MANIFEST before the version changes; on failure nothing
  // changes. `last_seq`: the newest seq in use, which moves the floor.
  Status add(const std::shared_ptr<Segment>& segment, uint64_t last_seq) STAVE_EXCLUDES(mutex_);
  // The segment's tail() and counts.last_seq are final and durable.
  Status seal(const Segment& segment) STAVE_EXCLUDES(mutex_);
  // The switch of a merge that began with the files of `began` and with `before_id` as the oldest
  // that was not sealed (0: none): inputs leave, outputs (durable, sealed) come in right before
  // that file and all behind it, or before the first file that came since. The inputs are not yet
  // obsolete: the caller swings the slots first.
  Status replace(const SegmentList& inputs, const SegmentList& outputs, const Version& began,
                 uint64_t before_id) STAVE_EXCLUDES(mutex_);
  // All files before `first` leave. Operations up to `floor` may be gone.
  Status drop_before(const Segment& first, uint64_t floor) STAVE_EXCLUDES(mutex_);
  // True after a MANIFEST write failed so late that the disk may hold either the old or the new
  // one. Every later change fails, and no file of either may be unlinked: whoever made files
  // for a failed change must leave them when this is set (the next open removes leftovers).
  [[nodiscard]] bool uncertain() const STAVE_EXCLUDES(mutex_);

  // Nothing but the clock's mark (expiry_clock.h).
  Status save_clock() STAVE_EXCLUDES(mutex_);

  // Takes an empty file off the list (a prepared one that was not used).
  Status drop_empty(const Segment& segment) STAVE_EXCLUDES(mutex_);

 private:
  Status save(const Manifest& next) STAVE_REQUIRES(mutex_);
  // Writes `next` (generation and floor filled in) and, if that went well, makes it and
  // `segments` current.
  Status commit(Manifest next, SegmentList segments) STAVE_REQUIRES(mutex_);

  const std::shared_ptr<Env> env_;
  // Held across MANIFEST writes. Lock order: docs/threading.md.
  mutable Mutex mutex_;
  Manifest manifest_ STAVE_GUARDED_BY(mutex_);
  uint64_t next_unpromised_id_ STAVE_GUARDED_BY(mutex_);
  bool uncertain_ STAVE_GUARDED_BY(mutex_) = false;
  // Its own lock: readers of the version must not wait for a MANIFEST sync.
  mutable Mutex version_mutex_;
  std::shared_ptr<const Version> version_ STAVE_GUARDED_BY(version_mutex_);
};

// DIR/MANIFEST, replaced atomically and durably. When it fails, *uncertain tells whether the new
// one may be on disk all the same.
Status save_manifest(Env& env, const Manifest& manifest, bool* uncertain);
// not_found if there is none.
Result<Manifest> load_manifest(Env& env);

}  // namespace stave
