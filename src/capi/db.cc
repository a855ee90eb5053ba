// Open, close, write, merge, refresh.

#include <cstdlib>
#include <filesystem>

#include "capi/handles.h"
#include "capi/write_flags.h"

using stave::Code;
using stave::guarded;
using stave::Status;

Status stave::explain_flags(uint32_t flags) {
  return {Code::invalid_argument, "flags are " + std::to_string(flags) +
                                      "; allowed are 0, STAVE_WRITE_SYNC or STAVE_WRITE_NO_SYNC"};
}

void stave_free(void* memory) { std::free(memory); }

int stave_open(const char* dir, const stave_options* options, stave_db** out) {
  return guarded([&]() -> Status {
    if (out == nullptr) return stave::null_argument("out");
    *out = nullptr;
    if (dir == nullptr) return stave::null_argument("dir");
    auto db = std::make_unique<stave_db>();
    db->fork = std::make_shared<stave::ForkGuard>();
    STAVE_RETURN_IF_ERROR(db->fork->arm());
    // Absolute, so that the program may change its working directory.
    std::error_code error;
    const std::filesystem::path path = std::filesystem::absolute(dir, error);
    auto store = stave::Store::open(stave::posix_fs(), stave::system_clock(),
                                    error || dir[0] == '\0' ? dir : path.string(),
                                    options != nullptr ? options->options : stave::Options());
    if (const Status& s = store.status(); s.is(Code::not_found)) {
      return {Code::no_store, s.message(), s.system_errno()};  // a parent, or it went meanwhile
    }
    if (!store.ok()) return store.status();
    db->store = store.take();
    *out = db.release();
    return {};
  });
}

int stave_close(stave_db* db) {
  return guarded([&]() -> Status {
    if (db == nullptr) return {};
    STAVE_RETURN_IF_ERROR(stave::check_db(db));
    return db->store->close();
  });
}

void stave_release(stave_db* db) {
  if (db == nullptr || db->fork->in_child()) return;
  (void)guarded([&]() -> Status {
    (void)db->store->close(false);  // throws nothing, so that the handle is always freed
    delete db;
    return {};
  });
}

static Status put_slowly(stave_db* db, const void* key, size_t key_length, const void* value,
                         size_t value_length, uint32_t flags) {
  if (db == nullptr) return stave::null_argument("db");
  STAVE_RETURN_IF_ERROR(stave::check_fork(*db->fork));
  STAVE_RETURN_IF_ERROR(stave::check_key(key, key_length));
  STAVE_RETURN_IF_ERROR(stave::check_value(value, value_length));
  stave::SyncWish wish{};
  STAVE_RETURN_IF_ERROR(stave::parse_flags(flags, &wish));
  return db->store->put(stave::bytes_of(key, key_length), stave::bytes_of(value, value_length),
                        wish);
}

int stave_put(stave_db* db, const void* key, size_t key_length, const void* value,
              size_t value_length, uint32_t flags) {
  return guarded([&]() -> int {
    const bool ordinary = db != nullptr && !db->fork->in_child() && flags == 0 &&
                          stave::key_is_valid(key, key_length) &&
                          stave::value_is_valid(value, value_length);
    if (ordinary && db->store->put_fast(stave::bytes_of(key, key_length),
                                        stave::bytes_of(value, value_length))) {
      return STAVE_OK;
    }
    return stave::report(put_slowly(db, key, key_length, value, value_length, flags));
  });
}

int stave_delete(stave_db* db, const void* key, size_t key_length, uint32_t flags) {
  return guarded([&]() -> Status {
    STAVE_RETURN_IF_ERROR(stave::check_db(db));
    STAVE_RETURN_IF_ERROR(stave::check_key(key, key_length));
    stave::SyncWish wish{};
    STAVE_RETURN_IF_ERROR(stave::parse_flags(flags, &wish));
    return db->store->remove(stave::bytes_of(key, key_length), wish);
  });
}

int stave_sync(stave_db* db) {
  return guarded([&]() -> Status {
    STAVE_RETURN_IF_ERROR(stave::check_db(db));
    return db->store->sync();
  });
}

int stave_merge(stave_db* db, uint32_t flags) {
  return guarded([&]() -> Status {
    STAVE_RETURN_IF_ERROR(stave::check_db(db));
    if ((flags & ~(STAVE_MERGE_UNCAPPED | STAVE_MERGE_SORT)) != 0) {
      return {Code::invalid_argument,
              "flags are " + std::to_string(flags) +
                  "; allowed are 0, STAVE_MERGE_UNCAPPED and STAVE_MERGE_SORT"};
    }
    return db->store->merge((flags & STAVE_MERGE_UNCAPPED) == 0, (flags & STAVE_MERGE_SORT) != 0);
  });
}

int stave_merge_pause(stave_db* db) {
  return guarded([&]() -> Status {
    STAVE_RETURN_IF_ERROR(stave::check_db(db));
    return db->store->pause_merges(true);
  });
}

int stave_merge_resume(stave_db* db) {
  return guarded([&]() -> Status {
    STAVE_RETURN_IF_ERROR(stave::check_db(db));
    return db->store->pause_merges(false);
  });
}

int stave_refresh(stave_db* db) {
  return guarded([&]() -> Status {
    STAVE_RETURN_IF_ERROR(stave::check_db(db));
    return db->store->refresh();
  });
}
