// A checkpoint of a keydir in memory, for tests that damage it.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "base/bytes.h"
#include "format/crc32c.h"
#include "keydir_support.h"

namespace stave::keydir_test {

// Tables in a memory file behind a header of one page, mapped privately like File::load_pages
// does.
class Image {
 public:
  explicit Image(Keydir& k) {
    const Status s = k.save(&shards, [this](uint64_t offset, Bytes bytes) {
      assert_int_equal(offset, tables_.size());
      assert_int_equal(bytes.size(), kRowBytes);
      tables_.append(bytes);
      return Status();
    });
    assert_true(s.ok());
    assert_int_equal(tables_.size(), checkpoint_rows(shards) * kRowBytes);
  }
  ~Image() {
    if (fd_ >= 0) ::close(fd_);
  }
  Image(const Image&) = delete;
  Image& operator=(const Image&) = delete;

  Status load(void* to, uint64_t length) {
    constexpr off_t kHeader = 4096;
    if (fd_ < 0) {
      fd_ = ::memfd_create("keydir", 0);
      assert_int_equal(::pwrite(fd_, tables_.data(), tables_.size(), kHeader), tables_.size());
    }
    assert_int_equal(length, tables_.size());
    void* p = ::mmap(to, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, fd_, kHeader);
    return p == to ? Status() : Status(Code::io, "mmap");
  }
  Status adopt_into(Keydir& k) {
    return k.adopt(shards, [this](void* to, uint64_t length) { return load(to, length); });
  }

  // A byte or a cell of a shard's table, wherever its unit stands.
  char& byte(unsigned shard, uint64_t at) {
    return tables_[at / kUnitBytes * kRowBytes + shard * kUnitBytes + at % kUnitBytes];
  }
  uint64_t* cell(unsigned shard, uint64_t i) {
    return reinterpret_cast<uint64_t*>(&byte(shard, i * 16));
  }
  void make_crc_right(unsigned shard) {
    uint32_t crc = 0;
    for (uint64_t at = 0; at < shards[shard].length; ++at) crc = crc32c(crc, &byte(shard, at), 1);
    shards[shard].crc = crc;
  }
  [[nodiscard]] uint64_t rows() const { return tables_.size() / kRowBytes; }

  std::vector<CheckpointShard> shards;

 private:
  std::string tables_;
  int fd_ = -1;
};

}  // namespace stave::keydir_test
