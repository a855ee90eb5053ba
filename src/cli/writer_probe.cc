#include "cli/writer_probe.h"

#include <fcntl.h>
#include <unistd.h>

namespace stave::cli {

WriterProbe probe_writer(const std::string& dir) {
  const int fd = open((dir + "/LOCK").c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return WriterProbe::unknown;
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  const int asked = fcntl(fd, F_GETLK, &lock);
  close(fd);
  if (asked != 0) return WriterProbe::unknown;
  return lock.l_type == F_UNLCK ? WriterProbe::none : WriterProbe::at_work;
}

}  // namespace stave::cli
