#include "base/limits.h"
#include "capi/handles.h"

using stave::Code;
using stave::guarded;
using stave::Kind;
using stave::Status;

namespace {

Status add(stave_batch* batch, Kind kind, const void* key, size_t key_length, const void* value,
           size_t value_length, std::optional<uint64_t> expires_at_ms) {
  const uint64_t size =
      stave::record_size(key_length, value_length, expires_at_ms.value_or(0) != 0);
  return stave::add_to_batch(
      batch, key, key_length, value, value_length, [&](const stave_batch::Place& place) -> Status {
        if (size > stave::kBatchSizeMax - batch->record_bytes ||
            batch->items.size() >= UINT32_MAX) {
          return {Code::batch_too_large, "the batch would hold more than " +
                                             std::to_string(stave::kBatchSizeMax) +
                                             " bytes of records; write it in parts"};
        }
        batch->items.push_back({kind, expires_at_ms, place});
        batch->record_bytes += size;
        return {};
      });
}

}  // namespace

int stave_batch_create(stave_batch** out) {
  return guarded([&]() -> Status {
    if (out == nullptr) return stave::null_argument("out");
    *out = nullptr;
    *out = new stave_batch;
    return {};
  });
}

void stave_batch_destroy(stave_batch* batch) { delete batch; }

int stave_batch_put(stave_batch* batch, const void* key, size_t key_length, const void* value,
                    size_t value_length) {
  return guarded(
      [&] { return add(batch, Kind::put, key, key_length, value, value_length, std::nullopt); });
}

int stave_batch_put_until(stave_batch* batch, const void* key, size_t key_length, const void* value,
                          size_t value_length, uint64_t expires_at_ms) {
  return guarded(
      [&] { return add(batch, Kind::put, key, key_length, value, value_length, expires_at_ms); });
}

int stave_batch_delete(stave_batch* batch, const void* key, size_t key_length) {
  return guarded([&] { return add(batch, Kind::tombstone, key, key_length, nullptr, 0, 0); });
}

int stave_batch_clear(stave_batch* batch) {
  return guarded([&]() -> Status {
    if (batch == nullptr) return stave::null_argument("batch");
    const stave::InUse use(batch->busy);
    STAVE_RETURN_IF_ERROR(use.status());
    batch->bytes.clear();
    batch->items.clear();
    batch->required.clear();
    batch->record_bytes = 0;
    return {};
  });
}

size_t stave_batch_count(const stave_batch* batch) {
  return batch != nullptr ? batch->items.size() : 0;
}
