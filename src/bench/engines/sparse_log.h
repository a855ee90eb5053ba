// The log of the mapping limits: one sparse file, mapped as a whole.
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "bench/error.h"
#include "bench/fd.h"

namespace stave::bench {

class SparseLog {
 public:
  ~SparseLog() { close(); }

  void open(const std::string& path) {
    file_ = Fd(::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
    if (!file_.is_open() || ftruncate(file_.get(), kBytes) != 0) throw_errno(path);
    void* base = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_SHARED, file_.get(), 0);
    if (base == MAP_FAILED) throw_errno(path + ": mmap");
    base_ = static_cast<char*>(base);
    end_ = kAlign;  // place 0 means none
  }

  void close() {
    if (base_ != nullptr) munmap(base_, kBytes);
    base_ = nullptr;
    file_.reset();
  }

  char* at(uint64_t place) const { return base_ + place; }

  uint64_t reserve(uint64_t bytes) {
    const uint64_t place = end_;
    end_ += (bytes + kAlign - 1) & ~(kAlign - 1);
    if (end_ > kBytes) throw Error("a limit's log has more than 64 GiB: use a smaller --num-ops");
    return place;
  }

  void sync() const {
    if (fdatasync(file_.get()) != 0) throw_errno("fdatasync");
  }

 private:
  static constexpr uint64_t kBytes = 64ULL << 30;
  static constexpr uint64_t kAlign = 8;
  Fd file_;
  char* base_ = nullptr;
  uint64_t end_ = 0;
};

}  // namespace stave::bench
