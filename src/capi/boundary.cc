#include "capi/boundary.h"

#include <cstdio>

namespace stave {
namespace {

// Plain storage: nothing to destroy at thread exit. `text` points to a constant or to `buffer`.
thread_local const char* text = "";
thread_local char buffer[1024];

}  // namespace

// What the system says of names (ENOENT, EEXIST) steers the layers below; a caller would take it
// for an answer about a key or about the store.
Code public_code(const Status& status) {
  const bool of_a_name = status.is(Code::not_found) || status.is(Code::exists);
  return of_a_name && status.system_errno() != 0 ? Code::io : status.code();
}

std::atomic<size_t> HandleCount::live{0};

int report_failure(const Status& status) noexcept {
  const int code = static_cast<int>(public_code(status));
  const std::string& message = status.message();
  if (message.empty()) {
    text = stave_status_text(code);
    return code;
  }
  std::snprintf(buffer, sizeof buffer, "%s", message.c_str());
  text = buffer;
  return code;
}

int report_thrown(const char* what) noexcept {
  std::snprintf(buffer, sizeof buffer, "internal error: exception %s", what);
  text = buffer;
  return static_cast<int>(Code::internal);
}

Status null_argument(const char* what) {
  return {Code::null_argument, std::string(what) + " is NULL"};
}

Status explain_key(size_t length) {
  if (length == 0) return {Code::empty_key, "the key is empty; keys have at least one byte"};
  if (length > kKeySizeMax) {
    return {Code::key_too_large, "the key has " + std::to_string(length) + " bytes, the limit is " +
                                     std::to_string(kKeySizeMax)};
  }
  return {Code::null_argument, "the key is NULL but its length is not 0"};
}

Status explain_value(size_t length) {
  if (length > kValueSizeMax) {
    return {Code::value_too_large, "the value has " + std::to_string(length) +
                                       " bytes, the limit is " + std::to_string(kValueSizeMax)};
  }
  return {Code::null_argument, "the value is NULL but its length is not 0"};
}

}  // namespace stave

const char* stave_last_error(void) { return stave::text; }

size_t stave_live_handles(void) { return stave::HandleCount::live.load(std::memory_order_relaxed); }
