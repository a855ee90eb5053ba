// What the opaque handles are.
//
// In a forked child a handle is dead: everything it points to belongs to the parent, so nothing
// is freed there either.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "capi/boundary.h"
#include "engine/options.h"
#include "engine/store.h"
#include "io/fork_guard.h"

struct stave_options {
  stave::Options options;
  stave::HandleCount count;
};

struct stave_db {
  std::shared_ptr<stave::ForkGuard> fork;
  std::shared_ptr<stave::Store> store;  // feeds and snapshots share it
  stave::HandleCount count;
};

struct stave_batch {
  // Key and value, in `bytes`.
  struct Place {
    size_t key_at, key_length, value_at, value_length;
  };
  struct Item {
    stave::Kind kind;
    std::optional<uint64_t> expires_at_ms;  // none: as the store's default says
    Place place;
  };
  struct Required {
    stave::Condition::What what;
    uint64_t version;
    Place place;
  };
  std::string bytes;  // keys and values, one after the other
  std::vector<Item> items;
  std::vector<Required> required;
  uint64_t record_bytes = 0;
  std::atomic<bool> busy{false};
  stave::HandleCount count;
};

struct stave_pin {
  std::shared_ptr<stave::ForkGuard> fork;
  stave::PinnedValue value;
  stave::HandleCount count;
};

struct stave_iter {
  std::shared_ptr<stave::ForkGuard> fork;
  std::unique_ptr<stave::Iterator> iterator;
  std::atomic<bool> busy{false};
  stave::HandleCount count;
};

struct stave_feed {
  std::shared_ptr<stave::ForkGuard> fork;
  std::shared_ptr<stave::Store> store;
  std::unique_ptr<stave::Feed> feed;
  std::atomic<bool> busy{false};
  stave::HandleCount count;
};

struct stave_snapshot {
  std::shared_ptr<stave::ForkGuard> fork;
  std::shared_ptr<stave::Store> store;
  std::shared_ptr<stave::StoreSnapshot> snapshot;
  stave::HandleCount count;
};

struct stave_files {
  std::vector<stave::FileStatistics> files;
  stave::HandleCount count;
};

namespace stave {

inline Status check_fork(const ForkGuard& guard) {
  return guard.in_child() ? Status::answer(Code::forked) : Status();
}

// The first test of every call on a store.
inline Status check_db(const stave_db* db) {
  if (db == nullptr) return null_argument("db");
  return check_fork(*db->fork);
}

// Copies key and value behind the batch's other bytes, and calls add(place); all of it or nothing.
template <typename Add>
Status add_to_batch(stave_batch* batch, const void* key, size_t key_length, const void* value,
                    size_t value_length, const Add& add) {
  if (batch == nullptr) return null_argument("batch");
  const InUse use(batch->busy);
  STAVE_RETURN_IF_ERROR(use.status());
  STAVE_RETURN_IF_ERROR(check_key(key, key_length));
  STAVE_RETURN_IF_ERROR(check_value(value, value_length));
  const size_t at = batch->bytes.size();
  Status s;
  try {
    batch->bytes.append(static_cast<const char*>(key), key_length);
    if (value_length > 0) batch->bytes.append(static_cast<const char*>(value), value_length);
    s = add(stave_batch::Place{at, key_length, at + key_length, value_length});
  } catch (...) {
    batch->bytes.resize(at);
    throw;
  }
  if (!s.ok()) batch->bytes.resize(at);
  return s;
}

}  // namespace stave
