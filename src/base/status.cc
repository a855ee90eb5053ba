#include "base/status.h"

#include <cerrno>
#include <system_error>

namespace stave {
namespace {

Code code_of_errno(int e) {
  switch (e) {
    case ENOSPC:
    case EDQUOT:
      return Code::no_space;
    case EACCES:
    case EPERM:
    case EROFS:
      return Code::permission;
    case EMFILE:
    case ENFILE:
      return Code::too_many_files;
    case ENOMEM:
      return Code::no_memory;
    default:
      return Code::io;
  }
}

}  // namespace

Status Status::from_errno(int system_errno, const std::string& what) {
  return {code_of_errno(system_errno), what + ": " + std::generic_category().message(system_errno),
          system_errno};
}

const std::string& Status::message() const {
  static const std::string none;
  return detail_ ? detail_->message : none;
}

Status Status::with_context(const std::string& context) const {
  if (ok()) return *this;
  return {code_, context + ": " + message(), system_errno()};
}

}  // namespace stave
