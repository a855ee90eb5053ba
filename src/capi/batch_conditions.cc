// Conditions of a batch, and its writing.

#include "capi/handles.h"
#include "capi/write_flags.h"

using stave::Bytes;
using stave::Condition;
using stave::guarded;
using stave::Status;

namespace {

int require(stave_batch* batch, Condition::What what, const void* key, size_t key_length,
            const void* value, size_t value_length, uint64_t version) {
  return guarded([&] {
    return stave::add_to_batch(batch, key, key_length, value, value_length,
                               [&](const stave_batch::Place& place) -> Status {
                                 batch->required.push_back({what, version, place});
                                 return {};
                               });
  });
}

}  // namespace

int stave_batch_require_absent(stave_batch* batch, const void* key, size_t key_length) {
  return require(batch, Condition::What::absent, key, key_length, nullptr, 0, 0);
}

int stave_batch_require_present(stave_batch* batch, const void* key, size_t key_length) {
  return require(batch, Condition::What::present, key, key_length, nullptr, 0, 0);
}

int stave_batch_require_version(stave_batch* batch, const void* key, size_t key_length,
                                uint64_t version) {
  return require(batch, Condition::What::version, key, key_length, nullptr, 0, version);
}

int stave_batch_require_value(stave_batch* batch, const void* key, size_t key_length,
                              const void* value, size_t value_length) {
  return require(batch, Condition::What::value, key, key_length, value, value_length, 0);
}

int stave_write(stave_db* db, stave_batch* batch, uint32_t flags) {
  return guarded([&]() -> Status {
    STAVE_RETURN_IF_ERROR(stave::check_db(db));
    if (batch == nullptr) return stave::null_argument("batch");
    stave::SyncWish wish{};
    STAVE_RETURN_IF_ERROR(stave::parse_flags(flags, &wish));
    const stave::InUse use(batch->busy);
    STAVE_RETURN_IF_ERROR(use.status());
    const Bytes all = batch->bytes;
    const auto key_of = [&](const stave_batch::Place& p) {
      return all.substr(p.key_at, p.key_length);
    };
    const auto value_of = [&](const stave_batch::Place& p) {
      return all.substr(p.value_at, p.value_length);
    };
    const uint64_t by_default = db->store->expiry().by_default();
    std::vector<stave::Operation> operations;
    operations.reserve(batch->items.size());
    for (const stave_batch::Item& i : batch->items) {
      operations.push_back(
          {i.kind, key_of(i.place), value_of(i.place), i.expires_at_ms.value_or(by_default)});
    }
    std::vector<Condition> conditions;
    conditions.reserve(batch->required.size());
    for (const stave_batch::Required& r : batch->required) {
      conditions.push_back({r.what, key_of(r.place), value_of(r.place), r.version});
    }
    return db->store->write(operations, wish, conditions);
  });
}
