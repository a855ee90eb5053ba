// STAVE_WRITE_*: the flags of all writing calls.
#pragma once

#include "capi/boundary.h"
#include "engine/store.h"

namespace stave {

static_assert(static_cast<uint32_t>(SyncWish::store_default) == 0);
static_assert(static_cast<uint32_t>(SyncWish::sync) == STAVE_WRITE_SYNC);
static_assert(static_cast<uint32_t>(SyncWish::no_sync) == STAVE_WRITE_NO_SYNC);

Status explain_flags(uint32_t flags);

inline Status parse_flags(uint32_t flags, SyncWish* wish) {
  *wish = static_cast<SyncWish>(flags);
  return __builtin_expect(flags <= STAVE_WRITE_NO_SYNC, 1) ? Status() : explain_flags(flags);
}

}  // namespace stave
