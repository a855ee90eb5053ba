// Instructions that the hot paths may use beside the general code: AES and CRC-32C on x86-64.
//
// A function marked STAVE_FAST_CPU takes them for granted, and so inlines what is marked alike; it
// runs only where fast_cpu() is true. On other processors the mark means nothing.
#pragma once

namespace stave {

#if defined(__x86_64__)

#define STAVE_FAST_CPU __attribute__((target("aes,pclmul,sse4.2")))

[[nodiscard]] inline bool fast_cpu() {
  return __builtin_cpu_supports("aes") && __builtin_cpu_supports("pclmul") &&
         __builtin_cpu_supports("sse4.2");
}

#else

#define STAVE_FAST_CPU

[[nodiscard]] inline bool fast_cpu() { return false; }

#endif

}  // namespace stave
