// Deleting, counting and sizing ranges of keys.

#include "capi/handles.h"
#include "capi/write_flags.h"

using stave::Bytes;
using stave::bytes_of;
using stave::Code;
using stave::guarded;
using stave::kKeySizeMax;
using stave::Status;
using stave::SyncWish;

namespace {

Status check_bound(const char* what, const void* key, size_t length) {
  if (key == nullptr && length != 0) return stave::null_argument(what);
  if (length <= kKeySizeMax) return {};
  return {Code::key_too_large, std::string(what) + " has " + std::to_string(length) +
                                   " bytes, the limit is " + std::to_string(kKeySizeMax)};
}

// A range as the caller gave it; an empty bound is no bound.
struct Range {
  Bytes from, to;

  Status set(const void* f, size_t f_length, const void* t, size_t t_length) {
    STAVE_RETURN_IF_ERROR(check_bound("from", f, f_length));
    STAVE_RETURN_IF_ERROR(check_bound("to", t, t_length));
    from = f_length == 0 ? Bytes() : bytes_of(f, f_length);
    to = t_length == 0 ? Bytes() : bytes_of(t, t_length);
    if (!to.empty() && from > to) {
      return {Code::invalid_argument, "the range ends before it begins: `to` is less than `from`"};
    }
    return {};
  }
};

// The least key above all with the prefix; "": there is none.
std::string end_of_prefix(Bytes prefix) {
  std::string end(prefix);
  while (!end.empty() && static_cast<unsigned char>(end.back()) == 0xff) end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(end.back() + 1);
  return end;
}

}  // namespace

int stave_delete_range(stave_db* db, const void* from, size_t from_length, const void* to,
                       size_t to_length, uint32_t flags) {
  return guarded([&]() -> Status {
    STAVE_RETURN_IF_ERROR(stave::check_db(db));
    Range range;
    STAVE_RETURN_IF_ERROR(range.set(from, from_length, to, to_length));
    SyncWish wish{};
    STAVE_RETURN_IF_ERROR(stave::parse_flags(flags, &wish));
    return db->store->delete_range(range.from, range.to, wish);
  });
}

int stave_delete_prefix(stave_db* db, const void* prefix, size_t prefix_length, uint32_t flags) {
  return guarded([&]() -> Status {
    STAVE_RETURN_IF_ERROR(stave::check_db(db));
    STAVE_RETURN_IF_ERROR(check_bound("prefix", prefix, prefix_length));
    if (prefix_length == 0) {
      return {Code::empty_key,
              "every key begins with the empty prefix; to delete all, call stave_clear"};
    }
    SyncWish wish{};
    STAVE_RETURN_IF_ERROR(stave::parse_flags(flags, &wish));
    const Bytes from = bytes_of(prefix, prefix_length);
    return db->store->delete_range(from, end_of_prefix(from), wish);
  });
}

int stave_clear(stave_db* db, uint32_t flags) {
  return guarded([&]() -> Status {
    STAVE_RETURN_IF_ERROR(stave::check_db(db));
    SyncWish wish{};
    STAVE_RETURN_IF_ERROR(stave::parse_flags(flags, &wish));
    return db->store->clear(wish);
  });
}

int stave_count_range(stave_db* db, const void* from, size_t from_length, const void* to,
                      size_t to_length, uint64_t* count) {
  return guarded([&]() -> Status {
    if (count == nullptr) return stave::null_argument("count");
    *count = 0;
    STAVE_RETURN_IF_ERROR(stave::check_db(db));
    Range range;
    STAVE_RETURN_IF_ERROR(range.set(from, from_length, to, to_length));
    return db->store->count_range(range.from, range.to, count);
  });
}

int stave_approximate_size(stave_db* db, const void* from, size_t from_length, const void* to,
                           size_t to_length, uint64_t* bytes, uint64_t* keys) {
  return guarded([&]() -> Status {
    if (bytes != nullptr) *bytes = 0;
    if (keys != nullptr) *keys = 0;
    STAVE_RETURN_IF_ERROR(stave::check_db(db));
    Range range;
    STAVE_RETURN_IF_ERROR(range.set(from, from_length, to, to_length));
    uint64_t live_bytes = 0;
    uint64_t live_keys = 0;
    STAVE_RETURN_IF_ERROR(
        db->store->approximate_size(range.from, range.to, &live_bytes, &live_keys));
    if (bytes != nullptr) *bytes = live_bytes;
    if (keys != nullptr) *keys = live_keys;
    return {};
  });
}
