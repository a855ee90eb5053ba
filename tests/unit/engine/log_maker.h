// Data files made by hand, and what they should be found to hold.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "engine/segment.h"
#include "engine/tail_index.h"
#include "support/cmocka.h"
#include "support/fault_fs.h"
#include "unit/engine/seed.h"

namespace stave::test {

inline uint64_t below(std::mt19937_64& random, uint64_t n) { return random() % n; }

class SetClock final : public Clock {
 public:
  uint64_t ms = 1'000'000;
  [[nodiscard]] uint64_t now_ms() const override { return ms; }
  [[nodiscard]] uint64_t now_us() const override { return ms * 1000; }
  [[nodiscard]] int local_hour() const override { return 12; }
};

struct Operation {
  Kind kind = Kind::put;
  uint64_t seq = 0;
  uint64_t expires_at_ms = 0;
  std::string key;
  std::string value;
  uint64_t offset = 0;
  uint64_t size = 0;
  uint64_t frame_offset = 0;
  uint64_t frame_end = 0;
};

// Appends records to the bytes of one data file.
class LogMaker {
 public:
  LogMaker(uint64_t id, uint64_t first_seq) : next_seq_(first_seq) {
    header_.uuid.fill(7);
    header_.lineage = 1;
    header_.file_id = id;
    header_.salt = static_cast<uint32_t>(0x5a17u + id);
    bytes_.resize(kFileHeaderSize);
    encode_file_header(bytes_.data(), header_);
  }

  void put(const std::string& key, const std::string& value, uint64_t expires_at_ms = 0) {
    single(Kind::put, key, value, expires_at_ms, 0);
  }
  void erase(const std::string& key) { single(Kind::tombstone, key, "", 0, 0); }
  void erase_range(const std::string& from, const std::string& to) {
    single(Kind::range_tombstone, from, to, 0, 0);
  }
  void mark() {
    Record r;
    r.kind = Kind::mark;
    r.seq = next_seq_ - 1;
    append(r);
  }
  // Puts; an empty value erases.
  void batch(const std::vector<std::pair<std::string, std::string>>& operations) {
    const uint64_t frame = bytes_.size();
    const uint64_t first_seq = next_seq_;
    const size_t first = operations_.size();
    bytes_.resize(frame + kBatchHeaderSize);
    for (const auto& [key, value] : operations) {
      single(value.empty() ? Kind::tombstone : Kind::put, key, value, 0, kFlagInner);
    }
    encode_batch_header(bytes_.data() + frame, salt(), 0, first_seq,
                        static_cast<uint32_t>(operations.size()), bytes_.size() - frame);
    for (size_t i = first; i < operations_.size(); ++i) {
      operations_[i].frame_offset = frame;
      operations_[i].frame_end = bytes_.size();
    }
  }

  [[nodiscard]] const FileHeader& header() const { return header_; }
  [[nodiscard]] uint32_t salt() const { return header_.salt; }
  [[nodiscard]] uint64_t next_seq() const { return next_seq_; }
  [[nodiscard]] std::string& bytes() { return bytes_; }
  [[nodiscard]] uint64_t size() const { return bytes_.size(); }
  [[nodiscard]] const std::vector<Operation>& operations() const { return operations_; }

 private:
  void append(const Record& r) {
    const uint64_t at = bytes_.size();
    bytes_.resize(at + record_size(r));
    encode_record(bytes_.data() + at, salt(), r);
  }
  void single(Kind kind, const std::string& key, const std::string& value, uint64_t expires_at_ms,
              uint8_t flags) {
    const uint64_t at = bytes_.size();
    append({kind, flags, next_seq_, expires_at_ms, key, value});
    operations_.push_back(
        {kind, next_seq_, expires_at_ms, key, value, at, bytes_.size() - at, at, bytes_.size()});
    ++next_seq_;
  }

  FileHeader header_;
  std::string bytes_;
  std::vector<Operation> operations_;
  uint64_t next_seq_;
};

// A store's directory without a store: files and segments in it.
struct World {
  explicit World(Io io = Io::mapped) {
    Options options;
    options.io = io;
    env = std::make_shared<Env>(fs, clock, "/s", options);
    assert_true(fs.make_dir("/s").ok());
  }

  void write_file(const std::string& path, Bytes bytes) {
    (void)fs.unlink(path);
    auto file = fs.create(path, 0644);
    assert_true(file.ok());
    assert_true((*file)->write(0, bytes).ok());
  }
  std::string read_file(const std::string& path) {
    auto bytes = stave::read_file(fs, path, 1ULL << 32);
    assert_true(bytes.ok());
    return bytes.take();
  }
  // Writes the file; the segment's tail is its end.
  std::shared_ptr<Segment> segment(LogMaker& log) {
    auto s = std::make_shared<Segment>(env, log.header(), Extent{});
    write_file(s->path(), log.bytes());
    auto file = fs.open(s->path(), Access::read);
    assert_true(file.ok());
    const bool mapped = env->options.io == Io::mapped;
    assert_true(s->attach(file.take(), mapped ? log.size() : 0, Access::read).ok());
    s->publish_tail(log.size());
    return s;
  }

  FaultFs fs;
  SetClock clock;
  std::shared_ptr<Env> env;
};

// "user:00000012": keys of this kind have eight digits.
inline std::string named(std::string name, uint64_t n) {
  char digits[24];
  std::snprintf(digits, sizeof digits, "%08llu", static_cast<unsigned long long>(n));
  return name.append(digits);
}

inline std::string at_offset(uint64_t offset) {
  return std::string("at offset ").append(std::to_string(offset));
}

// A key of some kind that repeats: short and long, with shared beginnings and zero bytes.
inline std::string random_key(std::mt19937_64& random, uint64_t keys) {
  const uint64_t n = below(random, keys);
  switch (n % 4) {
    case 0:
      return named("user:", n);
    case 1:
      return std::string(1 + n % 5, '\0').append(n % 11, 'a');
    case 2:
      return named(std::string(n % 40, 'p'), n);
    default:
      return std::string(1, static_cast<char>(n * 37)).append(std::to_string(n * n));
  }
}

inline void random_operations(std::mt19937_64& random, LogMaker* log, size_t count, uint64_t keys) {
  while (log->operations().size() < count) {
    const std::string key = random_key(random, keys);
    switch (below(random, 12)) {
      case 0:
        log->erase(key);
        break;
      case 1:
        log->put(key, std::string(below(random, 100), 'e'), 900'000 + below(random, 200'000));
        break;
      case 2:
        log->mark();
        break;
      case 3: {
        std::vector<std::pair<std::string, std::string>> batch;
        for (uint64_t n = 1 + below(random, 6); n-- > 0;) {
          batch.emplace_back(random_key(random, keys), below(random, 3) == 0 ? "" : "batch");
        }
        log->batch(batch);
        break;
      }
      default:
        log->put(key, std::to_string(random()));
    }
  }
}

}  // namespace stave::test
