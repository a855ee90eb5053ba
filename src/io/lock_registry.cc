#include "io/lock_registry.h"

#include <unistd.h>

#include <type_traits>

namespace stave::posix {

static_assert(std::is_trivially_destructible_v<LockRegistry>);

LockRegistry& LockRegistry::instance() {
  static LockRegistry registry;
  return registry;
}

bool LockRegistry::holds(const FileId& id) const {
  const pid_t self = ::getpid();
  for (const Held* h = head_; h != nullptr; h = h->next) {
    if (h->owner == self && h->id.device == id.device && h->id.inode == id.inode) return true;
  }
  return false;
}

unsigned LockRegistry::count() const {
  const pid_t self = ::getpid();
  unsigned n = 0;
  for (const Held* h = head_; h != nullptr; h = h->next) n += h->owner == self ? 1 : 0;
  return n;
}

LockRegistry::Held* LockRegistry::add(const FileId& id) {
  head_ = new Held{id, ::getpid(), head_};
  return head_;
}

void LockRegistry::remove(Held* held) {
  Held** link = &head_;
  while (*link != held) link = &(*link)->next;
  *link = held->next;
  delete held;
}

}  // namespace stave::posix
