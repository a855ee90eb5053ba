// STAVE_CHECK: for our own bugs, in every build. The world's faults are a Status instead.
#pragma once

namespace stave {
[[noreturn]] void check_failed(const char* condition, const char* file, int line);
}

#define STAVE_CHECK(condition)                       \
  (__builtin_expect(static_cast<bool>(condition), 1) \
       ? void()                                      \
       : ::stave::check_failed(#condition, __FILE__, __LINE__))
