// Where the log ends, and what is said behind the end (log_scan.h).
#include "engine/log_scan.h"

#include "format/crc32c_shift.h"
#include "unit/engine/log_maker.h"

namespace stave::test {
namespace {

constexpr uint64_t kFloor = 1ULL << 40;

// A file of puts that all say that everything before was durable, as sync=always writes them.
struct DurableLog {
  explicit DurableLog(size_t value_size, uint64_t n) : log(1, 1) {
    for (uint64_t seq = 1; seq <= n; ++seq) {
      put(log.bytes(), seq, std::string(value_size, static_cast<char>(seq)));
    }
  }
  void put(std::string& to, uint64_t seq, const std::string& value) {
    const Record r{Kind::put, kFlagDurable, seq, 0, "key", value};
    offsets.push_back(to.size());
    to.resize(to.size() + record_size(r));
    encode_record(to.data() + offsets.back(), log.salt(), r);
  }
  Code scan(uint64_t seq_floor = kFloor) {
    World world;
    return scan_log({world.segment(log)}, 0, seq_floor, LogWriter::gone, &found).code();
  }
  // As another process sees it while the writer goes on: what is read at `offset` or behind, it
  // reads after all of `whole` has been written.
  Code scan_beside_writer(uint64_t offset, const std::string& whole);
  void damage(size_t record) { log.bytes()[offsets[record] + 40] ^= 4; }

  LogMaker log;
  std::vector<uint64_t> offsets;
  LogScan found;
};

class GrowingFile final : public File {
 public:
  GrowingFile(std::unique_ptr<File> file, uint64_t offset, const std::string& whole)
      : file_(std::move(file)), offset_(offset), whole_(whole) {}
  const std::string& path() const override { return file_->path(); }
  Status read(uint64_t offset, void* to, size_t n, size_t* got) override {
    if (offset >= offset_) STAVE_RETURN_IF_ERROR(file_->write(0, whole_));
    return file_->read(offset, to, n, got);
  }
  Status write(uint64_t offset, Bytes bytes) override { return file_->write(offset, bytes); }
  Status sync() override { return file_->sync(); }
  Status allocate(uint64_t offset, uint64_t length) override {
    return file_->allocate(offset, length);
  }
  Status truncate(uint64_t length) override { return file_->truncate(length); }
  Result<uint64_t> size() override { return file_->size(); }
  Result<std::unique_ptr<Mapping>> map(uint64_t length, Access access) override {
    return file_->map(length, access);
  }
  void prefault(const Mapping&, uint64_t, uint64_t) override {}
  Status load_pages(void* to, uint64_t offset, uint64_t length) override {
    return file_->load_pages(to, offset, length);
  }

