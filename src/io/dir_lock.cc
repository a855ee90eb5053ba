// The lock of a store's directory. Three locks, each for what the others cannot do:
//  - the registry excludes a second handle of this process, which POSIX locks do not;
//  - flock on the directory excludes a second copy of this library in the same process, and is
//    taken before LOCK is opened, since closing any descriptor of LOCK drops its POSIX lock;
//  - Boost's file_lock (a POSIX lock) on LOCK holds where there is no flock on directories.
// The price of flock: a child forked (and not exec'd) by a holder that then dies without
// closing keeps the directory busy until it exits.
// They are released in the opposite order, so nobody sees the store free and then busy.
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <boost/interprocess/sync/file_lock.hpp>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

#include "io/lock_registry.h"
#include "io/posix.h"

namespace stave::posix {
namespace {

namespace ipc = boost::interprocess;

constexpr size_t kHolderTextMax = 256;

// Whole-file POSIX write locks of this process by the kernel's account (proc_locks(5)), or -1.
int whole_file_locks() {
  char self[32] = {};
  // Not getpid(): /proc may belong to another pid namespace.
  if (::readlink("/proc/self", self, sizeof self - 1) <= 0) return -1;
  std::ifstream locks("/proc/locks");
  if (!locks) return -1;
  int n = 0;
  for (std::string line; std::getline(locks, line);) {
    std::istringstream fields(line);
    std::string number, type, advisory, mode, pid, id, start, end;
    fields >> number >> type >> advisory >> mode >> pid >> id >> start >> end;
    if (type == "POSIX" && mode == "WRITE" && pid == self && start == "0" && end == "EOF") ++n;
  }
  return n;
}

std::string holder_text(int fd) {
  char text[kHolderTextMax];
  ssize_t n = ::pread(fd, text, sizeof text, 0);
  if (n <= 0) return "";
  std::string line(text, static_cast<size_t>(n));
  line.resize(std::min(line.find('\n'), line.size()));
  return line;
}

// Who has it, for people, from LOCK's text. Reading opens and closes LOCK, which would drop the
// POSIX lock of a second copy of this library in this process: so only when it has none.
std::string holder(const std::string& lock_path, unsigned held_by_us) {
  int locks = whole_file_locks();
  if (locks < 0 || static_cast<unsigned>(locks) > held_by_us) return "";
  Fd fd(::open(lock_path.c_str(), O_RDONLY | O_CLOEXEC));
  return fd.ok() ? holder_text(fd.get()) : "";
}

Status busy(const std::string& dir, const std::string& holder) {
  std::string who = holder.empty() ? "another user" : "another process (" + holder + ")";
  return {Code::busy, dir + " is in use by " + who};
}

Status busy_here(const std::string& dir) {
  return {Code::busy, dir + " is already open for writing in this process"};
}

void write_holder_text(int fd) {
  char host[64] = {};
  if (::gethostname(host, sizeof host - 1) != 0) std::strcpy(host, "unknown");
  std::string text = "pid " + std::to_string(::getpid()) + " host " + host + "\n";
  // For people only, so a full disk must not keep the store from opening.
  if (::pwrite(fd, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size())) {
    (void)!::ftruncate(fd, static_cast<off_t>(text.size()));
  }
}

bool same_file(const struct stat& st, const FileId& id) {
  return st.st_dev == id.device && st.st_ino == id.inode;
}

// Empty where there is none.
std::string name_of_descriptor(int all, const char* number) {
  char name[PATH_MAX];
  const ssize_t n = ::readlinkat(all, number, name, sizeof name);
  return n > 0 ? std::string(name, static_cast<size_t>(n)) : std::string();
}

// Boost opens LOCK without O_CLOEXEC and does not tell its descriptor, so it is looked for among
// all of the process. Other threads open and close theirs meanwhile: those are known by name only
// and not touched. One with the name of `text`, which is LOCK too, is ours and stays open, since
// nobody opens a LOCK without the registry's mutex.
// By opendir: std::filesystem's iterator ends the process where memory runs out in a step of it.
void set_close_on_exec(int text, const FileId& id) {
  const std::unique_ptr<DIR, int (*)(DIR*)> all(::opendir("/proc/self/fd"), &::closedir);
  if (!all) return;
  const std::string name = name_of_descriptor(::dirfd(all.get()), std::to_string(text).c_str());
  if (name.empty()) return;
  while (const dirent* entry = ::readdir(all.get())) {
    if (name_of_descriptor(::dirfd(all.get()), entry->d_name) != name) continue;
    auto fd = static_cast<int>(std::strtol(entry->d_name, nullptr, 10));
    struct stat st {};
    if (::fstat(fd, &st) == 0 && same_file(st, id)) (void)::fcntl(fd, F_SETFD, FD_CLOEXEC);
  }
}

class PosixDirLock final : public DirLock {
 public:
  PosixDirLock(Fd dir, Fd text, ipc::file_lock lock, const FileId& id, LockRegistry::Held* held)
      : dir_(std::move(dir)),
        text_(std::move(text)),
        lock_(std::move(lock)),
        inode_(id.inode),
        held_(held) {}

