// Iterators.

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "capi/handles.h"

using stave::Bytes;
using stave::Code;
using stave::guarded;
using stave::Status;

namespace {

Bytes bytes_of(const stave_slice& s) { return stave::bytes_of(s.data, s.length); }

Status check_slice(const stave_slice& s, const char* what) {
  return s.data == nullptr && s.length != 0 ? stave::null_argument(what) : Status();
}

// The first test of every call on an iterator.
Status check_iter(const stave_iter* iter) {
  if (iter == nullptr) return stave::null_argument("iter");
  return stave::check_fork(*iter->fork);
}

// The members that the caller's struct has; all others are 0.
Status read_options(const stave_iter_options* given, stave_iter_options* out) {
  *out = {};
  if (given == nullptr) return {};
  STAVE_RETURN_IF_ERROR(stave::check_struct_size(given->size));
  std::memcpy(out, given, std::min<size_t>(given->size, sizeof *out));
  constexpr uint32_t kFlags = STAVE_ITER_REVERSE | STAVE_ITER_KEYS_ONLY;
  if ((out->flags & ~kFlags) != 0) {
    return {Code::invalid_argument,
            "flags are " + std::to_string(out->flags) +
                "; allowed are 0, STAVE_ITER_REVERSE and STAVE_ITER_KEYS_ONLY"};
  }
  STAVE_RETURN_IF_ERROR(check_slice(out->from, "options->from"));
  STAVE_RETURN_IF_ERROR(check_slice(out->to, "options->to"));
  return check_slice(out->prefix, "options->prefix");
}

stave::IterateOptions engine_options(const stave_iter_options& o) {
  stave::IterateOptions to;
  to.reverse = (o.flags & STAVE_ITER_REVERSE) != 0;
  to.keys_only = (o.flags & STAVE_ITER_KEYS_ONLY) != 0;
  to.from = bytes_of(o.from);
  to.to = bytes_of(o.to);
  to.prefix = bytes_of(o.prefix);
  to.limit = o.limit;
  return to;
}

Status open_at_snapshot(stave_db* db, const stave_iter_options& options, stave_iter* made) {
  const stave_snapshot& snapshot = *options.snapshot;
  STAVE_RETURN_IF_ERROR(stave::check_fork(*snapshot.fork));
  if (db != nullptr && db->store != snapshot.store) {
    return {Code::invalid_argument, "options->snapshot is one of another store"};
  }
  if (db != nullptr && db->store->closed()) return stave::closed_status();
  auto sources = snapshot.snapshot->sources();
  if (!sources.ok()) return sources.status();
  made->fork = snapshot.fork;
  made->iterator = std::make_unique<stave::Iterator>(sources.take(), engine_options(options));
  return {};
}

template <typename Move>
int move(stave_iter* iter, Move&& step) {
  return guarded([&]() -> Status {
    STAVE_RETURN_IF_ERROR(check_iter(iter));
    const stave::InUse use(iter->busy);
    STAVE_RETURN_IF_ERROR(use.status());
    return step(*iter->iterator);
  });
}

// Lays bytes one after the other into the caller's buffer and, from the first entry on that does
// not fit, into memory of ours, which moves as it grows: pointers into it are made at the end.
class EntryPacker {
 public:
  EntryPacker(void* buffer, size_t cap, stave_item* items)
      : at_(static_cast<char*>(buffer)), left_(cap), items_(items) {}
  ~EntryPacker() { std::free(spill_); }
  EntryPacker(const EntryPacker&) = delete;
  EntryPacker& operator=(const EntryPacker&) = delete;

  Status add(Bytes key, Bytes value, uint64_t version, uint64_t expires_at_ms) {
    const size_t size = key.size() + value.size();
    char* to = at_;
    if (spill_ == nullptr && at_ != nullptr && size <= left_) {
      at_ += size;
      left_ -= size;
    } else {
      if (spill_ == nullptr) spilled_from_ = count_;
      STAVE_RETURN_IF_ERROR(grow(size));
      to = spill_ + spill_used_;
      spill_used_ += size;
    }
    std::memcpy(to, key.data(), key.size());
    if (!value.empty()) std::memcpy(to + key.size(), value.data(), value.size());
    items_[count_++] = {to, key.size(), to + key.size(), value.size(), version, expires_at_ms};
    return {};
  }