 private:
  std::unique_ptr<File> file_;
  uint64_t offset_;
  const std::string& whole_;
};

Code DurableLog::scan_beside_writer(uint64_t offset, const std::string& whole) {
  World world(Io::positional);
  auto segment = std::make_shared<Segment>(world.env, log.header(), Extent{});
  world.write_file(segment->path(), log.bytes());
  auto file = world.fs.open(segment->path(), Access::write);
  assert_true(file.ok());
  auto growing = std::make_unique<GrowingFile>(file.take(), offset, whole);
  assert_true(segment->attach(std::move(growing), 0, Access::read).ok());
  return scan_log({segment}, 0, kFloor, LogWriter::may_be_alive, &found).code();
}

void a_shift_joins_checksums(void**) {
  std::mt19937_64 random(seed());
  std::string all(5000, '\0');
  for (char& c : all) c = static_cast<char>(random());
  for (size_t n = 0; n < 5000; n += 1 + below(random, 50)) {
    const auto s = static_cast<uint32_t>(random());
    assert_int_equal(crc32c(s, all.data(), n), crc32c_shift(s, n) ^ crc32c(0, all.data(), n));
  }
}

void whole_logs_are_whole(void**) {
  DurableLog d(300 << 10, 5);
  assert_int_equal(d.scan(), Code::ok);
  assert_false(d.found.cut);
  assert_int_equal(d.found.last_seq, 5);
}

void damage_before_durable_records_of_any_length_is_damage(void**) {
  for (const size_t size : {size_t{10}, size_t{5000}, size_t{300} << 10, size_t{3} << 20}) {
    DurableLog d(size, 4);
    d.damage(1);
    assert_int_equal(d.scan(), Code::corrupt);
  }
}

void the_last_operation_alone_was_never_promised(void**) {
  DurableLog d(300 << 10, 4);
  d.damage(3);
  assert_int_equal(d.scan(), Code::ok);
  assert_true(d.found.cut);
  assert_int_equal(d.found.last_seq, 3);
  assert_int_equal(d.found.cut_offset, d.offsets[3]);
}

void no_claim_reaches_the_floor(void**) {
  DurableLog d(100, 4);
  d.damage(1);
  assert_int_equal(d.scan(2), Code::ok);  // the claims are 2 and 3
  assert_int_equal(d.scan(3), Code::corrupt);
}

// A reader met a half-written record, then a newer mark behind it, and called that damage.
void what_a_live_writer_completes_is_no_damage(void**) {
  DurableLog d(100, 9);
  const std::string whole = d.log.bytes();
  d.damage(4);
  assert_int_equal(d.scan_beside_writer(d.offsets[4], whole), Code::ok);
  assert_false(d.found.cut);
  assert_int_equal(d.found.last_seq, 9);
}

void what_stays_damaged_beside_a_live_writer_is_damage(void**) {
  DurableLog d(100, 9);
  d.damage(4);
  const std::string damaged = d.log.bytes();
  assert_int_equal(d.scan_beside_writer(d.offsets[4], damaged), Code::corrupt);
}

// Headers at every 32 bytes, each of a durable record of megabytes: none is one, and the search
// must neither believe them nor sum up megabytes for each.
void values_full_of_headers_are_seen_through(void**) {
  DurableLog d(100, 2);
  std::string value;
  for (uint64_t i = 0; i < 60'000; ++i) {
    char header[32] = {};
    header[4] = static_cast<char>(Kind::put);
    header[5] = kFlagDurable;
    store_le<uint16_t>(header + 6, 3);
    store_le<uint32_t>(header + 8, static_cast<uint32_t>((2 << 20) - 32 * i % (1 << 20)));
    store_le<uint64_t>(header + 12, 100 + i);
    value.append(header, sizeof header);
  }
  d.put(d.log.bytes(), 3, value);
  d.put(d.log.bytes(), 4, std::string(3 << 20, 'x'));
  const uint64_t last = d.offsets[3];
  d.damage(2);
  assert_int_equal(d.scan(), Code::corrupt);  // what the true record 4 says is found among them
  d.log.bytes()[last + 100] ^= 1;
  assert_int_equal(d.scan(), Code::ok);
  assert_int_equal(d.found.last_seq, 2);
}

// Files that several threads share are found to hold what one thread finds in order.
void several_threads_find_what_one_finds(void**) {
  std::mt19937_64 random(seed());
  for (int round = 0; round < 400; ++round) {
    World world;
    SegmentList unsealed;
    uint64_t next_seq = 1 + below(random, 3);
    const uint64_t sealed_last_seq = below(random, 3);
    for (uint64_t id = 1; id <= 4; ++id) {
      if (below(random, 20) == 0) ++next_seq;  // an operation is missing
      LogMaker log(id, next_seq);
      random_operations(random, &log, below(random, 30), 40);
      next_seq = log.next_seq();
      if (below(random, 4) == 0) log.bytes().append(8 * below(random, 100), '\0');
      if (below(random, 6) == 0) log.bytes()[below(random, log.size())] ^= 1;
      if (below(random, 9) == 0) log.bytes().resize(kFileHeaderSize);
      unsealed.push_back(world.segment(log));
    }
    LogScan one;
    LogScan shared;
    const auto gone = LogWriter::gone;
    const Status s = scan_log(unsealed, sealed_last_seq, kFloor, gone, &one);
    const Status t = scan_log(unsealed, sealed_last_seq, kFloor, gone, &shared, 3);
    assert_int_equal(s.code(), t.code());
    assert_string_equal(s.message().c_str(), t.message().c_str());
    assert_int_equal(one.last_seq, shared.last_seq);
    assert_int_equal(one.cut, shared.cut);
    assert_int_equal(one.cut_file, shared.cut_file);
    assert_int_equal(one.cut_offset, shared.cut_offset);
    assert_true(one.reason == shared.reason);
    for (size_t i = 0; i < unsealed.size(); ++i) {
      const FileScan& a = one.files[i];
      const FileScan& b = shared.files[i];
      assert_int_equal(a.end, b.end);
      assert_int_equal(a.operations, b.operations);
      assert_int_equal(a.last_seq, b.last_seq);
      assert_int_equal(a.notes.record_bytes, b.notes.record_bytes);
      assert_int_equal(a.notes.operations + a.notes.ranges.size(), a.operations);
      assert_int_equal(b.notes.operations + b.notes.ranges.size(), b.operations);
    }
  }
}

}  // namespace
}  // namespace stave::test

int main() {
  using namespace stave::test;
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_shift_joins_checksums),
      cmocka_unit_test(whole_logs_are_whole),
      cmocka_unit_test(damage_before_durable_records_of_any_length_is_damage),
      cmocka_unit_test(the_last_operation_alone_was_never_promised),
      cmocka_unit_test(no_claim_reaches_the_floor),
      cmocka_unit_test(what_a_live_writer_completes_is_no_damage),
      cmocka_unit_test(what_stays_damaged_beside_a_live_writer_is_damage),
      cmocka_unit_test(values_full_of_headers_are_seen_through),
      cmocka_unit_test(several_threads_find_what_one_finds),
  };
  return cmocka_run_group_tests_name("log_scan", tests, nullptr, nullptr);
}
