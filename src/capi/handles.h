// What the opaque handles are.
//
// In a forked child a handle is dead: everything it points to belongs to the parent, so nothing
// is freed there either.
#pragma once

#include <atomic>
#include <memory>
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
  std::shared_ptr<stave::Store> store;  // feeds share it
  stave::HandleCount count;
};

struct stave_batch {
  struct Item {
    stave::Kind kind;
    size_t key_at, key_length, value_at, value_length;
  };
  std::string bytes;  // keys and values, one after the other
  std::vector<Item> items;
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

}  // namespace stave
