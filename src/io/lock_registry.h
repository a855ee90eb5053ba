// Private to src/io: which LOCK files this process holds.
//
// POSIX locks do not exclude the process that has them, and closing any descriptor of the file
// drops them. So nobody opens a LOCK before the registry says that it is not ours, and taking
// and releasing happen as a whole under the registry's mutex.
//
// It has no destructor and keeps only nodes of locks that are held: a store closed by a static
// destructor, after a dlclose and dlopen, or in a forked child finds it in order.
#pragma once

#include <sys/types.h>

#include "base/mutex.h"

namespace stave::posix {

struct FileId {
  dev_t device = 0;
  ino_t inode = 0;
};

class LockRegistry {
 public:
  struct Held {
    FileId id;
    pid_t owner;  // a forked child inherits the list, but not the locks
    Held* next;
  };

  static LockRegistry& instance();
  constexpr LockRegistry() = default;

  [[nodiscard]] bool holds(const FileId& id) const STAVE_REQUIRES(mutex);
  [[nodiscard]] unsigned count() const STAVE_REQUIRES(mutex);
  // The node belongs to the registry until remove() deletes it.
  Held* add(const FileId& id) STAVE_REQUIRES(mutex);
  void remove(Held* held) STAVE_REQUIRES(mutex);

  Mutex mutex;

 private:
  Held* head_ STAVE_GUARDED_BY(mutex) = nullptr;
};

}  // namespace stave::posix
