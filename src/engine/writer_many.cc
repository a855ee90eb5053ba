// Many independent puts in one call: the cells of a group are fetched side by side, the mutex is
// taken once for it, and one flush serves all.

#include <algorithm>
#include <array>
#include <new>

#include "engine/writer.h"

namespace stave {
namespace {

// Others may write after so many bytes at the latest, however long the values are.
constexpr uint64_t kGroupBytes = 64 << 10;

}  // namespace

Status Writer::put_many(size_t n, EntryAt entry_at, SyncWish wish, size_t* stored) {
  if (n == 0) return finish_unwritten(wish);
  const bool synced = wants_sync(wish);
  uint64_t seq = 0;
  Status s;
  while (*stored < n && s.ok()) {
    try {
      s = put_group(n, entry_at, through_file(synced), stored, &seq);
    } catch (const std::bad_alloc&) {
      s = Status::answer(Code::no_memory);  // what was stored before is to be synced all the same
    }
    if (!env_->options.background) housekeep();
  }
  if (!synced || seq == 0) return s;
  // What was stored before an error is durable too.
  const Status flushed = make_durable(seq);
  return s.ok() ? flushed : s;
}

Status Writer::put_group(size_t n, EntryAt entry_at, bool by_file, size_t* stored, uint64_t* seq) {
  const uint64_t expires = env_->expiry.by_default();
  std::array<Put, kManyGroup> group;
  size_t count = 0;
  for (uint64_t bytes = 0; count < kManyGroup && *stored + count < n && bytes < kGroupBytes;
       ++count) {
    const Entry e = entry_at(*stored + count);
    Put& put = group[count];
    put = {e.key, e.value, expires, hasher_(e.key),
           record_size(e.key.size(), e.value.size(), expires != 0)};
    keydir_.prefetch(put.digest);
    bytes += put.size;
  }
  MutexLock lock(mutex_);
  for (size_t i = 0; i < count; ++i) {
    STAVE_RETURN_IF_ERROR(append(group[i], by_file));
    *seq = next_seq_ - 1;
    ++*stored;
  }
  return {};
}

}  // namespace stave
