// Get in its forms.

#include <cstdlib>
#include <cstring>

#include "capi/handles.h"

using stave::Code;
using stave::guarded;
using stave::Status;

static Status get_slowly(stave_db* db, const void* key, size_t key_length, void** own,
                         size_t* value_length) {
  if (own != nullptr) *own = nullptr;
  if (value_length != nullptr) *value_length = 0;
  if (db == nullptr) return stave::null_argument("db");
  STAVE_RETURN_IF_ERROR(stave::check_fork(*db->fork));
  STAVE_RETURN_IF_ERROR(stave::check_key(key, key_length));
  if (own == nullptr) return stave::null_argument("own");
  if (value_length == nullptr) return stave::null_argument("value_length");
  return db->store->get_into(stave::bytes_of(key, key_length), nullptr, 0, value_length, own);
}

int stave_get(stave_db* db, const void* key, size_t key_length, void** own, size_t* value_length) {
  return guarded([&]() -> int {
    const bool ordinary = db != nullptr && !db->fork->in_child() && own != nullptr &&
                          value_length != nullptr && stave::key_is_valid(key, key_length);
    if (__builtin_expect(ordinary, 1)) {
      // Copied twice: short values cost less so than the way that knows the length first.
      char value[512];
      const auto hot =
          db->store->get_hot(stave::bytes_of(key, key_length), value, sizeof value, value_length);
      if (__builtin_expect(hot == stave::Store::Hot::found, 1)) {
        *own = std::malloc(*value_length + 1);
        if (*own != nullptr) {
          std::memcpy(*own, value, *value_length);
          return STAVE_OK;
        }
        *value_length = 0;
        return stave::report(Status(Code::no_memory, "allocating a value"));
      }
      if (hot == stave::Store::Hot::missing) {
        *own = nullptr;
        *value_length = 0;
        return stave::report(Status::answer(Code::not_found));
      }
    }
    return stave::report(get_slowly(db, key, key_length, own, value_length));
  });
}

// In the order of the checks: what a call with several mistakes is told.
static Status get_into_slowly(stave_db* db, const void* key, size_t key_length, void* buffer,
                              size_t cap, size_t* value_length, void** spill) {
  if (value_length != nullptr) *value_length = 0;
  if (spill != nullptr) *spill = nullptr;
  if (db == nullptr) return stave::null_argument("db");
  STAVE_RETURN_IF_ERROR(stave::check_fork(*db->fork));
  STAVE_RETURN_IF_ERROR(stave::check_key(key, key_length));
  if (value_length == nullptr) return stave::null_argument("value_length");
  if (spill == nullptr) return stave::null_argument("spill");
  if (buffer == nullptr && cap != 0) return stave::null_argument("buffer");
  // The empty value fits a buffer of no bytes.
  char none = 0;
  return db->store->get_into(stave::bytes_of(key, key_length), buffer != nullptr ? buffer : &none,
                             cap, value_length, spill);
}

int stave_get_into(stave_db* db, const void* key, size_t key_length, void* buffer, size_t cap,
                   size_t* value_length, void** spill) {
  return guarded([&]() -> int {
    const bool ordinary = db != nullptr && !db->fork->in_child() && buffer != nullptr &&
                          value_length != nullptr && spill != nullptr &&
                          stave::key_is_valid(key, key_length);
    if (__builtin_expect(ordinary, 1)) {
      *spill = nullptr;
      const auto hot =
          db->store->get_hot(stave::bytes_of(key, key_length), buffer, cap, value_length);
      if (__builtin_expect(hot == stave::Store::Hot::found, 1)) return STAVE_OK;
      if (hot == stave::Store::Hot::missing) {
        *value_length = 0;
        return stave::report(Status::answer(Code::not_found));
      }
    }
    return stave::report(get_into_slowly(db, key, key_length, buffer, cap, value_length, spill));
  });
}

int stave_get_pinned(stave_db* db, const void* key, size_t key_length, stave_pin** pin) {
  return guarded([&]() -> Status {
    if (pin == nullptr) return stave::null_argument("pin");
    *pin = nullptr;
    STAVE_RETURN_IF_ERROR(stave::check_db(db));
    STAVE_RETURN_IF_ERROR(stave::check_key(key, key_length));
    auto made = std::make_unique<stave_pin>();
    made->fork = db->fork;
    STAVE_RETURN_IF_ERROR(db->store->get_pinned(stave::bytes_of(key, key_length), &made->value));
    *pin = made.release();
    return {};
  });
}

const void* stave_pin_data(const stave_pin* pin) {
  if (pin == nullptr || pin->fork->in_child()) return nullptr;
  return pin->value.value.data() != nullptr ? pin->value.value.data() : "";
}

size_t stave_pin_length(const stave_pin* pin) {
  return pin == nullptr || pin->fork->in_child() ? 0 : pin->value.value.size();
}

void stave_pin_destroy(stave_pin* pin) {
  if (pin != nullptr && !pin->fork->in_child()) delete pin;
}

int stave_exists(stave_db* db, const void* key, size_t key_length, int* exists) {
  return guarded([&]() -> Status {
    if (exists != nullptr) *exists = 0;
    STAVE_RETURN_IF_ERROR(stave::check_db(db));
    STAVE_RETURN_IF_ERROR(stave::check_key(key, key_length));
    if (exists == nullptr) return stave::null_argument("exists");
    bool there = false;
    Status s = db->store->exists(stave::bytes_of(key, key_length), &there);
    *exists = there ? 1 : 0;
    return s;
  });
}
