#include "engine/merge_pipe.h"

#include "unit/engine/merge_world.h"

namespace stave {
namespace {

constexpr uint64_t kWindow = 64 << 10;
constexpr uint64_t kLarge = 4 * kWindow;

// Each of two windows held a record of any size at once: up to twice 4 GiB.
void one_large_record_at_a_time_is_in_memory(void** /*state*/) {
  test::MergeWorld w;
  for (int i = 0; i < 6; ++i) {
    const bool large = i % 3 != 2;
    assert_true(w.put(test::named("k", i), std::string(large ? kLarge : 100, 'v')));
  }
  const auto input = w.rotate();
  auto hint = HintFile::open(*w.env, input);
  assert_true(hint.ok());
  MergeOutput output(w.env, *w.catalog, *w.space);
  MergePipe pipe(output, kWindow, true, false);
  const auto entries = (*hint)->cursor();
  unsigned large = 0;
  while (entries->next()) {
    pipe.window().add_copy(*input, entries->entry());
    assert_true(pipe.make_way().ok());
    if (pipe.window().oversized()) {
      ++large;
      assert_true(pipe.memory_bytes() <= 2 * kWindow);
    }
    uint64_t read = 0;
    uint64_t damaged = 0;
    assert_true(pipe.window().fetch(&read, &damaged).ok());
    assert_true(pipe.pass_on().ok());
  }
  assert_int_equal(large, 4);
  assert_true(pipe.finish().ok());
  assert_true(pipe.memory_bytes() <= 2 * kWindow);
  uint64_t copied = 0;
  for (const auto& file : output.files()) copied += file->counts.operations;
  assert_int_equal(copied, 6);
}

}  // namespace
}  // namespace stave

int main() {
  using namespace stave;
  const CMUnitTest tests[] = {
      cmocka_unit_test(one_large_record_at_a_time_is_in_memory),
  };
  return cmocka_run_group_tests_name("merge_pipe", tests, nullptr, nullptr);
}
