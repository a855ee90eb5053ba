// What the store tells about itself.

#include <algorithm>

#include "engine/store.h"

namespace stave {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

}  // namespace

FileStatistics Store::describe(const Segment& s, uint64_t active) const {
  const SegmentCounts& c = s.counts;
  FileStatistics f;
  f.id = s.id();
  f.sealed = s.sealed();
  f.active = f.id == active;
  f.merged = s.header().origin == Origin::merge;
  f.has_hint = s.has_hint();
  f.bytes = s.tail();
  f.live_records = c.live_records();
  const uint64_t operations = c.operations.load(kRelaxed);
  f.tombstones = c.tombstones.load(kRelaxed);
  f.dead_records = operations - std::min(operations, f.live_records + f.tombstones);
  // Means of size classes (S2) may be off by a little in either direction.
  f.live_bytes = std::min(c.live_bytes(), f.bytes - kFileHeaderSize);
  f.dead_bytes = f.bytes - kFileHeaderSize - f.live_bytes;
  f.first_seq = c.first_seq.load(kRelaxed);
  f.last_seq = c.last_seq.load(kRelaxed);
  if (merger_) f.merge_note = merger_->note(s);
  return f;
}

void Store::collect(std::vector<FileStatistics>* files, StoreStatistics* out) {
  const auto take = [&](const Version& version, uint64_t active, uint64_t last_seq) {
    for (const auto& s : version.segments) files->push_back(describe(*s, active));
    const Keydir& keydir = *view_.load(std::memory_order_acquire)->loaded.keydir;
    out->keys = keydir.size();
    out->keydir_bytes = keydir.memory_bytes();
    out->last_seq = last_seq;
  };
  if (writer_) {
    take(*catalog_->version(), writer_->active_id(), writer_->last_seq());
    return;
  }
  MutexLock lock(refresh_mutex_);
  const View& view = *view_.load(std::memory_order_acquire);
  uint64_t active = 0;
  for (const auto& s : view.version->segments) {
    if (!s->sealed() && active == 0) active = s->id();
  }
  take(*view.version, active, view.last_seq);
  // What a writer would say that opened the store now, with our options.
  const MergePlanner planner(*env_);
  for (size_t i = 0; i < files->size(); ++i) {
    (*files)[i].merge_note = planner.note(*view.version->segments[i], *view.version);
  }
  // A reader knows nothing of a living writer's syncs, but a clean close leaves nothing unsynced.
  out->durable_seq = view.manifest.clean ? view.last_seq : 0;
}

Status Store::files(std::vector<FileStatistics>* out) {
  out->clear();
  const Epoch::Guard call(calls_);
  if (closed_.load(std::memory_order_seq_cst)) return closed_status();
  StoreStatistics ignored;
  collect(out, &ignored);
  return {};
}

Status Store::statistics(StoreStatistics* out) {
  *out = {};
  const Epoch::Guard call(calls_);
  if (closed_.load(std::memory_order_seq_cst)) return closed_status();
  std::vector<FileStatistics> files;
  collect(&files, out);
  for (const FileStatistics& f : files) {
    ++out->files;
    out->disk_bytes += f.bytes;
    out->live_bytes += f.live_bytes;
    out->dead_bytes += f.dead_bytes;
  }
  out->gets = reads_.entered() + many_gets_.load(std::memory_order_relaxed);
  out->open_micros = open_micros_;
  out->quarantined_bytes = quarantined_bytes_;
  out->salvage_lost_regions = salvage_lost_regions_;
  out->salvage_lost_bytes = salvage_lost_bytes_;
  out->read_only = env_->options.read_only;
  out->opened_clean = opened_clean_;
  if (writer_) {
    out->durable_seq = writer_->durable_seq();
    out->puts = writer_->puts();
    out->deletes = writer_->deletes();
    out->syncs = writer_->syncs();
    out->poisoned = writer_->poisoned();
    out->merge = merger_->statistics();
  }
  return {};
}

Status Store::progress(Progress* out) {
  *out = {};
  const Epoch::Guard call(calls_);
  if (closed_.load(std::memory_order_seq_cst)) return closed_status();
  if (const uint64_t total = verify_total_.load(kRelaxed); total != 0) {
    *out = {"verify", verify_done_.load(kRelaxed), total};
    return {};
  }
  if (const uint64_t total = backup_total_.load(kRelaxed); total != 0) {
    *out = {"backup", backup_done_.load(kRelaxed), total};
    return {};
  }
  if (!merger_) return {};
  const MergeStatistics m = merger_->statistics();
  if (m.running) *out = {"merge", m.progress_done, m.progress_total};
  return {};
}

}  // namespace stave
