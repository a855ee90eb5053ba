// Sizes, progress lines and the drawing of data files.
#include "cli/file_chart.h"
#include "cli/human.h"
#include "cli/progress_bar.h"
#include "support/cmocka.h"

namespace stave::cli {
namespace {

void assert_text(const std::string& got, const char* want) {
  assert_string_equal(got.c_str(), want);
}

void numbers_for_people(void**) {
  assert_text(human_bytes(0), "0 B");
  assert_text(human_bytes(1023), "1023 B");
  assert_text(human_bytes(1024), "1.0 KiB");
  assert_text(human_bytes(1048575), "1.0 MiB");
  assert_text(human_bytes(UINT64_MAX), "16.0 EiB");
  assert_text(human_count(999), "999");
  assert_text(human_count(1234567), "1,234,567");
  assert_text(counted(1, "file"), "1 file");
  assert_text(counted(0, "file"), "0 files");
  assert_text(human_seconds(0.0000404), "40 us");
  assert_text(human_seconds(0.25), "250 ms");
  assert_text(human_time(0), "1970-01-01 00:00:00 UTC");
  assert_text(percent_of(1, 0), "-");
}

void part_of_a_bar_never_looks_like_nothing_or_all(void**) {
  for (uint64_t part = 0; part <= 1000; ++part) {
    const size_t cells = full_cells(part, 1000, 10);
    assert_true((cells == 0) == (part == 0));
    assert_true((cells == 10) == (part == 1000));
  }
  assert_int_equal(full_cells(5, 0, 10), 0);
  assert_int_equal(full_cells(5, 10, 0), 0);
}

void progress_line(void**) {
  assert_text(render_progress({"load", 512, 1024, 0}, 51, false),
              "load  [##########..........] 50 %  512 B / 1.0 KiB");
  const std::string unknown = render_progress({"load", 2048, 0, 1}, 80, false);
  assert_text(unknown, "load  2.0 KiB  2.0 KiB/s");
}

void progress_line_fits(void**) {
  for (size_t width = 0; width < 120; ++width) {
    const Progress progress{"verify", 123456789, 987654321, 12.5};
    assert_true(render_progress(progress, width, false).size() <= width);
  }
}

stave_file_info file(uint64_t id, uint64_t bytes, uint64_t live, uint64_t dead) {
  stave_file_info info{};
  info.id = id;
  info.bytes = bytes;
  info.live_bytes = live;
  info.dead_bytes = dead;
  return info;
}

void files_are_drawn_to_scale(void**) {
  std::vector<stave_file_info> files = {file(7, 1024, 512, 512), file(12, 512, 512, 0)};
  files[0].merged = 1;
  files[1].state = STAVE_FILE_ACTIVE;
  ChartStyle style;
  style.width = 68;
  assert_text(render_files(files, style),
              "file           kind           bytes       dead  ## live  -- dead\n"
              "0000000007.log merged       1.0 KiB      512 B  ##########----------\n"
              "0000000012.log active         512 B        0 B  ##########\n"
              "total          2 files      1.5 KiB      512 B  67 % live\n");
}

void empty_store_is_drawn(void**) {
  const std::string text = render_files({}, {});
  assert_true(text.find("0 files") != std::string::npos);
}

}  // namespace
}  // namespace stave::cli

int main() {
  using namespace stave::cli;
  const CMUnitTest tests[] = {
      cmocka_unit_test(numbers_for_people),
      cmocka_unit_test(part_of_a_bar_never_looks_like_nothing_or_all),
      cmocka_unit_test(progress_line),
      cmocka_unit_test(progress_line_fits),
      cmocka_unit_test(files_are_drawn_to_scale),
      cmocka_unit_test(empty_store_is_drawn),
  };
  return cmocka_run_group_tests_name("cli charts", tests, nullptr, nullptr);
}
