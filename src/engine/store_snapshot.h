// A held moment of the store, for gets and iterators.
//
// Threads: any number, for all calls. It outlives the store.
#pragma once

#include <memory>
#include <string>

#include "engine/snapshot_sources.h"

namespace stave {

class StoreSnapshot {
 public:
  StoreSnapshot(std::shared_ptr<Env> env, Snapshot snapshot)
      : env_(std::move(env)), seq_(snapshot.seq), snapshot_(std::move(snapshot)) {}

  [[nodiscard]] uint64_t seq() const { return seq_; }
  // Opened when they are first asked for; an error is tried again.
  Result<std::shared_ptr<const SnapshotSources>> sources() STAVE_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    if (!sources_) {
      auto opened = SnapshotSources::open(env_, snapshot_);
      if (!opened.ok()) return opened.status();
      sources_ = opened.take();
    }
    return sources_;
  }

 private:
  const std::shared_ptr<Env> env_;
  const uint64_t seq_;
  const Snapshot snapshot_;
  Mutex mutex_;
  std::shared_ptr<const SnapshotSources> sources_ STAVE_GUARDED_BY(mutex_);
};

}  // namespace stave
