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
    return scan_log({world.segment(log)}, 0, seq_floor, &found).code();
  }
  void damage(size_t record) { log.bytes()[offsets[record] + 40] ^= 4; }

  LogMaker log;
  std::vector<uint64_t> offsets;
  LogScan found;
};

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
      cmocka_unit_test(values_full_of_headers_are_seen_through),
  };
  return cmocka_run_group_tests_name("log_scan", tests, nullptr, nullptr);
}
