#include "support/fault_fs_arena.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"
#include "base/mutex.h"

#if defined(__SANITIZE_THREAD__)
#define STAVE_TEST_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define STAVE_TEST_TSAN 1
#endif
#endif

namespace stave::test {
namespace {

// Above this an arena's pages are given back to the system rather than zeroed by hand.
constexpr uint64_t kZeroByHandMax = 1 << 20;
constexpr size_t kPoolMax = 64;

uint64_t machine_page() {
  static const auto size = static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  return size;
}

struct Pool {
  Mutex mutex;
  std::vector<std::unique_ptr<FaultArena>> idle STAVE_GUARDED_BY(mutex);
};

Pool& pool() {
  static Pool p;
  return p;
}

void give_back(FaultArena* arena) {
  std::unique_ptr<FaultArena> owned(arena);
  owned->shrink(0, 0);
  MutexLock lock(pool().mutex);
  if (pool().idle.size() < kPoolMax) pool().idle.push_back(std::move(owned));
}

}  // namespace

FaultArena::FaultArena(uint64_t reserve) : reserve_(align_up(reserve, machine_page())) {
  void* base =
      ::mmap(nullptr, reserve_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  STAVE_CHECK(base != MAP_FAILED);
  base_ = static_cast<char*>(base);
}

FaultArena::~FaultArena() { ::munmap(base_, reserve_); }

std::shared_ptr<FaultArena> FaultArena::take(uint64_t reserve) {
  std::unique_ptr<FaultArena> arena;
  {
    MutexLock lock(pool().mutex);
    auto& idle = pool().idle;
    for (size_t i = idle.size(); i-- > 0 && !arena;) {
      if (idle[i]->reserve() < reserve) continue;
      arena = std::move(idle[i]);
      idle[i] = std::move(idle.back());
      idle.pop_back();
    }
  }
  if (!arena) arena.reset(new FaultArena(reserve));
  return {arena.release(), give_back};
}

void FaultArena::grow(uint64_t bytes) {
  const uint64_t limit = align_up(bytes, machine_page());
  STAVE_CHECK(limit <= reserve_);
  if (limit <= limit_) return;
  STAVE_CHECK(::mprotect(base_ + limit_, limit - limit_, PROT_READ | PROT_WRITE) == 0);
  limit_ = limit;
}

void FaultArena::shrink(uint64_t keep, uint64_t bytes) {
  const uint64_t limit = align_up(bytes, machine_page());
  if (limit > limit_) return;
  const uint64_t n = limit_ - limit;
  if (n > kZeroByHandMax) {
    STAVE_CHECK(::madvise(base_ + limit, n, MADV_DONTNEED) == 0);
    if (keep < limit) kernel_zero(base_ + keep, limit - keep);
  } else if (keep < limit_) {
    kernel_zero(base_ + keep, limit_ - keep);
  }
  if (n > 0) STAVE_CHECK(::mprotect(base_ + limit, n, PROT_NONE) == 0);
  limit_ = limit;
}

#if defined(STAVE_TEST_TSAN)
// Volatile, or the compiler would make calls of memcpy of these loops, and those are watched.
#define STAVE_UNWATCHED __attribute__((no_sanitize("thread"), noinline))
STAVE_UNWATCHED void kernel_copy(char* to, const char* from, uint64_t n) {
  volatile char* t = to;
  const volatile char* f = from;
  for (uint64_t i = 0; i < n; ++i) t[i] = f[i];
}
STAVE_UNWATCHED void kernel_zero(char* to, uint64_t n) {
  volatile char* t = to;
  for (uint64_t i = 0; i < n; ++i) t[i] = 0;
}
STAVE_UNWATCHED bool kernel_equal(const char* a, const char* b, uint64_t n) {
  const volatile char* x = a;
  const volatile char* y = b;
  for (uint64_t i = 0; i < n; ++i) {
    if (x[i] != y[i]) return false;
  }
  return true;
}
#else
void kernel_copy(char* to, const char* from, uint64_t n) { std::memcpy(to, from, n); }
void kernel_zero(char* to, uint64_t n) { std::memset(to, 0, n); }
bool kernel_equal(const char* a, const char* b, uint64_t n) { return std::memcmp(a, b, n) == 0; }
#endif

bool kernel_is_zero(const char* a, uint64_t n) {
  // Equal to itself moved by one byte and beginning with zero: all zero.
  const char zero = 0;
  return n == 0 || (kernel_equal(a, &zero, 1) && kernel_equal(a, a + 1, n - 1));
}

}  // namespace stave::test
