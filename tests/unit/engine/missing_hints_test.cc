// Hints that are made after the store has opened.
#include "engine/catalog.h"
#include "engine/hint_file.h"
#include "engine/merge_hints.h"
#include "unit/engine/log_maker.h"

namespace stave::test {
namespace {

constexpr size_t kFiles = 3;

struct Sealed {
  explicit Sealed(uint64_t damaged_id = 0, size_t operations = 50) {
    for (uint64_t id = 1; id <= kFiles; ++id) {
      LogMaker log(id, 1 + id * 1000000);
      for (size_t i = 0; i < operations; ++i) log.put(named("key:", i), "value");
      if (id == damaged_id) log.bytes()[log.size() / 2] ^= 1;
      segments.push_back(world.segment(log));
      segments.back()->set_sealed();
    }
  }
  Code write(uint64_t stop_after = UINT64_MAX) {
    const auto stop = [&] { return asked++ >= stop_after; };
    return write_missing_hints(*world.env, segments, stop, &damaged).code();
  }
  bool readable(size_t i) {
    auto hint = HintFile::open(*world.env, segments[i]);
    return hint.ok() && segments[i]->has_hint();
  }

  World world;
  SegmentList segments;
  std::set<uint64_t> damaged;
  uint64_t asked = 0;
};

void all_that_are_missing_are_written(void**) {
  Sealed s;
  assert_int_equal(s.write(), Code::ok);
  for (size_t i = 0; i < kFiles; ++i) assert_true(s.readable(i));
  assert_true(s.damaged.empty());
}

// One bad file used to keep the hints of all later ones from being made.
void a_damaged_file_is_left_out_from_then_on(void**) {
  Sealed s(2);
  assert_int_equal(s.write(), Code::ok);
  assert_true(s.readable(0) && !s.readable(1) && s.readable(2));
  assert_true(s.damaged == std::set<uint64_t>{2});
  s.world.fs.inject({Op::read, 1, 5, true, ".log"});
  assert_int_equal(s.write(), Code::ok);  // it is not read again
}

void a_close_need_not_wait_for_the_end(void**) {
  for (const uint64_t after : {0, 1, 2, 3}) {
    Sealed s(0, 3 * kRunOperations / 2);
    assert_int_equal(s.write(after), Code::cancelled);
    assert_int_equal(s.asked, after + 1);
    assert_int_equal(s.readable(0), after == 3);
    const auto names = s.world.fs.list("/s").take();
    assert_int_equal(names.size(), kFiles + (after == 3 ? 1 : 0));  // nothing half made stays
    assert_int_equal(s.write(), Code::ok);
    for (size_t i = 0; i < kFiles; ++i) assert_true(s.readable(i));
  }
}

}  // namespace
}  // namespace stave::test

int main() {
  using namespace stave::test;
  const CMUnitTest tests[] = {
      cmocka_unit_test(all_that_are_missing_are_written),
      cmocka_unit_test(a_damaged_file_is_left_out_from_then_on),
      cmocka_unit_test(a_close_need_not_wait_for_the_end),
  };
  return cmocka_run_group_tests_name("missing_hints", tests, nullptr, nullptr);
}
