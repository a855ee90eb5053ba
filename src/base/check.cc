#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace stave {

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "stave: internal check failed: %s (%s:%d)\n", condition, file, line);
  std::abort();
}

}  // namespace stave
