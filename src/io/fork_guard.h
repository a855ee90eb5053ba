// Detects that this process is a forked child of the one that made the guard, for the price
// of one load: a page that the kernel wipes in children (MADV_WIPEONFORK).
#pragma once

#include <sys/types.h>

#include <cstdint>

#include "base/status.h"

namespace stave {

class ForkGuard {
 public:
  ForkGuard() = default;
  ~ForkGuard();
  ForkGuard(const ForkGuard&) = delete;
  ForkGuard& operator=(const ForkGuard&) = delete;
  // Once, by the process that owns what is guarded. An unarmed guard never sees a child.
  Status arm();
  [[nodiscard]] bool in_child() const {
    return __builtin_expect(*flag_ != kSameProcess, 0) && in_child_slow();
  }

 private:
  static constexpr uint64_t kWiped = 0;
  static constexpr uint64_t kSameProcess = 1;
  static constexpr uint64_t kAskPid = 2;
  static const volatile uint64_t kUnarmed;
  static const volatile uint64_t kNoPage;

  [[nodiscard]] bool in_child_slow() const;

  const volatile uint64_t* flag_ = &kUnarmed;
  void* page_ = nullptr;
  pid_t owner_ = 0;
};

}  // namespace stave
