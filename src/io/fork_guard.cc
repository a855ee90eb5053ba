#include "io/fork_guard.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#include "base/check.h"

namespace stave {

const volatile uint64_t ForkGuard::kUnarmed = kSameProcess;
const volatile uint64_t ForkGuard::kNoPage = kAskPid;

Status ForkGuard::arm() {
  STAVE_CHECK(owner_ == 0);
  const auto size = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
  void* page = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return Status::from_errno(errno, "mapping the fork guard's page");
  owner_ = ::getpid();
  if (::madvise(page, size, MADV_WIPEONFORK) != 0) {
    // A kernel before 4.14, or an emulated one. Then every call asks for the pid (about 200 ns);
    // pthread_atfork would be free, but it misses plain clone() and outlives a dlclose.
    ::munmap(page, size);
    flag_ = &kNoPage;
    return {};
  }
  *static_cast<volatile uint64_t*>(page) = kSameProcess;
  page_ = page;
  flag_ = static_cast<const volatile uint64_t*>(page);
  return {};
}

ForkGuard::~ForkGuard() {
  if (page_ != nullptr) ::munmap(page_, static_cast<size_t>(::sysconf(_SC_PAGESIZE)));
}

bool ForkGuard::in_child_slow() const { return *flag_ == kWiped || ::getpid() != owner_; }

}  // namespace stave
