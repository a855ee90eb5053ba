// Conditional and read-modify-write calls.

#include "capi/handles.h"
#include "capi/write_flags.h"
#include "engine/updates.h"

using stave::Bytes;
using stave::bytes_of;
using stave::guarded;
using stave::Status;
using stave::Store;
using stave::SyncWish;

namespace {

// The arguments that these calls share, in the order in which they are looked at.
struct Call {
  stave_db* db;
  const void* key;
  size_t key_length;
  uint32_t flags;

  // body(store, key, wish).
  template <typename Body>
  Status run(const Body& body) const {
    SyncWish wish{};
    STAVE_RETURN_IF_ERROR(stave::check_db(db));
    STAVE_RETURN_IF_ERROR(stave::check_key(key, key_length));
    STAVE_RETURN_IF_ERROR(stave::parse_flags(flags, &wish));
    return body(*db->store, bytes_of(key, key_length), wish);
  }
};

Status check_expected(const void* expected, size_t length) {
  if (stave::value_is_valid(expected, length)) return {};
  return stave::explain_value(length).with_context("expected");
}

}  // namespace

int stave_put_if_absent(stave_db* db, const void* key, size_t key_length, const void* value,
                        size_t value_length, uint32_t flags) {
  return stave_put_if_version(db, key, key_length, 0, value, value_length, flags, nullptr);
}

int stave_compare_and_set(stave_db* db, const void* key, size_t key_length, const void* expected,
                          size_t expected_length, const void* value, size_t value_length,
                          uint32_t flags) {
  return guarded([&] {
    return Call{db, key, key_length, flags}.run([&](Store& store, Bytes k, SyncWish wish) {
      STAVE_RETURN_IF_ERROR(check_expected(expected, expected_length));
      STAVE_RETURN_IF_ERROR(stave::check_value(value, value_length));
      return stave::compare_and_set(store, k, bytes_of(expected, expected_length),
                                    bytes_of(value, value_length), wish);
    });
  });
}

int stave_put_if_version(stave_db* db, const void* key, size_t key_length, uint64_t version,
                         const void* value, size_t value_length, uint32_t flags,
                         uint64_t* new_version) {
  return guarded([&] {
    if (new_version != nullptr) *new_version = 0;
    return Call{db, key, key_length, flags}.run([&](Store& store, Bytes k, SyncWish wish) {
      STAVE_RETURN_IF_ERROR(stave::check_value(value, value_length));
      return stave::put_if_version(store, k, version, bytes_of(value, value_length), wish,
                                   new_version);
    });
  });
}

int stave_delete_if_value(stave_db* db, const void* key, size_t key_length, const void* expected,
                          size_t expected_length, uint32_t flags) {
  return guarded([&] {
    return Call{db, key, key_length, flags}.run([&](Store& store, Bytes k, SyncWish wish) {
      STAVE_RETURN_IF_ERROR(check_expected(expected, expected_length));
      return stave::delete_if_value(store, k, bytes_of(expected, expected_length), wish);
    });
  });
}

int stave_delete_if_version(stave_db* db, const void* key, size_t key_length, uint64_t version,
                            uint32_t flags) {
  return guarded([&] {
    return Call{db, key, key_length, flags}.run([&](Store& store, Bytes k, SyncWish wish) {
      return stave::delete_if_version(store, k, version, wish);
    });
  });
}

int stave_get_and_set(stave_db* db, const void* key, size_t key_length, const void* value,
                      size_t value_length, uint32_t flags, void** own_old, size_t* old_length) {
  return guarded([&] {
    if (own_old != nullptr) *own_old = nullptr;
    if (old_length != nullptr) *old_length = 0;
    return Call{db, key, key_length, flags}.run([&](Store& store, Bytes k, SyncWish wish) {
      STAVE_RETURN_IF_ERROR(stave::check_value(value, value_length));
      if (own_old == nullptr) return stave::null_argument("own_old");
      if (old_length == nullptr) return stave::null_argument("old_length");
      return stave::get_and_set(store, k, bytes_of(value, value_length), wish, own_old, old_length);
    });
  });
}

int stave_get_and_delete(stave_db* db, const void* key, size_t key_length, uint32_t flags,
                         void** own_old, size_t* old_length) {
  return guarded([&] {
    if (own_old != nullptr) *own_old = nullptr;
    if (old_length != nullptr) *old_length = 0;
    return Call{db, key, key_length, flags}.run([&](Store& store, Bytes k, SyncWish wish) {
      if (own_old == nullptr) return stave::null_argument("own_old");
      if (old_length == nullptr) return stave::null_argument("old_length");
      return stave::get_and_delete(store, k, wish, own_old, old_length);
    });
  });
}

int stave_increment(stave_db* db, const void* key, size_t key_length, int64_t delta, uint32_t flags,
                    int64_t* result) {
  return guarded([&] {
    if (result != nullptr) *result = 0;
    const bool binary = (flags & STAVE_INCREMENT_BINARY) != 0;
    const Call call{db, key, key_length, flags & ~STAVE_INCREMENT_BINARY};
    return call.run([&](Store& store, Bytes k, SyncWish wish) {
      int64_t sum = 0;
      const Status s = stave::increment(
          store, k, delta, binary ? stave::NumberForm::binary : stave::NumberForm::decimal, wish,
          &sum);
      if (result != nullptr) *result = sum;
      return s;
    });
  });
}

int stave_append(stave_db* db, const void* key, size_t key_length, const void* suffix,
                 size_t suffix_length, uint32_t flags, size_t* new_length) {
  return guarded([&] {
    if (new_length != nullptr) *new_length = 0;
    return Call{db, key, key_length, flags}.run([&](Store& store, Bytes k, SyncWish wish) {
      STAVE_RETURN_IF_ERROR(stave::check_value(suffix, suffix_length));
      size_t length = 0;
      const Status s = stave::append(store, k, bytes_of(suffix, suffix_length), wish, &length);
      if (new_length != nullptr) *new_length = length;
      return s;
    });
  });
}
