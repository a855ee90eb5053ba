#include "engine/store.h"

#include <new>

#include "engine/checkpoint_file.h"

namespace stave {
const Status& closed_status() {
  static const Status closed(Code::closed, "the store was closed");
  return closed;
}

Store::~Store() { (void)close(false); }

Status Store::why_no_write() const {
  if (closed_.load(std::memory_order_seq_cst)) return closed_status();
  return {Code::read_only, env_->dir + " was opened with read_only"};
}

Status Store::put(Bytes key, Bytes value, SyncWish wish) {
  const Epoch::Guard guard(calls_);
  STAVE_RETURN_IF_ERROR(enter_write());
  return writer_->put(key, value, env_->expiry.by_default(), wish);
}

Status Store::remove(Bytes key, SyncWish wish) {
  const Epoch::Guard guard(calls_);
  STAVE_RETURN_IF_ERROR(enter_write());
  Status s = writer_->remove(key, wish);
  // What took the key away may not be durable yet.
  if (s.is(Code::not_found)) STAVE_RETURN_IF_ERROR(writer_->finish_unwritten(wish));
  return s;
}

Status Store::sync() {
  const Epoch::Guard guard(calls_);
  STAVE_RETURN_IF_ERROR(enter_write());
  return writer_->sync();
}

Status Store::merge(bool capped, bool sort) {
  const Epoch::Guard guard(calls_);
  STAVE_RETURN_IF_ERROR(enter_write());
  // The active file takes part too, so that what the caller just overwrote is reclaimed. On a
  // full disk there may be no room to rotate before other files were merged.
  Status sealed = seal_active();
  if (sealed.is(Code::no_space)) {
    writer_->hold_ahead(true, 0);  // blocks behind the tail are room for the next file
    sealed = seal_active();
    writer_->hold_ahead(false);
  }
  if (!sealed.ok() && !sealed.is(Code::no_space)) return sealed;
  const uint64_t merges = merger_->statistics().merges;
  STAVE_RETURN_IF_ERROR(merger_->run_all(capped, sort));
  if (sealed.ok()) return sealed;
  sealed = seal_active();
  if (sealed.ok()) return merger_->run_all(capped, sort);
  return merger_->statistics().merges > merges ? Status() : sealed;
}

Status Store::rebuild_hints() {
  const Epoch::Guard guard(calls_);
  STAVE_RETURN_IF_ERROR(enter_write());
  return merger_->rebuild_hints();
}

Status Store::seal_active() {
  STAVE_RETURN_IF_ERROR(writer_->rotate_now());
  return writer_->wait_sealed();
}

Status Store::pause_merges(bool paused) {
  const Epoch::Guard guard(calls_);
  STAVE_RETURN_IF_ERROR(enter_write());
  if (paused) {
    merger_->pause();
  } else {
    merger_->resume();
  }
  return {};
}

Status Store::finish_writing(bool checkpoint) {
  bool session = false;
  STAVE_RETURN_IF_ERROR(writer_->close(&session));
  const bool merged = merger_->statistics().merges > 0;
  const View& view = *view_.load(std::memory_order_relaxed);
  const bool repaired = view.loaded.keydir->repaired();
  const bool changed = session || merged || repaired;
  const SegmentList segments = catalog_->version()->segments;
  const uint64_t last_seq = writer_->last_seq();
  const bool usable = view.loaded.checkpoint_seq != 0 && !merged;
  const uint64_t replay =
      usable ? last_seq - view.loaded.checkpoint_seq : view.loaded.keydir->size();
  // A stranded merge's slots point into files that are no longer listed.
  const bool worth_it =
      repaired || ((!usable || replay > 0) && replay >= env_->options.checkpoint_min_ops);
  // The tables must not have what ranges have deleted: KEYDIR has no place for those.
  const bool swept = !checkpoint || !worth_it || try_sweep(true);
  if (checkpoint && !merger_->stranded() && worth_it && swept) {
    Status s = write_checkpoint(*env_, catalog_->manifest(), segments, *view.loaded.keydir,
                                *view.loaded.hasher, last_seq);
    // Derived: without it the next open takes longer.
    if (!s.ok()) env_->log.write(LogLevel::warn, "no keydir checkpoint: " + s.message());
  }
  if (changed) return catalog_->mark_clean(writer_->next_seq());
  // Without a session the store is as clean as it was opened.
  if (env_->expiry.save_due()) {
    const Status s = catalog_->save_clock();
    if (!s.ok()) env_->log.write(LogLevel::warn, "keeping the time in MANIFEST: " + s.message());
  }
  return {};
}

Status Store::shut(bool checkpoint) {
  closed_.store(true, std::memory_order_seq_cst);
  if (merger_) merger_->cancel();
  if (writer_) writer_->cancel();  // who waits for a file or the sealer is in calls_
  calls_.synchronize();
  reads_.synchronize();
  env_->expiry.on_first_use({});  // iterators may go on
  clock_worker_.stop();
  check_worker_.stop();
  merge_worker_.stop();
  sweep_worker_.stop();
  Status s;
  try {
    if (writer_) s = finish_writing(checkpoint);
  } catch (const std::bad_alloc&) {
    s = Status::answer(Code::no_memory);  // what follows must be done all the same
  } catch (...) {
    s = Status::answer(Code::internal);
  }
  merger_.reset();
  writer_.reset();
  catalog_.reset();
  delete view_.exchange(nullptr, std::memory_order_acq_rel);
  env_->closed.store(true, std::memory_order_release);
  lock_.reset();
  return s;
}

Status Store::close(bool checkpoint) {
  MutexLock lock(close_mutex_);
  if (!close_done_) {
    close_done_ = true;
    close_result_ = shut(checkpoint);
  }
  return close_result_;
}

}  // namespace stave
