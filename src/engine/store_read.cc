// Reads: one hash, one look-up, the record where the slot says, its key compared.

#include <cstdlib>
#include <cstring>

#include "engine/plain_get.h"
#include "engine/store.h"

namespace stave {
namespace {

constexpr size_t kStackBuffer = 4096;

}  // namespace

// A record found: in a mapping, or in the buffers here.
struct Store::Found {
  const Segment* segment = nullptr;
  Record record;
  bool mapped = false;
  std::string large;  // positional mode, records of more than kStackBuffer bytes
  char small[kStackBuffer];

  Found() {}  // NOLINT(modernize-use-equals-default): leaves small[] as it is
  Status read(const Segment& s, uint64_t offset, uint64_t available, unsigned cls);

  const char* at = nullptr;
  uint64_t readable = 0;  // bytes at `at`
};

// One pread of the class's largest size; a second only for what the loader's classes understate.
Status Store::Found::read(const Segment& s, uint64_t offset, uint64_t available, unsigned cls) {
  uint64_t n = std::min(available, size_class_max(cls));
  while (true) {
    char* to = small;
    if (n > kStackBuffer) {
      large.resize(n);
      to = large.data();
    }
    STAVE_RETURN_IF_ERROR(s.read_exact(offset, to, n));
    at = to;
    readable = n;
    if (n < kRecordHeaderSize) return {};
    const uint64_t size = record_size(load_le<uint16_t>(to + 6), load_le<uint32_t>(to + 8),
                                      static_cast<uint8_t>(to[5]) & kFlagExpiry);
    if (size <= n || size > available) return {};
    n = size;
  }
}

// Inside a guard of reads_.
Status Store::find(Bytes key, Found* out) {
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
  const uint64_t tail = s.tail();
  if (offset >= tail) return corrupt_at(s, offset, "the keydir leads past the end of the file");
  out->segment = &s;
  if (const char* base = s.mapped()) {
    out->mapped = true;
    out->at = base + offset;
    out->readable = tail - offset;
  } else {
    STAVE_RETURN_IF_ERROR(out->read(s, offset, tail - offset, slot.size_class));
  }
  const uint64_t began = out->mapped ? cold_pages_.begin(s, offset, slot.size_class) : 0;
  const bool verify = env_->options.verify_reads;
  uint64_t size = 0;
  Parse parsed = verify ? parse_record(out->at, out->readable, s.salt(), &out->record, &size)
                        : parse_record_unchecked(out->at, out->readable, &out->record, &size);
  if (__builtin_expect(parsed == Parse::ok && out->record.key == key, 1)) {
    cold_pages_.end(began, size);
    const Record& r = out->record;
    if (r.kind != Kind::put) return corrupt_at(s, offset, "not the record of a put");
    if (r.expires_at_ms != 0 && r.expires_at_ms <= env_->clock.now_ms()) {
      return Status::answer(Code::not_found);
    }
    return {};
  }
  // Another key's record with a good checksum is a collision: an ordinary miss.
  if (!verify && parsed == Parse::ok) {
    parsed = parse_record(out->at, out->readable, s.salt(), &out->record, &size);
  }
  if (parsed == Parse::ok) return Status::answer(Code::not_found);
  return corrupt_at(s, offset, "the record's checksum or structure is wrong");
}

// The get of nearly every call in as few instructions as it takes: what the processor can look
// ahead over is about one of them, and then the misses of two gets overlap.
STAVE_FAST_CPU Store::Hot Store::get_hot(Bytes key, void* buffer, size_t cap, size_t* length) {
  if (__builtin_expect(!fast_.load(std::memory_order_relaxed), 0)) return Hot::other;
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
  Found found;
  const Status s = find(key, &found);
  answer(index, s, s.ok() ? found.record.value : Bytes());
}

Status Store::get_into(Bytes key, void* buffer, size_t cap, size_t* length, void** spill) {
  *length = 0;
  *spill = nullptr;
  const Epoch::Guard guard(reads_);
  if (closed_.load(std::memory_order_seq_cst)) return closed_status();
  Found found;
  STAVE_RETURN_IF_ERROR(find(key, &found));
  const Bytes value = found.record.value;
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
  Found found;
  STAVE_RETURN_IF_ERROR(find(key, &found));
  value->assign(found.record.value);
  return {};
}

Status Store::get_pinned(Bytes key, PinnedValue* out) {
  const Epoch::Guard guard(reads_);
  if (closed_.load(std::memory_order_seq_cst)) return closed_status();
  Found found;
  STAVE_RETURN_IF_ERROR(find(key, &found));
  if (found.mapped) {
    out->segment = found.segment->shared_from_this();
    out->env = env_;
    out->value = found.record.value;
  } else {
    out->buffer.assign(found.record.value);
    out->value = out->buffer;
  }
  return {};
}

Status Store::exists(Bytes key, bool* exists) {
  *exists = false;
  const Epoch::Guard guard(reads_);
  if (closed_.load(std::memory_order_seq_cst)) return closed_status();
  Found found;
  Status s = find(key, &found);
  *exists = s.ok();
  // With an errno it is a file that was not found.
  return s.is(Code::not_found) && s.system_errno() == 0 ? Status() : s;
}

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

Result<std::unique_ptr<Iterator>> Store::iterate(Bytes prefix) {
  const Epoch::Guard call(calls_);
  if (closed_.load(std::memory_order_seq_cst)) return closed_status();
  return Iterator::open(env_, snapshot_now(), std::string(prefix));
}

}  // namespace stave
