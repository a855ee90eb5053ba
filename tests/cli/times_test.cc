// Durations and moments: what is read, what is refused, and that texts come back.
#include "cli/times.h"

#include <random>

#include "support/cmocka.h"

namespace stave::cli {
namespace {

constexpr uint64_t kHour = 3600'000;

void durations_are_read(void**) {
  assert_int_equal(*parse_duration("90s"), 90'000);
  assert_int_equal(*parse_duration("1h30m"), kHour * 3 / 2);
  assert_int_equal(*parse_duration("250ms"), 250);
  assert_int_equal(*parse_duration("1.5s"), 1500);
  assert_int_equal(*parse_duration("0.5h"), kHour / 2);
  assert_int_equal(*parse_duration("2d"), 48 * kHour);
  assert_int_equal(*parse_duration("1m1ms"), 60'001);
  assert_int_equal(*parse_duration("0s"), 0);
}

void other_texts_are_no_durations(void**) {
  for (const char* text : {"", "60", "s", "1x", "-1s", "1.s", "1.0005s", "0.5ms", "1h 30m", "1s1",
                           "99999999999999999999s", "9999999999999999999d"}) {
    if (parse_duration(text)) fail_msg("taken for a duration: '%s'", text);
  }
}

void moments_are_read(void**) {
  assert_int_equal(*parse_moment("never"), 0);
  assert_int_equal(*parse_moment("@1.25"), 1250);
  assert_int_equal(*parse_moment("1970-01-02"), 24 * kHour);
  assert_int_equal(*parse_moment("1970-01-01T01:00"), kHour);
  assert_int_equal(*parse_moment("1970-01-01 01:00:02.5"), kHour + 2500);
  assert_int_equal(*parse_moment("1970-01-01T02:00+01:00"), kHour);
  assert_int_equal(*parse_moment("1970-01-01T00:30:00-00:30"), kHour);
  assert_int_equal(*parse_moment("2024-02-29T00:00:00Z"), 1709164800'000);
}

void other_texts_are_no_moments(void**) {
  for (const char* text :
       {"", "1795282808394", "2026", "2026-13-01", "2026-02-30", "2026-1-1", "2026-01-01T24:00",
        "2026-01-01T1:00", "2026-01-01T01:00:60", "2026-01-01T01:00z", "2026-01-01T01:00+0100",
        "1960-01-01", "1970-01-01", "@", "@-1", "@99999999999999999999", "Never"}) {
    if (parse_moment(text)) fail_msg("taken for a moment: '%s'", text);
  }
}

void texts_come_back(void**) {
  assert_string_equal(duration_text(0).c_str(), "0s");
  assert_string_equal(duration_text(kHour * 3 / 2).c_str(), "1h30m");
  assert_string_equal(duration_text(59'998).c_str(), "59.998s");
  assert_string_equal(duration_text(kHour + 5).c_str(), "1h0.005s");
  assert_string_equal(moment_text(kHour + 2500).c_str(), "1970-01-01T01:00:02.500Z");
  std::mt19937_64 random(4);
  for (int i = 0; i < 20000; ++i) {
    const uint64_t ms = random() >> (random() % 63);
    const std::string duration = duration_text(ms);
    const std::string moment = moment_text(ms);
    if (parse_duration(duration) != ms) fail_msg("'%s'", duration.c_str());
    if (parse_moment(moment) != ms) fail_msg("'%s'", moment.c_str());
  }
}

}  // namespace
}  // namespace stave::cli

using namespace stave::cli;

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(durations_are_read), cmocka_unit_test(other_texts_are_no_durations),
      cmocka_unit_test(moments_are_read),   cmocka_unit_test(other_texts_are_no_moments),
      cmocka_unit_test(texts_come_back),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
