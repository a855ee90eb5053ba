#include "bench/error.h"

#include <cerrno>
#include <cstring>

namespace stave::bench {

void throw_errno(const std::string& what) { throw Error(what + ": " + std::strerror(errno)); }

}  // namespace stave::bench
