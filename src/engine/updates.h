// Calls that read, decide and write in one step, built on Store::update.
//
// Common answers: not_found where the key is not there (or has expired) and would have to be,
// conflict where a condition does not hold; nothing is written then. corrupt where the present
// record is damaged. Where a call writes a value it did not find an expiry for, the store's
// default applies, as to put.
//
// Threads: any number; atomic against every other write.
#pragma once

#include "engine/store.h"

namespace stave {

Status put_if_absent(Store& store, Bytes key, Bytes value, SyncWish wish);
Status compare_and_set(Store& store, Bytes key, Bytes expected, Bytes value, SyncWish wish);
// version 0: the key must not be there. *new_version: of what was put.
Status put_if_version(Store& store, Bytes key, uint64_t version, Bytes value, SyncWish wish,
                      uint64_t* new_version);
Status delete_if_value(Store& store, Bytes key, Bytes expected, SyncWish wish);
Status delete_if_version(Store& store, Bytes key, uint64_t version, SyncWish wish);

// The old value is copied to *own_old by malloc; nullptr: there was none.
Status get_and_set(Store& store, Bytes key, Bytes value, SyncWish wish, void** own_old,
                   size_t* old_length);
Status get_and_delete(Store& store, Bytes key, SyncWish wish, void** own_old, size_t* old_length);

enum class NumberForm : uint8_t { decimal, binary };
// An absent key counts as 0; a present one keeps its expiry. not_a_number, overflow.
Status increment(Store& store, Bytes key, int64_t delta, NumberForm form, SyncWish wish,
                 int64_t* result);
// An absent key as by put; a present one keeps its expiry. value_too_large.
Status append(Store& store, Bytes key, Bytes suffix, SyncWish wish, size_t* new_length);

// The value stays, and expires in ttl_ms.
Status touch(Store& store, Bytes key, uint64_t ttl_ms, SyncWish wish);
// The value stays, for ever.
Status persist(Store& store, Bytes key, SyncWish wish);

}  // namespace stave
