#include "cli/output.h"

#include <unistd.h>

#include <cerrno>
#include <utility>

#include "cli/failure.h"
#include "cli/interrupt.h"

namespace stave::cli {
namespace {
constexpr size_t kBufferSize = 64U << 10;
}

Output::Output(int fd, std::string name)
    : fd_(fd), name_(std::move(name)), terminal_(isatty(fd) == 1) {}

void Output::write(std::string_view bytes) {
  if (interrupt_pending()) buffer_.clear();
  check_interrupt();
  if (buffer_.size() + bytes.size() > kBufferSize) {
    flush();
    if (bytes.size() > kBufferSize) return write_all(bytes);
  }
  buffer_ += bytes;
}

void Output::flush() {
  std::string pending;
  pending.swap(buffer_);  // first: what could not be written must not be tried a second time
  write_all(pending);
}

void Output::write_all(std::string_view bytes) const {
  while (!bytes.empty()) {
    ssize_t n = ::write(fd_, bytes.data(), bytes.size());
    if (n >= 0) {
      bytes.remove_prefix(static_cast<size_t>(n));
    } else if (errno == EPIPE) {
      throw BrokenPipe();
    } else if (errno != EINTR) {
      throw system_failure("writing " + name_, errno);
    } else {
      check_interrupt();
    }
  }
}

}  // namespace stave::cli
