// Where a merge's outputs come to stand: invariant R is kept by nothing else.
#include "engine/catalog.h"

#include <algorithm>
#include <initializer_list>
#include <string>

#include "support/cmocka.h"
#include "support/fault_fs.h"

namespace stave {
namespace {

struct World {
  World() {
    assert_true(fs.make_dir("dir").ok());
    Manifest m;
    m.seq_floor = 1;
    catalog = std::make_unique<Catalog>(env, m, SegmentList{});
  }
  // A file at the end of the log.
  std::shared_ptr<Segment> log(uint64_t id) {
    auto s = file(id, Origin::log);
    assert_true(catalog->add(s, 0).ok());
    return s;
  }
  std::shared_ptr<Segment> file(uint64_t id, Origin origin) {
    return std::make_shared<Segment>(env, FileHeader{origin, {}, 0, id, 1}, Extent{id, 1});
  }
  void seal(Segment& s) {
    assert_true(catalog->seal(s).ok());
    s.set_sealed();
  }
  [[nodiscard]] std::string order() const {
    std::string text;
    for (const auto& s : catalog->version()->segments) text += std::to_string(s->id()) + " ";
    return text;
  }
  [[nodiscard]] std::string order_on_disk() const {
    auto m = load_manifest(*env);
    assert_true(m.ok());
    std::string text;
    for (const ManifestFile& f : m->files) text += std::to_string(f.id) + " ";
    return text;
  }

  test::FaultFs fs;

  std::shared_ptr<Env> env = std::make_shared<Env>(fs, system_clock(), "dir", Options());
  std::unique_ptr<Catalog> catalog;
};

// 1 and 2 are merged into 9 while 3 and 4 are in the log and 5 comes; the oldest file that was not
// sealed is `before`.
void expect_order(uint64_t before, const char* order) {
  World w;
  const auto one = w.log(1), two = w.log(2), three = w.log(3), four = w.log(4);
  w.seal(*one);
  w.seal(*two);
  const auto began = w.catalog->version();
  (void)w.log(5);
  const auto output = w.file(9, Origin::merge);
  assert_true(w.catalog->replace({one, two}, {output}, *began, before).ok());
  assert_string_equal(w.order().c_str(), order);
  assert_string_equal(w.order_on_disk().c_str(), order);
}

void outputs_stand_before_the_oldest_file_that_was_not_sealed(void**) {
  expect_order(3, "9 3 4 5 ");
  expect_order(4, "3 9 4 5 ");
}

// The sealer marks a file sealed before it takes it off its own list.
void an_input_may_have_been_that_file_the_moment_before(void**) {
  expect_order(2, "9 3 4 5 ");
  expect_order(1, "9 3 4 5 ");
}

void without_such_a_file_outputs_stand_before_what_came_since(void**) {
  expect_order(0, "3 4 9 5 ");
  expect_order(5, "3 4 9 5 ");
}

}  // namespace
}  // namespace stave

int main() {
  using namespace stave;
  const CMUnitTest tests[] = {
      cmocka_unit_test(outputs_stand_before_the_oldest_file_that_was_not_sealed),
      cmocka_unit_test(an_input_may_have_been_that_file_the_moment_before),
      cmocka_unit_test(without_such_a_file_outputs_stand_before_what_came_since),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
