// Many keys in one call.

#include <algorithm>
#include <cstdlib>

#include "capi/handles.h"
#include "capi/write_flags.h"

using stave::Bytes;
using stave::Code;
using stave::guarded;
using stave::Status;

namespace {

Bytes bytes_of(const stave_slice& s) { return stave::bytes_of(s.data, s.length); }

std::string place(const char* what, size_t index, size_t n) {
  return std::string(what) + ' ' + std::to_string(index) + " of " + std::to_string(n);
}

Status check_keys(const stave_slice* keys, size_t n) {
  if (keys == nullptr && n != 0) return stave::null_argument("keys");
  for (size_t i = 0; i < n; ++i) {
    const Status s = stave::check_key(keys[i].data, keys[i].length);
    if (!s.ok()) return s.with_context(place("key", i, n));
  }
  return {};
}

Status check_values(const stave_slice* values, size_t n) {
  if (values == nullptr && n != 0) return stave::null_argument("values");
  for (size_t i = 0; i < n; ++i) {
    const Status s = stave::check_value(values[i].data, values[i].length);
    if (!s.ok()) return s.with_context(place("value", i, n));
  }
  return {};
}

// Lays values one after the other into the caller's buffer and, from the first on that does not
// fit, into memory of ours, which moves as it grows: pointers into it are made at the end.
class Packer {
 public:
  Packer(void* buffer, size_t cap, stave_value* values, size_t n)
      : buffer_(static_cast<char*>(buffer)), left_(cap), values_(values), n_(n), spilled_from_(n) {}
  ~Packer() { std::free(spill_); }
  Packer(const Packer&) = delete;
  Packer& operator=(const Packer&) = delete;

  // Throws nothing: it runs inside the engine.
  void add(size_t i, const Status& s, Bytes value) noexcept {
    stave_value& v = values_[i];
    v = {nullptr, 0, static_cast<int>(stave::public_code(s))};
    if (!s.ok() || out_of_memory_) return;
    v.length = value.size();
    if (spilled_from_ == n_ && value.size() > left_) spilled_from_ = i;
    if (i >= spilled_from_) return spill(value);
    v.data = "";
    if (buffer_ == nullptr || value.empty()) return;
    v.data = buffer_;
    std::memcpy(buffer_, value.data(), value.size());
    buffer_ += value.size();
    left_ -= value.size();
  }

  Status finish(void** spill) {
    if (out_of_memory_) return {Code::no_memory, "allocating the values"};
    const char* at = spill_;
    for (size_t i = spilled_from_; i < n_; ++i) {
      if (values_[i].code != STAVE_OK) continue;
      values_[i].data = at;
      at += values_[i].length;
    }
    *spill = std::exchange(spill_, nullptr);
    return {};
  }

 private:
  void spill(Bytes value) {
    if (value.size() > spill_cap_ - spill_used_) {
      constexpr size_t kSpillMin = 4096;
      const size_t cap = std::max({kSpillMin, spill_cap_ * 2, spill_used_ + value.size()});
      void* const grown = std::realloc(spill_, cap);
      if (grown == nullptr) {
        out_of_memory_ = true;
        return;
      }
      spill_ = static_cast<char*>(grown);
      spill_cap_ = cap;
    }
    if (!value.empty()) std::memcpy(spill_ + spill_used_, value.data(), value.size());
    spill_used_ += value.size();
  }

  char* buffer_;
  size_t left_;
  stave_value* const values_;
  const size_t n_;
  size_t spilled_from_;  // n_: nothing so far
  char* spill_ = nullptr;
  size_t spill_cap_ = 0;
  size_t spill_used_ = 0;
  bool out_of_memory_ = false;
};

// *failed: of the first key that was neither found nor missing.
Status get_all(stave_db* db, const stave_slice* keys, size_t n, Packer* packer, Status* failed) {
  return db->store->get_many(
      n, [&](size_t i) { return bytes_of(keys[i]); },
      [&](size_t i, const Status& s, Bytes value) {
        packer->add(i, s, value);
        if (s.ok() || (s.is(Code::not_found) && s.system_errno() == 0)) return;
        if (failed->ok()) *failed = s.with_context(place("key", i, n));
      });
}

}  // namespace

int stave_multi_get(stave_db* db, const stave_slice* keys, size_t n, void* buffer, size_t cap,
                    stave_value* values, void** spill) {
  Status failed;
  const int code = guarded([&]() -> Status {
    if (spill != nullptr) *spill = nullptr;
    STAVE_RETURN_IF_ERROR(stave::check_db(db));
    STAVE_RETURN_IF_ERROR(check_keys(keys, n));
    if (values == nullptr && n != 0) return stave::null_argument("values");
    if (spill == nullptr) return stave::null_argument("spill");
    if (buffer == nullptr && cap != 0) return stave::null_argument("buffer");
    Packer packer(buffer, cap, values, n);
    STAVE_RETURN_IF_ERROR(get_all(db, keys, n, &packer, &failed));
    return packer.finish(spill);
  });
  if (code == STAVE_OK) return stave::report(failed);
  if (values != nullptr) std::fill_n(values, n, stave_value{nullptr, 0, code});
  return code;
}

int stave_put_many(stave_db* db, const stave_slice* keys, const stave_slice* values, size_t n,
                   uint32_t flags, size_t* stored) {
  size_t done = 0;
  const int code = guarded([&]() -> Status {
    STAVE_RETURN_IF_ERROR(stave::check_db(db));
    STAVE_RETURN_IF_ERROR(check_keys(keys, n));
    STAVE_RETURN_IF_ERROR(check_values(values, n));
    stave::SyncWish wish{};
    STAVE_RETURN_IF_ERROR(stave::parse_flags(flags, &wish));
    return db->store->put_many(
        n,
        [&](size_t i) {
          return stave::Entry{bytes_of(keys[i]), bytes_of(values[i])};
        },
        wish, &done);
  });
  if (stored != nullptr) *stored = done;
  return code;
}
