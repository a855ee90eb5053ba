#include <fcntl.h>
#include <unistd.h>

#include <clocale>
#include <csignal>

#include "cli/application.h"
#include "cli/exit_code.h"

namespace {

// A closed standard descriptor would be given to the next file opened, a data file of the store
// perhaps, and our output would go there. Descriptor 0 gets a write-only /dev/null and 1 and 2 a
// read-only one, so that using them still fails.
void fill_standard_descriptors() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (fcntl(fd, F_GETFD) >= 0) continue;
    const int opened = open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    if (opened != fd) _exit(static_cast<int>(stave::cli::Exit::other));
  }
}

}  // namespace

int main(int argc, char** argv) {
  fill_standard_descriptors();
  std::signal(SIGPIPE, SIG_IGN);
  std::setlocale(LC_CTYPE, "");
  return stave::cli::run_application(argc, argv);
}
