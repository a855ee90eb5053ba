// Moments of the store: iterators, and snapshots that are held.

#include "engine/store.h"
#include "engine/tail_index.h"

namespace stave {

Snapshot Store::snapshot_now() {
  Snapshot snapshot;
  auto take = [&](std::shared_ptr<const Version> version, uint64_t last_seq) {
    snapshot.version = std::move(version);
    snapshot.seq = last_seq;
    for (const auto& s : snapshot.version->segments) {
      snapshot.tails.push_back(s->tail());
      snapshot.last_seqs.push_back(s->counts.last_seq.load(std::memory_order_acquire));
    }
  };
  if (writer_) {
    writer_->while_still([&](uint64_t last_seq) { take(catalog_->version(), last_seq); });
  } else {
    MutexLock lock(refresh_mutex_);
    const View& view = *view_.load(std::memory_order_acquire);
    take(view.version, view.last_seq);
  }
  return snapshot;
}

Result<std::unique_ptr<Iterator>> Store::iterate(const IterateOptions& options) {
  const Epoch::Guard call(calls_);
  if (closed_.load(std::memory_order_seq_cst)) return closed_status();
  return Iterator::open(env_, snapshot_now(), options);
}

Result<std::unique_ptr<Iterator>> Store::iterate(Bytes prefix) {
  IterateOptions options;
  options.prefix = std::string(prefix);
  return iterate(options);
}

Result<std::shared_ptr<StoreSnapshot>> Store::snapshot() {
  const Epoch::Guard call(calls_);
  if (closed_.load(std::memory_order_seq_cst)) return closed_status();
  Snapshot snapshot = snapshot_now();
  snapshot.taken_at_ms = env_->expiry.now_ms();
  for (const auto& segment : snapshot.version->segments) {
    const std::shared_ptr<TailIndex> index = segment->tail_index;
    snapshot.runs.push_back(index ? index->runs() : std::vector<std::shared_ptr<const Run>>());
  }
  return std::make_shared<StoreSnapshot>(env_, std::move(snapshot));
}

Status Store::get_at(StoreSnapshot& snapshot, Bytes key, std::string* value) {
  if (get_unchanged(key, snapshot.seq(), value)) return {};
  auto sources = snapshot.sources();
  if (!sources.ok()) return sources.status();
  std::string buffer;
  Bytes found;
  STAVE_RETURN_IF_ERROR((*sources)->get(key, &buffer, &found));
  value->assign(found);
  return {};
}

}  // namespace stave
