// A run that cannot fit onto the disk is refused with figures; one that may not, is warned of.
#include "bench/space_check.h"

#include "bench/error.h"
#include "support/cmocka.h"

namespace {

using namespace stave::bench;

constexpr uint64_t kStore = 116 * 1000000ULL;

std::vector<EngineKind> engines_named(std::initializer_list<const char*> names) {
  std::vector<EngineKind> engines;
  for (const char* name : names) {
    EngineKind kind;
    kind.name = name;
    engines.push_back(std::move(kind));
  }
  return engines;
}

std::string refusal(const Settings& settings, const std::vector<EngineKind>& engines,
                    uint64_t free_bytes) {
  try {
    space_warning(settings, engines, free_bytes);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

bool says(const std::string& text, const char* words) {
  return text.find(words) != std::string::npos;
}

void EnoughSpaceSaysNothing(void**) {
  const auto engines = engines_named({"stave", "lmdb"});
  assert_string_equal(space_warning({}, engines, 6 * kStore).c_str(), "");
}

void RecordsThatDoNotFitAreRefused(void**) {
  const auto engines = engines_named({"stave", "lmdb"});
  const std::string text = refusal({}, engines, 2 * kStore - 1);
  assert_true(says(text, "--data-dir: . has 221 MiB free"));
  assert_true(says(text, "2 engines' stores at once alone are 221 MiB"));
  assert_true(says(text, "lower --num-ops"));
  assert_string_equal(refusal({}, engines, 2 * kStore).c_str(), "");
}

void WhatMayNotFitIsWarnedOf(void**) {
  const std::string text = space_warning({}, engines_named({"stave"}), 3 * kStore - 1);
  assert_true(says(text, "a store may grow to 332 MiB"));
  assert_false(says(text, "--one-at-a-time"));
}

void OneAtATimeNeedsTheLargestAlone(void**) {
  Settings settings;
  settings.one_at_a_time = true;
  auto engines = engines_named({"stave", "file-per-key"});
  engines[1].records_max = 10000;
  assert_string_equal(space_warning(settings, engines, 3 * kStore).c_str(), "");
  settings.one_at_a_time = false;
  assert_string_not_equal(space_warning(settings, engines, 3 * kStore).c_str(), "");
  // It has 10000 records at most.
  assert_string_equal(space_warning(settings, engines, 3 * kStore * 101 / 100).c_str(), "");
}

void ADirectoryThatIsNotThereIsNotFull(void**) {
  assert_true(free_bytes_of("no/such/directory") == ~0ULL);
  assert_true(free_bytes_of(".") < ~0ULL);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(EnoughSpaceSaysNothing),
      cmocka_unit_test(RecordsThatDoNotFitAreRefused),
      cmocka_unit_test(WhatMayNotFitIsWarnedOf),
      cmocka_unit_test(OneAtATimeNeedsTheLargestAlone),
      cmocka_unit_test(ADirectoryThatIsNotThereIsNotFull),
  };
  return cmocka_run_group_tests_name("bench space check", tests, nullptr, nullptr);
}
