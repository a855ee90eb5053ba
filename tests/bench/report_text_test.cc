// What reports and the terminal show of numbers, times and misspelt words.
#include "bench/nearest_word.h"
#include "bench/number_text.h"
#include "bench/progress.h"
#include "support/cmocka.h"

namespace {

using namespace stave::bench;

void SmallRatiosAreInverted(void**) {
  assert_string_equal(short_ratio(1.523).c_str(), "1.52x");
  assert_string_equal(short_ratio(12.34).c_str(), "12.3x");
  assert_string_equal(short_ratio(0.1).c_str(), "0.10x");
  assert_string_equal(short_ratio(0.00003).c_str(), "1/33333");
  assert_string_equal(short_ratio(0.05).c_str(), "1/20.0");
}

void TheColourIsOfWhatIsShown(void**) {
  for (const double ratio : {0.99501, 1.0, 1.0049}) {
    assert_string_equal(short_ratio(ratio).c_str(), "1.00x");
    assert_string_equal(ratio_class(ratio), "even");
  }
  assert_string_equal(ratio_class(0.9949), "bad");
  assert_string_equal(ratio_class(1.0051), "good");
  assert_string_equal(ratio_class(0.00003), "bad");
}

void TimeIsLeftOnlyWhereItIsKnown(void**) {
  assert_string_equal(time_left(0, 10, 100).c_str(), "");
  assert_string_equal(time_left(5, 10, 0.9).c_str(), "");
  assert_string_equal(time_left(9, 10, 2).c_str(), "");
  assert_string_equal(time_left(1, 3, 93.5).c_str(), "about 3:07 left");
}

void ANearWordIsFound(void**) {
  const std::vector<std::string> known = {"stave", "stave-positional", "lmdb", "leveldb"};
  assert_string_equal(nearest_word("stvae", known).c_str(), "stave");
  assert_string_equal(nearest_word("levedb", known).c_str(), "leveldb");
  assert_string_equal(nearest_word("sqlite", known).c_str(), "");
  assert_string_equal(did_you_mean("stave").c_str(), "; did you mean 'stave'?");
  assert_string_equal(did_you_mean("").c_str(), "");
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(SmallRatiosAreInverted),
      cmocka_unit_test(TheColourIsOfWhatIsShown),
      cmocka_unit_test(TimeIsLeftOnlyWhereItIsKnown),
      cmocka_unit_test(ANearWordIsFound),
  };
  return cmocka_run_group_tests_name("bench report text", tests, nullptr, nullptr);
}
