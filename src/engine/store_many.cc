// Many keys in one call. A get that stands alone waits for memory twice, for the keydir's cell
// and then for the record. Here a group's cells are asked for before the first is looked at, and
// its records before the first is read, so that the waits run side by side.

#include <algorithm>
#include <array>

#include "base/prefetch.h"
#include "engine/plain_get.h"
#include "engine/store.h"

namespace stave {
namespace {

// Of each record: what takes in header, key and a short value. Of longer ones the processor
// notices by itself that they are read in order.
constexpr uint64_t kPrefetchBytes = 256;

void prefetch_record(const Segment& s, uint64_t offset, unsigned cls) {
  if (s.mapped() == nullptr) return;
  prefetch_lines(s.mapped() + offset, std::min(size_class_max(cls), kPrefetchBytes));
}

}  // namespace

Status Store::get_many(size_t n, KeyAt key_at, Answer answer) {
  size_t first = 0;
  do {  // of no keys at all, too, a closed store says that it is closed
    const size_t count = std::min(n - first, kManyGroup);
    STAVE_RETURN_IF_ERROR(get_group(first, count, key_at, answer));
    first += count;
  } while (first < n);
  return {};
}

Status Store::get_group(size_t first, size_t count, KeyAt key_at, Answer answer) {
  struct Wanted {
    Bytes key;
    Digest digest;
    const Segment* segment;  // nullptr: no slot
    uint64_t offset;
    unsigned size_class;
  };
  const Epoch::Guard guard(reads_);
  if (closed_.load(std::memory_order_seq_cst)) return closed_status();
  const Loaded& l = view_.load(std::memory_order_acquire)->loaded;
  const bool verify = env_->options.verify_reads;
  if (__builtin_expect(l.ranges->any(), 0)) {
    for (size_t i = 0; i < count; ++i) get_slowly(first + i, key_at(first + i), answer);
    if (count > 1) many_gets_.fetch_add(count - 1, std::memory_order_relaxed);
    return {};
  }
  std::array<Wanted, kManyGroup> group;
  for (size_t i = 0; i < count; ++i) {
    group[i].key = key_at(first + i);
    group[i].digest = (*l.hasher)(group[i].key);
    l.keydir->prefetch(group[i].digest);
  }
  for (size_t i = 0; i < count; ++i) {
    Wanted& w = group[i];
    Slot slot;
    w.segment = nullptr;
    if (!l.keydir->find(w.digest, &slot)) continue;
    w.segment = l.space->segment_at(slot.address);
    w.offset = w.segment->offset_of(slot.address);
    w.size_class = slot.size_class;
    prefetch_record(*w.segment, w.offset, slot.size_class);
  }
  const Status ok;
  for (size_t i = 0; i < count; ++i) {
    const Wanted& w = group[i];
    PlainRecord r;
    if (w.segment == nullptr) {
      if (l.keydir->damaged()) {
        get_slowly(first + i, w.key, answer);
      } else {
        answer(first + i, Status::answer(Code::not_found), {});
      }
      continue;
    }
    const uint64_t began = cold_pages_.begin(*w.segment, w.offset, w.size_class);
    if (plain_record(*w.segment, w.offset, w.key, &r) &&
        (!verify || checksum_matches(r, w.segment->salt()))) {
      cold_pages_.end(began, r.size);
      answer(first + i, ok, r.value);
    } else {
      get_slowly(first + i, w.key, answer);
    }
  }
  // The guard counts as one get.
  if (count > 1) many_gets_.fetch_add(count - 1, std::memory_order_relaxed);
  return {};
}

Status Store::put_many(size_t n, EntryAt entry_at, SyncWish wish, size_t* stored) {
  *stored = 0;
  const Epoch::Guard guard(calls_);
  STAVE_RETURN_IF_ERROR(enter_write());
  return writer_->put_many(n, entry_at, wish, stored);
}

}  // namespace stave
