// What calls that read before they write hand to the writer, which runs them under its mutex:
// nobody else writes between what they see and what they do.
#pragma once

#include "base/bytes.h"
#include "base/status.h"
#include "engine/keydir_callback.h"
#include "format/record.h"

namespace stave {

enum class SyncWish : uint8_t { store_default, sync, no_sync };

struct Operation {
  Kind kind = Kind::put;  // put or tombstone
  Bytes key;
  Bytes value;
  uint64_t expires_at_ms = 0;
};

// A key's entry at this moment. An expired one is not there.
struct Present {
  bool there = false;
  Bytes value;  // lent
  uint64_t seq = 0;
  uint64_t expires_at_ms = 0;
};

// What shall become of it.
struct Decision {
  enum class What : uint8_t { nothing, put, remove };
  What what = What::nothing;
  Bytes value;  // lent: may be part of the present one
  uint64_t expires_at_ms = 0;
};

// A status that is not ok ends the call with it, and nothing is written. May be called more than
// once, since waiting for room lets others write: the last time counts. Must not call the store.
using Decide = Callback<Status(const Present& present, Decision* decision)>;

// What must hold for a batch to be written.
struct Condition {
  enum class What : uint8_t { absent, present, version, value };
  What what = What::absent;
  Bytes key;
  Bytes value;
  uint64_t version = 0;  // 0: absent
};

}  // namespace stave
