// Reads the records of one data file of Riak's Bitcask, N.bitcask.data.
//
//   crc32 u32 | tstamp u32 | key size u16 | value size u32 | key | value      all big-endian
//
// The checksum is the CRC-32 of zlib over all that follows it.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace stave::cli {

struct BitcaskRecord {
  uint64_t offset = 0;
  uint32_t tstamp = 0;   // seconds since 1970
  std::string_view key;  // lent until the next call of the reader, as is the value
  std::string_view value;

  // A delete: Bitcask tells it by the value.
  bool is_tombstone() const;
};

// Bytes of a file that hold no record. what() says why.
class BitcaskDamage : public std::runtime_error {
 public:
  BitcaskDamage(uint64_t offset, uint64_t length, bool torn, const std::string& what)
      : std::runtime_error(what), offset_(offset), length_(length), torn_(torn) {}
  uint64_t offset() const { return offset_; }
  uint64_t length() const { return length_; }
  // It reaches the file's end, as what is left of a write that was cut off.
  bool torn() const { return torn_; }

 private:
  uint64_t offset_;
  uint64_t length_;
  bool torn_;
};

class BitcaskFile {
 public:
  // Throws Failure, as all of it does when the system refuses.
  explicit BitcaskFile(const std::string& path);

  // The next record; false at the end. Throws BitcaskDamage; the next call goes on behind the
  // damage, which is one record if the one behind it is sound, else the rest of the file.
  bool next(BitcaskRecord& record);

  uint64_t offset() const { return offset_; }  // of what comes next
  uint64_t size() const { return size_; }

 private:
  struct Header;
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  // What stands at `offset`: its header, and in `bytes_` all that the checksum covers.
  enum class Found { record, bad_checksum, cut_off };
  Found read_at(uint64_t offset, Header& header);
  void read(void* to, size_t size);

  std::string path_;
  std::unique_ptr<std::FILE, Closer> file_;
  uint64_t size_ = 0;  // as of the open
  uint64_t offset_ = 0;
  uint64_t position_ = 0;  // of file_
  std::vector<char> bytes_;
};

// The data files of a directory, in order of their numbers. Throws Failure, also if there is none.
std::vector<std::string> bitcask_files(const std::string& directory);

}  // namespace stave::cli
