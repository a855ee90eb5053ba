#include "engine/updates.h"

#include <array>
#include <charconv>
#include <cstdlib>
#include <cstring>

#include "base/shown_key.h"

namespace stave {
namespace {

using What = Decision::What;

Status absent() { return Status::answer(Code::not_found); }
Status conflict() { return Status::answer(Code::conflict); }

// Memory for the caller, who frees it.
class Owned {
 public:
  ~Owned() { std::free(memory_); }
  Owned() = default;
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;

  Status copy(Bytes value) {
    std::free(memory_);  // decided once more
    memory_ = std::malloc(value.size() + 1);
    if (memory_ == nullptr) return {Code::no_memory, "allocating a value"};
    if (!value.empty()) std::memcpy(memory_, value.data(), value.size());
    length_ = value.size();
    return {};
  }
  void give(void** own, size_t* length) {
    *own = std::exchange(memory_, nullptr);
    *length = length_;
  }

 private:
  void* memory_ = nullptr;
  size_t length_ = 0;
};

Status take_old(Store& store, Bytes key, const Bytes* value, SyncWish wish, void** own_old,
                size_t* old_length) {
  *own_old = nullptr;
  *old_length = 0;
  Owned old;
  bool there = false;
  STAVE_RETURN_IF_ERROR(store.update(
      key,
      [&](const Present& p, Decision* decision) -> Status {
        there = p.there;
        if (p.there) STAVE_RETURN_IF_ERROR(old.copy(p.value));
        if (value == nullptr && !p.there) return absent();
        decision->what = value != nullptr ? What::put : What::remove;
        if (value == nullptr) return {};
        decision->value = *value;
        decision->expires_at_ms = store.expiry().by_default();
        return {};
      },
      wish));
  if (there) old.give(own_old, old_length);
  return {};
}

Status not_a_number(Bytes key, const char* why) {
  return {Code::not_a_number, "the value of " + shown_key(key) + " is not a number: " + why};
}

Status parse_number(Bytes key, Bytes value, NumberForm form, int64_t* out) {
  if (form == NumberForm::binary) {
    if (value.size() != sizeof *out) {
      return not_a_number(
          key, "the binary form has 8 bytes (without STAVE_INCREMENT_BINARY it is text)");
    }
    *out = static_cast<int64_t>(load_le<uint64_t>(value.data()));
    return {};
  }
  const char* const end = value.data() + value.size();
  const auto [rest, error] = std::from_chars(value.data(), end, *out);
  if (error == std::errc::result_out_of_range)
    return not_a_number(key, "it does not fit into 64 bits");
  if (error != std::errc() || rest != end) {
    return not_a_number(key, "digits are expected, after a minus sign or none");
  }
  return {};
}

// Longer than any number of 64 bits.
using NumberText = std::array<char, 24>;

Bytes number_text(int64_t n, NumberForm form, NumberText* to) {
  if (form == NumberForm::binary) {
    store_le(to->data(), static_cast<uint64_t>(n));
    return {to->data(), sizeof n};
  }
  const auto done = std::to_chars(to->data(), to->data() + to->size(), n);
  return {to->data(), static_cast<size_t>(done.ptr - to->data())};
}

Status set_expiry(Store& store, Bytes key, SyncWish wish, Callback<uint64_t()> expires_at_ms) {
  return store.update(
      key,
      [&](const Present& p, Decision* decision) -> Status {
        if (!p.there) return absent();
        const uint64_t at = expires_at_ms();
        if (at == 0 && p.expires_at_ms == 0) return {};
        *decision = {What::put, p.value, at};
        return {};
      },
      wish);
}

}  // namespace

Status put_if_absent(Store& store, Bytes key, Bytes value, SyncWish wish) {
  return put_if_version(store, key, 0, value, wish, nullptr);
}

Status compare_and_set(Store& store, Bytes key, Bytes expected, Bytes value, SyncWish wish) {
  return store.update(
      key,
      [&](const Present& p, Decision* decision) -> Status {
        if (!p.there) return absent();
        if (p.value != expected) return conflict();
        *decision = {What::put, value, store.expiry().by_default()};
        return {};
      },
      wish);
}

Status put_if_version(Store& store, Bytes key, uint64_t version, Bytes value, SyncWish wish,
                      uint64_t* new_version) {
  return store.update(
      key,
      [&](const Present& p, Decision* decision) -> Status {
        if (!p.there && version != 0) return absent();
        if (p.seq != version) return conflict();
        *decision = {What::put, value, store.expiry().by_default()};
        return {};
      },
      wish, new_version);
}

Status delete_if_value(Store& store, Bytes key, Bytes expected, SyncWish wish) {
  return store.update(
      key,
      [&](const Present& p, Decision* decision) -> Status {
        if (!p.there) return absent();
        if (p.value != expected) return conflict();
        decision->what = What::remove;
        return {};
      },
      wish);
}

Status delete_if_version(Store& store, Bytes key, uint64_t version, SyncWish wish) {
  return store.update(
      key,
      [&](const Present& p, Decision* decision) -> Status {
        if (!p.there) return absent();
        if (p.seq != version) return conflict();
        decision->what = What::remove;
        return {};
      },
      wish);
}

Status get_and_set(Store& store, Bytes key, Bytes value, SyncWish wish, void** own_old,
                   size_t* old_length) {
  return take_old(store, key, &value, wish, own_old, old_length);
}

Status get_and_delete(Store& store, Bytes key, SyncWish wish, void** own_old, size_t* old_length) {
  return take_old(store, key, nullptr, wish, own_old, old_length);
}

Status increment(Store& store, Bytes key, int64_t delta, NumberForm form, SyncWish wish,
                 int64_t* result) {
  *result = 0;
  int64_t sum = 0;
  NumberText text;
  STAVE_RETURN_IF_ERROR(store.update(
      key,
      [&](const Present& p, Decision* decision) -> Status {
        int64_t before = 0;
        if (p.there) STAVE_RETURN_IF_ERROR(parse_number(key, p.value, form, &before));
        if (__builtin_add_overflow(before, delta, &sum)) {
          return {Code::overflow, shown_key(key) + ": " + std::to_string(before) + " and " +
                                      std::to_string(delta) +
                                      " have a sum beyond 64 bits; the value stays as it is"};
        }
        *decision = {What::put, number_text(sum, form, &text),
                     p.there ? p.expires_at_ms : store.expiry().by_default()};
        return {};
      },
      wish));
  *result = sum;
  return {};
}

Status append(Store& store, Bytes key, Bytes suffix, SyncWish wish, size_t* new_length) {
  *new_length = 0;
  std::string whole;
  STAVE_RETURN_IF_ERROR(store.update(
      key,
      [&](const Present& p, Decision* decision) -> Status {
        if (suffix.size() > kValueSizeMax - p.value.size()) {
          return {Code::value_too_large, "the value of " + shown_key(key) + " would have " +
                                             std::to_string(p.value.size() + suffix.size()) +
                                             " bytes, the limit is " +
                                             std::to_string(kValueSizeMax)};
        }
        whole.assign(p.value);
        whole.append(suffix);
        *decision = {What::put, whole, p.there ? p.expires_at_ms : store.expiry().by_default()};
        return {};
      },
      wish));
  *new_length = whole.size();
  return {};
}

Status touch(Store& store, Bytes key, uint64_t ttl_ms, SyncWish wish) {
  return set_expiry(store, key, wish, [&] { return store.expiry().after(ttl_ms); });
}

Status persist(Store& store, Bytes key, SyncWish wish) {
  return set_expiry(store, key, wish, [] { return uint64_t{0}; });
}

}  // namespace stave