  ~PosixDirLock() override {
    // A forked child shares the flock with its parent and has none of the POSIX locks: it only
    // closes its descriptors. It leaves the mutex alone, which a thread that exists in the
    // parent only may have held at the fork.
    if (held_->owner != ::getpid()) return;
    LockRegistry& registry = LockRegistry::instance();
    MutexLock guard(registry.mutex);
    { ipc::file_lock closed(std::move(lock_)); }
    text_.close();
    // By name, since a child that was forked and not exec'd keeps the description open.
    (void)::flock(dir_.get(), LOCK_UN);
    dir_.close();
    registry.remove(held_);
  }

  uint64_t inode() const override { return inode_; }

 private:
  Fd dir_;
  Fd text_;  // open as long as lock_: closing it would drop the lock
  ipc::file_lock lock_;
  uint64_t inode_;
  LockRegistry::Held* held_;
};

// Nothing if the flock is ours, or if this file system has none for directories (NFS wants a
// descriptor open for writing).
Status flock_dir(int fd, const std::string& dir, const std::string& lock_path, unsigned held) {
  while (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    switch (errno) {
      case EINTR:
        continue;
      case EWOULDBLOCK:
        return busy(dir, holder(lock_path, held));
      case EBADF:
      case EINVAL:
      case ENOLCK:
      case ENOSYS:
      case EOPNOTSUPP:
        return {};
      default:
        return Status::from_errno(errno, "locking directory " + dir);
    }
  }
  return {};
}

Status lock_file(const std::string& path, ipc::file_lock* lock, bool* acquired) {
  try {
    ipc::file_lock opened(path.c_str());
    *acquired = opened.try_lock();
    *lock = std::move(opened);
    return {};
  } catch (const ipc::interprocess_exception& e) {
    return Status::from_errno(e.get_native_error(), "locking " + path);
  }
}

}  // namespace

Result<std::unique_ptr<DirLock>> lock_dir(const std::string& dir) {
  const std::string path = dir + "/LOCK";
  LockRegistry& registry = LockRegistry::instance();
  MutexLock guard(registry.mutex);

  Fd dir_fd(::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!dir_fd.ok()) return name_error(errno, "opening directory " + dir);
  struct stat st {};
  if (::fstatat(dir_fd.get(), "LOCK", &st, 0) == 0 && registry.holds({st.st_dev, st.st_ino})) {
    return busy_here(dir);
  }
  if (Status s = flock_dir(dir_fd.get(), dir, path, registry.count()); !s.ok()) return s;

  Fd text(::openat(dir_fd.get(), "LOCK", O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!text.ok() || ::fstat(text.get(), &st) != 0) return name_error(errno, "opening " + path);
  const FileId id{st.st_dev, st.st_ino};
  ipc::file_lock lock;
  bool acquired = false;
  if (Status s = lock_file(path, &lock, &acquired); !s.ok()) return s;
  if (!acquired) return busy(dir, holder_text(text.get()));
  set_close_on_exec(text.get(), id);
  write_holder_text(text.get());
  return std::unique_ptr<DirLock>(
      new PosixDirLock(std::move(dir_fd), std::move(text), std::move(lock), id, registry.add(id)));
}

}  // namespace stave::posix
