// Entries, and when they expire.

#include <algorithm>

#include "capi/handles.h"
#include "capi/write_flags.h"
#include "engine/updates.h"

using stave::bytes_of;
using stave::Code;
using stave::guarded;
using stave::Status;

namespace {

Status check_put(stave_db* db, const void* key, size_t key_length, const void* value,
                 size_t value_length, uint32_t flags, stave::SyncWish* wish) {
  STAVE_RETURN_IF_ERROR(stave::check_db(db));
  STAVE_RETURN_IF_ERROR(stave::check_key(key, key_length));
  STAVE_RETURN_IF_ERROR(stave::check_value(value, value_length));
  return stave::parse_flags(flags, wish);
}

// It was there a moment ago: a millisecond at least.
int64_t left_of(uint64_t expires_at_ms, uint64_t now_ms) {
  if (expires_at_ms == 0) return -1;
  const uint64_t left = expires_at_ms > now_ms ? expires_at_ms - now_ms : 1;
  return static_cast<int64_t>(std::min<uint64_t>(left, INT64_MAX));
}

Status check_ttl(uint64_t ttl_ms) {
  if (ttl_ms != 0) return {};
  return {Code::invalid_argument,
          "ttl_ms is 0; entries that never expire are made by stave_put_until or stave_persist"};
}

}  // namespace

int stave_get_entry(stave_db* db, const void* key, size_t key_length, stave_entry* entry,
                    void** own, size_t* value_length) {
  return guarded([&]() -> Status {
    if (own != nullptr) *own = nullptr;
    if (value_length != nullptr) *value_length = 0;
    if (entry == nullptr) return stave::null_argument("entry");
    STAVE_RETURN_IF_ERROR(stave::fill_struct(entry, stave_entry{}));
    STAVE_RETURN_IF_ERROR(stave::check_db(db));
    STAVE_RETURN_IF_ERROR(stave::check_key(key, key_length));
    if (own != nullptr && value_length == nullptr) return stave::null_argument("value_length");
    stave::Store::Entry found;
    STAVE_RETURN_IF_ERROR(db->store->get_entry(bytes_of(key, key_length), &found, own));
    if (value_length != nullptr) *value_length = found.value_length;
    stave_entry answer{};
    answer.version = found.version;
    answer.expires_at_ms = found.expires_at_ms;
    answer.value_length = found.value_length;
    return stave::fill_struct(entry, answer);
  });
}

int stave_put_until(stave_db* db, const void* key, size_t key_length, const void* value,
                    size_t value_length, uint64_t expires_at_ms, uint32_t flags) {
  return guarded([&]() -> Status {
    stave::SyncWish wish{};
    STAVE_RETURN_IF_ERROR(check_put(db, key, key_length, value, value_length, flags, &wish));
    return db->store->put_until(bytes_of(key, key_length), bytes_of(value, value_length),
                                expires_at_ms, wish);
  });
}

int stave_put_ttl(stave_db* db, const void* key, size_t key_length, const void* value,
                  size_t value_length, uint64_t ttl_ms, uint32_t flags) {
  return guarded([&]() -> Status {
    stave::SyncWish wish{};
    STAVE_RETURN_IF_ERROR(check_put(db, key, key_length, value, value_length, flags, &wish));
    STAVE_RETURN_IF_ERROR(check_ttl(ttl_ms));
    return db->store->put_until(bytes_of(key, key_length), bytes_of(value, value_length),
                                db->store->expiry().after(ttl_ms), wish);
  });
}

int stave_ttl(stave_db* db, const void* key, size_t key_length, int64_t* ttl_ms) {
  return guarded([&]() -> Status {
    if (ttl_ms != nullptr) *ttl_ms = 0;
    STAVE_RETURN_IF_ERROR(stave::check_db(db));
    STAVE_RETURN_IF_ERROR(stave::check_key(key, key_length));
    if (ttl_ms == nullptr) return stave::null_argument("ttl_ms");
    stave::Store::Entry found;
    STAVE_RETURN_IF_ERROR(db->store->get_entry(bytes_of(key, key_length), &found));
    *ttl_ms = left_of(found.expires_at_ms, db->store->expiry().now_ms());
    return {};
  });
}

int stave_touch(stave_db* db, const void* key, size_t key_length, uint64_t ttl_ms, uint32_t flags) {
  return guarded([&]() -> Status {
    stave::SyncWish wish{};
    STAVE_RETURN_IF_ERROR(check_put(db, key, key_length, nullptr, 0, flags, &wish));
    STAVE_RETURN_IF_ERROR(check_ttl(ttl_ms));
    return stave::touch(*db->store, bytes_of(key, key_length), ttl_ms, wish);
  });
}

int stave_persist(stave_db* db, const void* key, size_t key_length, uint32_t flags) {
  return guarded([&]() -> Status {
    stave::SyncWish wish{};
    STAVE_RETURN_IF_ERROR(check_put(db, key, key_length, nullptr, 0, flags, &wish));
    return stave::persist(*db->store, bytes_of(key, key_length), wish);
  });
}
