// The change feed.

#include "capi/handles.h"

using stave::Code;
using stave::guarded;
using stave::Kind;
using stave::Status;

static uint32_t kind_of(Kind kind) {
  if (kind == Kind::put) return STAVE_CHANGE_PUT;
  return kind == Kind::tombstone ? STAVE_CHANGE_DELETE : STAVE_CHANGE_DELETE_RANGE;
}

int stave_feed_open(stave_db* db, uint64_t after_seq, stave_feed** out) {
  return guarded([&]() -> Status {
    if (out == nullptr) return stave::null_argument("out");
    *out = nullptr;
    STAVE_RETURN_IF_ERROR(stave::check_db(db));
    auto made = std::make_unique<stave_feed>();
    made->fork = db->fork;
    made->store = db->store;
    STAVE_RETURN_IF_ERROR(db->store->open_feed(after_seq, &made->feed));
    *out = made.release();
    return {};
  });
}

int stave_feed_next(stave_feed* feed, int64_t timeout_ms, stave_change* change) {
  return guarded([&]() -> Status {
    if (change == nullptr) return stave::null_argument("change");
    stave_change c{};
    STAVE_RETURN_IF_ERROR(stave::fill_struct(change, c));
    if (feed == nullptr) return stave::null_argument("feed");
    STAVE_RETURN_IF_ERROR(stave::check_fork(*feed->fork));
    if (timeout_ms < -1) {
      return {Code::invalid_argument, "timeout_ms is " + std::to_string(timeout_ms) +
                                          "; allowed are -1 (no end), 0 and more"};
    }
    const stave::InUse use(feed->busy);
    STAVE_RETURN_IF_ERROR(use.status());
    stave::Change got;
    STAVE_RETURN_IF_ERROR(feed->store->feed_next(*feed->feed, timeout_ms, &got));
    c.kind = kind_of(got.kind);
    c.seq = got.seq;
    c.expires_at_ms = got.expires_at_ms;
    c.key = got.key.data() != nullptr ? got.key.data() : "";
    c.key_length = got.key.size();
    c.value = got.value.data() != nullptr ? got.value.data() : "";
    c.value_length = got.value.size();
    c.more = got.more ? 1 : 0;
    return stave::fill_struct(change, c);
  });
}

void stave_feed_destroy(stave_feed* feed) {
  if (feed != nullptr && !feed->fork->in_child()) delete feed;
}