  [[nodiscard]] size_t count() const { return count_; }
  [[nodiscard]] size_t spilled() const { return spill_used_; }

  void finish(void** spill) {
    char* at = spill_;
    for (size_t i = spilled_from_; spill_ != nullptr && i < count_; ++i) {
      stave_item& item = items_[i];
      item.key = at;
      item.value = at + item.key_length;
      at += item.key_length + item.value_length;
    }
    *spill = std::exchange(spill_, nullptr);
  }

 private:
  Status grow(size_t size) {
    if (size <= spill_cap_ - spill_used_) return {};
    constexpr size_t kSpillMin = 4096;
    const size_t cap = std::max({kSpillMin, spill_cap_ * 2, spill_used_ + size});
    void* const grown = std::realloc(spill_, cap);
    if (grown == nullptr) return {Code::no_memory, "allocating the entries"};
    spill_ = static_cast<char*>(grown);
    spill_cap_ = cap;
    return {};
  }

  char* at_;
  size_t left_;
  stave_item* const items_;
  size_t count_ = 0;
  size_t spilled_from_ = 0;
  char* spill_ = nullptr;
  size_t spill_cap_ = 0;
  size_t spill_used_ = 0;
};

// Who asks for many entries does not know how large they are.
constexpr size_t kSpillEnough = 1 << 20;

Status add_present(stave::Iterator& it, EntryPacker* packer) {
  try {
    Bytes value;
    if (!it.keys_only()) STAVE_RETURN_IF_ERROR(it.value(&value));
    return packer->add(it.key(), value, it.version(), it.expires_at_ms());
  } catch (const std::bad_alloc&) {
    return Status::answer(Code::no_memory);
  }
}

// A step that fails is told by every later move.
void step_back(stave::Iterator& it) {
  try {
    (void)it.prev();
  } catch (const std::bad_alloc&) {
  }
}

// The entries before an error are answered first. Nothing is noted of it: the iterator fails the
// next move in the same way, and stands before an entry whose value failed, to come to it again.
Status next_batch(stave::Iterator& it, size_t n, EntryPacker* packer) {
  Status s;
  while (packer->count() < n && packer->spilled() <= kSpillEnough) {
    s = it.next();
    if (!s.ok()) break;
    s = add_present(it, packer);
    if (__builtin_expect(s.ok(), 1)) continue;
    if (packer->count() != 0 || s.is(Code::no_memory)) step_back(it);
    break;
  }
  return packer->count() == 0 ? s : Status();
}

}  // namespace

int stave_iter_create(stave_db* db, const void* prefix, size_t prefix_length, stave_iter** out) {
  return guarded([&]() -> Status {
    if (out == nullptr) return stave::null_argument("out");
    *out = nullptr;
    STAVE_RETURN_IF_ERROR(stave::check_db(db));
    if (prefix == nullptr && prefix_length != 0) return stave::null_argument("prefix");
    auto made = std::make_unique<stave_iter>();
    made->fork = db->fork;
    auto iterator = db->store->iterate(stave::bytes_of(prefix, prefix_length));
    if (!iterator.ok()) return iterator.status();
    made->iterator = iterator.take();
    *out = made.release();
    return {};
  });
}

int stave_iter_open(stave_db* db, const stave_iter_options* options, stave_iter** out) {
  return guarded([&]() -> Status {
    if (out == nullptr) return stave::null_argument("out");
    *out = nullptr;
    stave_iter_options o;
    STAVE_RETURN_IF_ERROR(read_options(options, &o));
    auto made = std::make_unique<stave_iter>();
    if (o.snapshot != nullptr) {
      if (db != nullptr) STAVE_RETURN_IF_ERROR(stave::check_db(db));
      STAVE_RETURN_IF_ERROR(open_at_snapshot(db, o, made.get()));
    } else {
      STAVE_RETURN_IF_ERROR(stave::check_db(db));
      made->fork = db->fork;
      auto iterator = db->store->iterate(engine_options(o));
      if (!iterator.ok()) return iterator.status();
      made->iterator = iterator.take();
    }
    *out = made.release();
    return {};
  });
}

