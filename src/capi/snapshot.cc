// Snapshots.

#include <cstdlib>

#include "capi/handles.h"

using stave::Code;
using stave::guarded;
using stave::Status;

int stave_snapshot_create(stave_db* db, stave_snapshot** out) {
  return guarded([&]() -> Status {
    if (out == nullptr) return stave::null_argument("out");
    *out = nullptr;
    STAVE_RETURN_IF_ERROR(stave::check_db(db));
    auto made = std::make_unique<stave_snapshot>();
    made->fork = db->fork;
    made->store = db->store;
    auto snapshot = db->store->snapshot();
    if (!snapshot.ok()) return snapshot.status();
    made->snapshot = snapshot.take();
    *out = made.release();
    return {};
  });
}

int stave_snapshot_get(const stave_snapshot* snapshot, const void* key, size_t key_length,
                       void** own, size_t* value_length) {
  return guarded([&]() -> Status {
    if (own != nullptr) *own = nullptr;
    if (value_length != nullptr) *value_length = 0;
    if (snapshot == nullptr) return stave::null_argument("snapshot");
    STAVE_RETURN_IF_ERROR(stave::check_fork(*snapshot->fork));
    STAVE_RETURN_IF_ERROR(stave::check_key(key, key_length));
    if (own == nullptr) return stave::null_argument("own");
    if (value_length == nullptr) return stave::null_argument("value_length");
    std::string value;
    STAVE_RETURN_IF_ERROR(
        snapshot->store->get_at(*snapshot->snapshot, stave::bytes_of(key, key_length), &value));
    // One byte at least: the empty value is a pointer too.
    *own = std::malloc(value.size() + 1);
    if (*own == nullptr) return {Code::no_memory, "allocating a value"};
    std::memcpy(*own, value.data(), value.size());
    *value_length = value.size();
    return {};
  });
}

uint64_t stave_snapshot_seq(const stave_snapshot* snapshot) {
  return snapshot == nullptr || snapshot->fork->in_child() ? 0 : snapshot->snapshot->seq();
}

void stave_snapshot_destroy(stave_snapshot* snapshot) {
  if (snapshot != nullptr && !snapshot->fork->in_child()) delete snapshot;
}
