// Reads: one hash, one look-up, the record where the slot says, its key compared.

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "base/prefetch.h"
#include "engine/found_record.h"
#include "engine/plain_get.h"
#include "engine/store.h"

namespace stave {
// Inside a guard of reads_.
Status Store::find(Bytes key, FoundRecord* out) {
  const View& view = *view_.load(std::memory_order_acquire);
  const Loaded& l = view.loaded;
  const Digest d = (*l.hasher)(key);
  Slot slot;
  if (!l.keydir->find(d, &slot)) {
    if (!l.keydir->damaged()) return Status::answer(Code::not_found);
    return {Code::corrupt, env_->path("KEYDIR") + ": a table is damaged; reopen the store"};
  }
  const Segment& s = *l.space->segment_at(slot.address);
  const uint64_t offset = s.offset_of(slot.address);
  STAVE_RETURN_IF_ERROR(out->fetch(s, offset, slot.size_class));
  const uint64_t began = out->mapped() ? cold_pages_.begin(s, offset, slot.size_class) : 0;
  uint64_t size = 0;
  STAVE_RETURN_IF_ERROR(out->parse(key, env_->options.verify_reads, &size));
  cold_pages_.end(began, size);
  const Record& r = out->record();
  const bool gone = env_->expiry.expired(r.expires_at_ms) || r.seq < l.ranges->seq_over(key);
  return __builtin_expect(gone, 0) ? Status::answer(Code::not_found) : Status();
}

namespace {
// Of a record on several pages, as much as it has at least: the processor by itself reads ahead up
// to the end of a page only.
inline void prefetch_pages(const Segment& s, uint64_t offset, unsigned cls) {
  constexpr uint64_t kMost = 8 << 10;
  if (s.mapped() == nullptr) return;
  prefetch_lines(s.mapped() + offset, std::min(size_class_max(cls) / 2, kMost));
}
}  // namespace

// The get of nearly every call in as few instructions as it takes: what the processor can look
// ahead over is about one of them, and then the misses of two gets overlap.
STAVE_FAST_CPU Store::Hot Store::get_hot(Bytes key, void* buffer, size_t cap, size_t* length) {
  if (__builtin_expect(!fast_.load(std::memory_order_acquire), 0)) return Hot::other;
  const Epoch::Guard guard(reads_);
  if (__builtin_expect(closed_.load(std::memory_order_seq_cst), 0)) return Hot::other;
  const Loaded& l = view_.load(std::memory_order_acquire)->loaded;
  if (__builtin_expect(!l.hasher->fast(), 0)) return Hot::other;
  Slot slot;
  if (!l.keydir->find(l.hasher->digest_fast(key), &slot)) {
    return l.keydir->damaged() ? Hot::other : Hot::missing;
  }
  const Segment& s = *l.space->segment_at(slot.address);
  const uint64_t offset = s.offset_of(slot.address);
  const uint64_t began = cold_pages_.begin(s, offset, slot.size_class);
  if (__builtin_expect(began != 0, 0)) prefetch_pages(s, offset, slot.size_class);
  PlainRecord r;
  if (__builtin_expect(!plain_record(s, offset, key, &r), 0)) return Hot::other;
  if (env_->options.verify_reads && !checksum_matches_fast(r, s.salt())) return Hot::other;
  if (__builtin_expect(r.value.size() > cap, 0)) return Hot::other;
  if (!r.value.empty()) std::memcpy(buffer, r.value.data(), r.value.size());
  cold_pages_.end(began, r.size);
  *length = r.value.size();
  return Hot::found;
}

// Inside a guard of reads_.
void Store::get_slowly(size_t index, Bytes key, Answer answer) {
  FoundRecord found;
  const Status s = find(key, &found);
  answer(index, s, s.ok() ? found.record().value : Bytes());
}

Status Store::get_into(Bytes key, void* buffer, size_t cap, size_t* length, void** spill) {
  *length = 0;
  *spill = nullptr;
  const Epoch::Guard guard(reads_);
  if (closed_.load(std::memory_order_seq_cst)) return closed_status();
  FoundRecord found;
  STAVE_RETURN_IF_ERROR(find(key, &found));
  const Bytes value = found.record().value;
  if (value.size() > cap || buffer == nullptr) {
    // One byte at least: the empty value is a pointer too.
    void* own = std::malloc(value.size() + 1);
    if (own == nullptr) return {Code::no_memory, "allocating a value"};
    *spill = buffer = own;
  }
  if (!value.empty()) std::memcpy(buffer, value.data(), value.size());
  *length = value.size();
  return {};
}

Status Store::get(Bytes key, std::string* value) {
  const Epoch::Guard guard(reads_);
  if (closed_.load(std::memory_order_seq_cst)) return closed_status();
  FoundRecord found;
  STAVE_RETURN_IF_ERROR(find(key, &found));
  value->assign(found.record().value);
  return {};
}

Status Store::get_pinned(Bytes key, PinnedValue* out) {
  const Epoch::Guard guard(reads_);
  if (closed_.load(std::memory_order_seq_cst)) return closed_status();
  FoundRecord found;
  STAVE_RETURN_IF_ERROR(find(key, &found));
  if (found.mapped()) {
    out->segment = found.segment().shared_from_this();
    out->env = env_;
    out->value = found.record().value;
  } else {
    out->buffer.assign(found.record().value);
    out->value = out->buffer;
  }
  return {};
}

Status Store::exists(Bytes key, bool* exists) {
  *exists = false;
  const Epoch::Guard guard(reads_);
  if (closed_.load(std::memory_order_seq_cst)) return closed_status();
  FoundRecord found;
  Status s = find(key, &found);
  *exists = s.ok();
  // With an errno it is a file that was not found.
  return s.is(Code::not_found) && s.system_errno() == 0 ? Status() : s;
}

// What the keydir has, if it was there at that seq already.
bool Store::get_unchanged(Bytes key, uint64_t since, std::string* value) {
  const Epoch::Guard guard(reads_);
  if (closed_.load(std::memory_order_seq_cst)) return false;
  FoundRecord found;
  if (!find(key, &found).ok() || found.record().seq > since) return false;
  value->assign(found.record().value);
  return true;
}

}  // namespace stave