int stave_iter_next(stave_iter* iter) {
  return move(iter, [](stave::Iterator& it) { return it.next(); });
}

int stave_iter_prev(stave_iter* iter) {
  return move(iter, [](stave::Iterator& it) { return it.prev(); });
}

int stave_iter_seek(stave_iter* iter, const void* key, size_t key_length) {
  return move(iter, [&](stave::Iterator& it) -> Status {
    if (key == nullptr && key_length != 0) return stave::null_argument("key");
    return it.seek(stave::bytes_of(key, key_length));
  });
}

int stave_iter_seek_first(stave_iter* iter) {
  return move(iter, [](stave::Iterator& it) { return it.seek_first(); });
}

int stave_iter_seek_last(stave_iter* iter) {
  return move(iter, [](stave::Iterator& it) { return it.seek_last(); });
}

const void* stave_iter_key(const stave_iter* iter, size_t* length) {
  if (length != nullptr) *length = 0;
  if (iter == nullptr || iter->fork->in_child() || !iter->iterator->valid()) return nullptr;
  const Bytes key = iter->iterator->key();
  if (length != nullptr) *length = key.size();
  return key.data();
}

uint64_t stave_iter_version(const stave_iter* iter) {
  return iter == nullptr || iter->fork->in_child() ? 0 : iter->iterator->version();
}

uint64_t stave_iter_expires_at(const stave_iter* iter) {
  return iter == nullptr || iter->fork->in_child() ? 0 : iter->iterator->expires_at_ms();
}

int stave_iter_value(stave_iter* iter, const void** value, size_t* length) {
  return guarded([&]() -> Status {
    if (value != nullptr) *value = nullptr;
    if (length != nullptr) *length = 0;
    if (iter == nullptr) return stave::null_argument("iter");
    if (value == nullptr) return stave::null_argument("value");
    if (length == nullptr) return stave::null_argument("length");
    STAVE_RETURN_IF_ERROR(stave::check_fork(*iter->fork));
    const stave::InUse use(iter->busy);
    STAVE_RETURN_IF_ERROR(use.status());
    if (!iter->iterator->valid()) {
      return {Code::invalid_argument, "the iterator stands on no entry; call stave_iter_next"};
    }
    Bytes bytes;
    STAVE_RETURN_IF_ERROR(iter->iterator->value(&bytes));
    *value = bytes.data() != nullptr ? bytes.data() : "";
    *length = bytes.size();
    return {};
  });
}

int stave_iter_next_batch(stave_iter* iter, stave_item* items, size_t n, void* buffer, size_t cap,
                          size_t* count, void** spill) {
  if (count != nullptr) *count = 0;
  if (spill != nullptr) *spill = nullptr;
  return guarded([&]() -> Status {
    STAVE_RETURN_IF_ERROR(check_iter(iter));
    if (items == nullptr && n != 0) return stave::null_argument("items");
    if (buffer == nullptr && cap != 0) return stave::null_argument("buffer");
    if (count == nullptr) return stave::null_argument("count");
    if (spill == nullptr) return stave::null_argument("spill");
    const stave::InUse use(iter->busy);
    STAVE_RETURN_IF_ERROR(use.status());
    EntryPacker packer(buffer, cap, items);
    STAVE_RETURN_IF_ERROR(next_batch(*iter->iterator, n, &packer));
    *count = packer.count();
    packer.finish(spill);
    return {};
  });
}

void stave_iter_destroy(stave_iter* iter) {
  if (iter != nullptr && !iter->fork->in_child()) delete iter;
}
