// Detects that this process is a forked child of the one that made the guard, for the price
// of one load: a page that the kernel wipes in children (MADV_WIPEONFORK).
#pragma once

#include <cstdint>

#include "base/status.h"

namespace stave {

class ForkGuard {
 public:
  ForkGuard() = default;
  ~ForkGuard();
  ForkGuard(const ForkGuard&) = delete;
  ForkGuard& operator=(const ForkGuard&) = delete;
  Status arm();
  [[nodiscard]] bool in_child() const { return __builtin_expect(*flag_ == 0, 0); }

 private:
  static const volatile uint64_t kArmedWithoutPage;
  const volatile uint64_t* flag_ = &kArmedWithoutPage;
  void* page_ = nullptr;
};

}  // namespace stave
