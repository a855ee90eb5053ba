// Writes with an expiry, or that depend on what is there; entries with all that goes with a value.

#include <cstdlib>
#include <cstring>

#include "engine/found_record.h"
#include "engine/store.h"

namespace stave {

Status Store::put_until(Bytes key, Bytes value, uint64_t expires_at_ms, SyncWish wish) {
  const Epoch::Guard guard(calls_);
  STAVE_RETURN_IF_ERROR(enter_write());
  return writer_->put(key, value, expires_at_ms, wish);
}

Status Store::update(Bytes key, Decide decide, SyncWish wish, uint64_t* version) {
  const Epoch::Guard guard(calls_);
  STAVE_RETURN_IF_ERROR(enter_write());
  uint64_t seq = 0;
  Status s = writer_->update(key, decide, wish, &seq);
  if (version != nullptr) *version = s.ok() ? seq : 0;
  // A caller may act on either answer as on one of its own writes.
  if (s.is(Code::not_found) || s.is(Code::conflict)) {
    STAVE_RETURN_IF_ERROR(writer_->finish_unwritten(wish));
  }
  return s;
}

Status Store::write(const std::vector<Operation>& operations, SyncWish wish,
                    const std::vector<Condition>& conditions) {
  const Epoch::Guard guard(calls_);
  STAVE_RETURN_IF_ERROR(enter_write());
  uint64_t bytes = 0;
  for (const Operation& op : operations) {
    bytes += record_size(op.key.size(), op.value.size(), op.expires_at_ms != 0);
  }
  // Expiries may have come on top of what the batch counted.
  if (bytes > kBatchSizeMax) {
    return {Code::batch_too_large, "the batch's records have " + std::to_string(bytes) +
                                       " bytes, the limit is " + std::to_string(kBatchSizeMax) +
                                       "; write it in parts"};
  }
  Status s = writer_->write(operations, conditions, wish);
  if (s.is(Code::conflict)) STAVE_RETURN_IF_ERROR(writer_->finish_unwritten(wish));
  return s;
}

Status Store::get_entry(Bytes key, Entry* out, void** own) {
  *out = {};
  const Epoch::Guard guard(reads_);
  if (closed_.load(std::memory_order_seq_cst)) return closed_status();
  FoundRecord found;
  STAVE_RETURN_IF_ERROR(find(key, &found));
  const Record& r = found.record();
  if (own != nullptr) {
    *own = std::malloc(r.value.size() + 1);  // the empty value is a pointer too
    if (*own == nullptr) return {Code::no_memory, "allocating a value"};
    if (!r.value.empty()) std::memcpy(*own, r.value.data(), r.value.size());
  }
  *out = {r.seq, r.expires_at_ms, r.value.size()};
  return {};
}

}  // namespace stave
