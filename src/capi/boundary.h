// The border: nothing thrown leaves it, every failure leaves its text for stave_last_error.
#pragma once

#include <atomic>
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>
#include <string>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/status.h"
#include "stave/stave.h"

namespace stave {

// The code that a caller gets for it.
Code public_code(const Status& status);
// Records the status for stave_last_error and returns its code. Answers without a text (not
// found, done) get the code's own.
int report_failure(const Status& status) noexcept;
inline int report(const Status& status) noexcept {
  return __builtin_expect(status.ok(), 1) ? STAVE_OK : report_failure(status);
}
inline int report(int code) noexcept { return code; }  // was reported
// Something was thrown that is not bad_alloc: a bug, told in its own words.
int report_thrown(const char* what) noexcept;

// Runs the body of an API function, which returns a Status, or a code that was reported.
template <typename Body>
int guarded(Body&& body) noexcept {
  try {
    return report(body());
  } catch (const std::bad_alloc&) {
    return report(Status::answer(Code::no_memory));
  } catch (const std::exception& e) {
    return report_thrown(e.what());
  } catch (...) {
    return report_thrown("of an unknown type");
  }
}

Status null_argument(const char* what);
// Key and value as the caller gave them: NULL, empty and oversize have their own codes. explain_
// is for those that are wrong.
Status explain_key(size_t length);
Status explain_value(size_t length);
inline bool key_is_valid(const void* key, size_t length) {
  return key != nullptr && length - 1 < kKeySizeMax;
}
inline bool value_is_valid(const void* value, size_t length) {
  return (value != nullptr || length == 0) && length <= kValueSizeMax;
}
inline Status check_key(const void* key, size_t length) {
  return __builtin_expect(key_is_valid(key, length), 1) ? Status() : explain_key(length);
}
inline Status check_value(const void* value, size_t length) {
  return __builtin_expect(value_is_valid(value, length), 1) ? Status() : explain_value(length);
}

inline Bytes bytes_of(const void* p, size_t n) { return {static_cast<const char*>(p), n}; }

// More than any struct will grow to: a size above is one that was never set.
inline constexpr uint32_t kStructSizeMax = 64 << 10;

inline Status check_struct_size(uint32_t size) {
  if (size >= sizeof(uint32_t) * 2 && size <= kStructSizeMax) return {};
  return {Code::invalid_argument, "the struct's size member is not set (sizeof the struct)"};
}

// Fills a caller's struct, whose first member is its size, with as much of ours as it holds, and
// what a newer header has beyond that with zeros. The size member stays the caller's.
template <typename T>
Status fill_struct(T* to, const T& from) {
  const uint32_t size = to->size;
  static_assert(sizeof(T) <= kStructSizeMax);
  STAVE_RETURN_IF_ERROR(check_struct_size(size));
  std::memcpy(to, &from, size < sizeof from ? size : sizeof from);
  if (size > sizeof from)
    std::memset(reinterpret_cast<char*>(to) + sizeof from, 0, size - sizeof from);
  to->size = size;
  return {};
}

// Into a member of a struct, cut where it is too long.
template <size_t N>
void copy_text(char (&to)[N], const std::string& from) {
  std::snprintf(to, N, "%s", from.c_str());
}

// Counts handles for stave_live_handles.
class HandleCount {
 public:
  HandleCount() { live.fetch_add(1, std::memory_order_relaxed); }
  ~HandleCount() { live.fetch_sub(1, std::memory_order_relaxed); }
  HandleCount(const HandleCount&) = delete;
  HandleCount& operator=(const HandleCount&) = delete;
  static std::atomic<size_t> live;
};

// Marks a single-threaded handle as being used; a second user is told off, not crashed.
class InUse {
 public:
  explicit InUse(std::atomic<bool>& flag) : flag_(flag) {
    entered_ = !flag_.exchange(true, std::memory_order_acquire);
  }
  ~InUse() {
    if (entered_) flag_.store(false, std::memory_order_release);
  }
  InUse(const InUse&) = delete;
  InUse& operator=(const InUse&) = delete;
  [[nodiscard]] Status status() const {
    if (entered_) return {};
    return {Code::in_use, "another thread is using this handle"};
  }

 private:
  std::atomic<bool>& flag_;
  bool entered_;
};

}  // namespace stave
