// Mutexes that clang can check: STAVE_GUARDED_BY and friends are errors when broken
// (-Werror=thread-safety in the clang preset) and nothing elsewhere.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define STAVE_TSA(x) __attribute__((x))
#else
#define STAVE_TSA(x)
#endif
#define STAVE_CAPABILITY(x) STAVE_TSA(capability(x))
#define STAVE_SCOPED STAVE_TSA(scoped_lockable)
#define STAVE_GUARDED_BY(x) STAVE_TSA(guarded_by(x))
#define STAVE_PT_GUARDED_BY(x) STAVE_TSA(pt_guarded_by(x))
#define STAVE_REQUIRES(...) STAVE_TSA(requires_capability(__VA_ARGS__))
#define STAVE_EXCLUDES(...) STAVE_TSA(locks_excluded(__VA_ARGS__))
#define STAVE_ACQUIRE(...) STAVE_TSA(acquire_capability(__VA_ARGS__))
#define STAVE_RELEASE(...) STAVE_TSA(release_capability(__VA_ARGS__))
#define STAVE_TRY_ACQUIRE(...) STAVE_TSA(try_acquire_capability(__VA_ARGS__))
#define STAVE_NO_TSA STAVE_TSA(no_thread_safety_analysis)

namespace stave {

class STAVE_CAPABILITY("mutex") Mutex {
 public:
  void lock() STAVE_ACQUIRE() { m_.lock(); }
  void unlock() STAVE_RELEASE() { m_.unlock(); }
  bool try_lock() STAVE_TRY_ACQUIRE(true) { return m_.try_lock(); }

 private:
  friend class CondVar;
  std::mutex m_;
};

class STAVE_SCOPED MutexLock {
 public:
  explicit MutexLock(Mutex& m) STAVE_ACQUIRE(m) : m_(m) { m_.lock(); }
  ~MutexLock() STAVE_RELEASE() { m_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& m_;
};

class CondVar {
 public:
  void wait(Mutex& m) STAVE_REQUIRES(m) {
    std::unique_lock<std::mutex> l(m.m_, std::adopt_lock);
    cv_.wait(l);
    l.release();
  }
  // False: the time passed without a signal.
  template <class Rep, class Period>
  bool wait_for(Mutex& m, std::chrono::duration<Rep, Period> d) STAVE_REQUIRES(m) {
    std::unique_lock<std::mutex> l(m.m_, std::adopt_lock);
    bool signalled = cv_.wait_for(l, d) == std::cv_status::no_timeout;
    l.release();
    return signalled;
  }
  void notify_one() { cv_.notify_one(); }
  void notify_all() { cv_.notify_all(); }

 private:
  std::condition_variable cv_;
};

}  // namespace stave
