// Adds to a counter of this CPU without a locked instruction, by a restartable sequence (rseq):
// the kernel sends a thread that is interrupted in between back to the start.
//
// A locked instruction waits for all loads before it and holds up all after it, so with one
// around each read no two reads' cache misses can overlap. What it gave in a whole read is in
// docs/performance.md. The price: such an addition orders nothing. Who sums the counters calls
// barrier_everywhere() first.
//
// Needs glibc >= 2.35, which registers every thread, Linux with rseq and membarrier, and x86-64.
// Without any of these cpu_counters() is 0 and callers count in another way. So too under thread
// sanitizer, which does not know such sequences.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(__SANITIZE_THREAD__)
#define STAVE_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define STAVE_TSAN 1
#endif
#endif

#if defined(__x86_64__) && defined(__linux__) && !defined(STAVE_TSAN) && __has_include(<sys/rseq.h>)
#define STAVE_RSEQ 1
#include <sys/rseq.h>
#else
#define STAVE_RSEQ 0
#endif

namespace stave {

// How many counters there must be to serve every CPU; 0: there are no such counters here. Prepares
// the process for barrier_everywhere().
[[nodiscard]] unsigned cpu_counters();

// Every thread of the process passes a full memory barrier before this returns.
void barrier_everywhere();

#if STAVE_RSEQ

// Adds 1 to the word at first + cpu * stride, where cpu < count is the CPU it runs on. False:
// nothing was added (this thread has no rseq, or its CPU no counter).
__attribute__((always_inline)) inline bool add_on_this_cpu(char* first, size_t stride,
                                                           unsigned count) {
  char* const area = static_cast<char*>(__builtin_thread_pointer()) + __rseq_offset;
  // struct rseq: cpu_id at 4 (huge while there is no registration), rseq_cs at 8.
  for (;;) {
    const uint32_t cpu = *reinterpret_cast<volatile uint32_t*>(area + 4);
    if (__builtin_expect(cpu >= count, 0)) {
      *reinterpret_cast<volatile uint64_t*>(area + 8) = 0;  // after a move, the descriptor stands
      return false;
    }
    char* const counter = first + cpu * stride;
    // The descriptor is taken back at the end: it must not outlive an unloaded library.
    asm goto(
        ".pushsection .data.rel.stave_rseq, \"aw?\"\n\t"
        ".balign 32\n"
        "3:\n\t"
        ".long 0, 0\n\t"
        ".quad 1f, 2f - 1f, 4f\n\t"
        ".popsection\n\t"
        "leaq 3b(%%rip), %%rax\n\t"
        "movq %%rax, 8(%[area])\n"
        "1:\n\t"
        "cmpl %[cpu], 4(%[area])\n\t"
        "jne %l[moved]\n\t"
        "addq $1, (%[counter])\n"
        "2:\n\t"
        "movq $0, 8(%[area])\n\t"
        ".pushsection .text.stave_rseq, \"ax?\"\n\t"
        ".byte 0x0f, 0xb9, 0x3d\n\t"  // ud1 with the signature that glibc registered
        ".long 0x53053053\n"
        "4:\n\t"
        "jmp %l[moved]\n\t"
        ".popsection"
        :
        : [area] "r"(area), [cpu] "r"(cpu), [counter] "r"(counter)
        : "rax", "memory", "cc"
        : moved);
    return true;
  moved:;
  }
}

#else

inline bool add_on_this_cpu(char*, size_t, unsigned) { return false; }

#endif

}  // namespace stave
