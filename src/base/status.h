// Status and Result: how every layer below the C API reports what went wrong.
//
// A Status is OK or carries a code (one of the pinned STAVE_* values), the text for a person
// (what, where, what to do) and, where the system said so, its errno. OK allocates nothing.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace stave {

// Values equal enum stave_status in stave.h; src/capi asserts it.
enum class Code : int {
  ok = 0,
  not_found = 1,
  done = 2,
  conflict = 3,
  invalid_argument = 100,
  null_argument = 101,
  empty_key = 102,
  key_too_large = 103,
  value_too_large = 104,
  batch_too_large = 105,
  unknown_option = 106,
  bad_option = 107,
  not_a_number = 108,
  overflow = 109,
  busy = 200,
  forked = 201,
  closed = 202,
  read_only = 203,
  in_use = 204,
  poisoned = 205,
  cancelled = 206,
  feed_gone = 207,
  io = 300,
  no_space = 301,
  no_store = 302,
  exists = 303,
  no_memory = 304,
  permission = 305,
  too_many_files = 306,
  network_fs = 307,
  store_full = 308,
  corrupt = 400,
  unsupported = 401,
  internal = 500,
};

class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Code code, std::string message, int system_errno = 0)
      : code_(code),
        detail_(std::make_shared<const Detail>(Detail{std::move(message), system_errno})) {}

  // The code alone: for answers (not_found, done) and hot paths that need no text.
  static Status answer(Code code) {
    Status s;
    s.code_ = code;
    return s;
  }
  // From errno: ENOSPC/EDQUOT, EACCES/EPERM/EROFS, EMFILE/ENFILE, ENOMEM get their own codes,
  // everything else is Code::io. `what` reads like "writing /x/0000000001.log at 4096".
  static Status from_errno(int system_errno, const std::string& what);

  [[nodiscard]] bool ok() const { return code_ == Code::ok; }
  [[nodiscard]] bool is(Code code) const { return code_ == code; }
  [[nodiscard]] Code code() const { return code_; }
  [[nodiscard]] int system_errno() const { return detail_ ? detail_->system_errno : 0; }
  [[nodiscard]] const std::string& message() const;
  // The same code with "context: " in front of the text.
  [[nodiscard]] Status with_context(const std::string& context) const;

 private:
  struct Detail {
    std::string message;
    int system_errno;
  };
  Code code_ = Code::ok;
  std::shared_ptr<const Detail> detail_;
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}          // NOLINT(google-explicit-constructor)
  Result(Status status) : status_(std::move(status)) {}  // NOLINT(google-explicit-constructor)
  [[nodiscard]] bool ok() const { return value_.has_value(); }
  [[nodiscard]] const Status& status() const { return status_; }
  T& operator*() { return *value_; }
  const T& operator*() const { return *value_; }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }
  T take() { return std::move(*value_); }

 private:
  Status status_;
  std::optional<T> value_;
};

}  // namespace stave

#define STAVE_RETURN_IF_ERROR(expr)                                      \
  do {                                                                   \
    if (::stave::Status status_ = (expr); !status_.ok()) return status_; \
  } while (false)
