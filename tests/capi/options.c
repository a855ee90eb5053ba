/* The option table: every row of it, whatever rows there are. */
#include "harness.h"

#define TEXT_MAX 128

static stave_option_info row(size_t index) {
  stave_option_info info;
  memset(&info, 0, sizeof info);
  info.size = sizeof info;
  expect(STAVE_OK, stave_option_at(index, &info));
  return info;
}

static void get_text(const stave_options* o, const char* name, char* to) {
  size_t length = 0;
  expect(STAVE_OK, stave_options_get(o, name, to, TEXT_MAX, &length));
  assert_true(length < TEXT_MAX);
  assert_int_equal(strlen(to), length);
}

static void every_row_is_complete_and_its_default_is_what_get_says(void** state) {
  (void)state;
  assert_true(stave_option_count() > 5);
  stave_options* o = NULL;
  expect(STAVE_OK, stave_options_create(&o));
  for (size_t i = 0; i < stave_option_count(); i++) {
    stave_option_info info = row(i);
    assert_true(info.name && *info.name && info.type && *info.type);
    assert_true(info.description && *info.description && info.since && *info.since);
    assert_true(info.minimum && info.maximum && info.choices && info.default_value);
    char text[TEXT_MAX];
    get_text(o, info.name, text);
    assert_string_equal(text, info.default_value);
  }
  stave_options_destroy(o);
}

static void names_are_unique(void** state) {
  (void)state;
  for (size_t i = 0; i < stave_option_count(); i++) {
    for (size_t j = 0; j < i; j++) assert_string_not_equal(row(i).name, row(j).name);
  }
}

static void canonical_text_is_a_fixed_point_of_set(void** state) {
  (void)state;
  stave_options* o = NULL;
  expect(STAVE_OK, stave_options_create(&o));
  for (size_t i = 0; i < stave_option_count(); i++) {
    stave_option_info info = row(i);
    const char* samples[] = {info.default_value, info.minimum, info.maximum};
    for (size_t j = 0; j < 3; j++) {
      if (j > 0 && *samples[j] == '\0') continue;
      expect(STAVE_OK, stave_options_set(o, info.name, samples[j]));
      char text[TEXT_MAX];
      get_text(o, info.name, text);
      assert_string_equal(text, samples[j]);
    }
  }
  stave_options_destroy(o);
}

static void every_choice_can_be_set_and_no_other(void** state) {
  (void)state;
  stave_options* o = NULL;
  expect(STAVE_OK, stave_options_create(&o));
  unsigned choices = 0;
  for (size_t i = 0; i < stave_option_count(); i++) {
    stave_option_info info = row(i);
    if (strcmp(info.type, "choice") != 0) continue;
    char list[256];
    snprintf(list, sizeof list, "%s", info.choices);
    for (const char* choice = strtok(list, "|"); choice; choice = strtok(NULL, "|")) {
      if (strcmp(choice, "interval:<duration>") == 0) choice = "interval:20ms";
      expect(STAVE_OK, stave_options_set(o, info.name, choice));
      char text[TEXT_MAX];
      get_text(o, info.name, text);
      assert_string_equal(text, choice);
      choices++;
    }
    expect(STAVE_BAD_OPTION, stave_options_set(o, info.name, info.choices));
  }
  assert_true(choices >= 2);
  stave_options_destroy(o);
}

static void nonsense_is_refused_by_every_row_and_changes_nothing(void** state) {
  (void)state;
  stave_options* o = NULL;
  expect(STAVE_OK, stave_options_create(&o));
  const char* nonsense[] = {"", "banana", "-1", "1e99", "99999999999999999999999", "true false"};
  for (size_t i = 0; i < stave_option_count(); i++) {
    stave_option_info info = row(i);
    for (size_t j = 0; j < sizeof nonsense / sizeof *nonsense; j++) {
      expect(STAVE_BAD_OPTION, stave_options_set(o, info.name, nonsense[j]));
      expect_text(info.name);
    }
    char text[TEXT_MAX];
    get_text(o, info.name, text);
    assert_string_equal(text, info.default_value);
  }
  stave_options_destroy(o);
}

/* "4KiB" -> 4096, "2s" -> 2000, "60" -> 60: in the unit that a bare number is written in. */
static bool in_base_units(const char* text, unsigned long long* out, const char** unit) {
  static const struct {
    const char* suffix;
    unsigned long long factor;
    const char* base;
  } units[] = {{"", 1, ""},
               {"%", 1, "%"},
               {"B", 1, ""},
               {"KiB", 1ULL << 10, ""},
               {"MiB", 1ULL << 20, ""},
               {"GiB", 1ULL << 30, ""},
               {"TiB", 1ULL << 40, ""},
               {"KB", 1000, ""},
               {"MB", 1000000, ""},
               {"GB", 1000000000, ""},
               {"ms", 1, "ms"},
               {"s", 1000, "ms"},
               {"m", 60000, "ms"},
               {"min", 60000, "ms"},
               {"h", 3600000, "ms"},
               {"d", 86400000, "ms"}};
  char* end = NULL;
  unsigned long long n = strtoull(text, &end, 10);
  if (end == text) return false;
  for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
    if (strcmp(end, units[i].suffix) != 0) continue;
    *out = n * units[i].factor;
    *unit = units[i].base;
    return true;
  }
  return false;
}

static void one_past_every_bound_is_refused_with_the_bound_in_the_text(void** state) {
  (void)state;
  stave_options* o = NULL;
  expect(STAVE_OK, stave_options_create(&o));
  unsigned bounds = 0;
  for (size_t i = 0; i < stave_option_count(); i++) {
    stave_option_info info = row(i);
    unsigned long long n = 0;
    const char* unit = "";
    char value[64];
    if (in_base_units(info.minimum, &n, &unit) && n > 0) {
      snprintf(value, sizeof value, "%llu%s", n - 1, unit);
      expect(STAVE_BAD_OPTION, stave_options_set(o, info.name, value));
      expect_text(info.minimum);
      bounds++;
    }
    if (in_base_units(info.maximum, &n, &unit) && n < UINT64_MAX) {
      snprintf(value, sizeof value, "%llu%s", n + 1, unit);
      expect(STAVE_BAD_OPTION, stave_options_set(o, info.name, value));
      expect_text(info.maximum);
      bounds++;
    }
  }
  assert_true(bounds > 3);
  stave_options_destroy(o);
}

static void an_unknown_name_suggests_the_near_one(void** state) {
  (void)state;
  stave_options* o = NULL;
  expect(STAVE_OK, stave_options_create(&o));
  for (size_t i = 0; i < stave_option_count(); i++) {
    stave_option_info info = row(i);
    char name[TEXT_MAX];
    snprintf(name, sizeof name, "%sx", info.name);
    expect(STAVE_UNKNOWN_OPTION, stave_options_set(o, name, info.default_value));
    expect_text(info.name);
    char text[TEXT_MAX] = "unset";
    size_t length = 99;
    expect(STAVE_UNKNOWN_OPTION, stave_options_get(o, name, text, sizeof text, &length));
    assert_int_equal(length, 0);
  }
  expect(STAVE_UNKNOWN_OPTION, stave_options_set(o, "", "1"));
  expect(STAVE_UNKNOWN_OPTION, stave_options_set(o, "nothing.like.it.at.all", "1"));
  /* Three letters from "io", as any short word is: no suggestion, but where they are listed. */
  expect(STAVE_UNKNOWN_OPTION, stave_options_set(o, "nope", "1"));
  expect_text("stave options");
  assert_null(strstr(stave_last_error(), "did you mean"));
  stave_options_destroy(o);
}

static void a_short_buffer_gets_cut_text_and_the_full_length(void** state) {
  (void)state;
  stave_options* o = NULL;
  expect(STAVE_OK, stave_options_create(&o));
  expect(STAVE_OK, stave_options_set(o, "io", "positional"));
  char text[16];
  for (size_t cap = 0; cap <= strlen("positional") + 1; cap++) {
    memset(text, '#', sizeof text);
    size_t length = 0;
    expect(STAVE_OK, stave_options_get(o, "io", text, cap, &length));
    assert_int_equal(length, strlen("positional"));
    assert_int_equal(text[cap], '#');
    if (cap > 0) assert_int_equal(strlen(text), cap - 1);
    if (cap > 1) assert_memory_equal(text, "positional", cap - 1);
  }
  stave_options_destroy(o);
}

static void rows_past_the_end_do_not_exist(void** state) {
  (void)state;
  stave_option_info info;
  memset(&info, 0x5a, sizeof info);
  info.size = sizeof info;
  expect(STAVE_INVALID_ARGUMENT, stave_option_at(stave_option_count(), &info));
  assert_null(info.name);
  expect(STAVE_INVALID_ARGUMENT, stave_option_at(SIZE_MAX, &info));
}

static void units_mean_what_they_say(void** state) {
  (void)state;
  stave_options* o = NULL;
  expect(STAVE_OK, stave_options_create(&o));
  const char* same[][2] = {{"1MiB", "1048576"}, {"1MB", "1000000"}, {"1GiB", "1024MiB"}};
  for (size_t i = 0; i < 3; i++) {
    char a[TEXT_MAX];
    char b[TEXT_MAX];
    expect(STAVE_OK, stave_options_set(o, "max_file_size", same[i][0]));
    get_text(o, "max_file_size", a);
    expect(STAVE_OK, stave_options_set(o, "max_file_size", same[i][1]));
    get_text(o, "max_file_size", b);
    assert_string_equal(a, b);
  }
  stave_options_destroy(o);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(every_row_is_complete_and_its_default_is_what_get_says),
      CASE(names_are_unique),
      CASE(canonical_text_is_a_fixed_point_of_set),
      CASE(every_choice_can_be_set_and_no_other),
      CASE(nonsense_is_refused_by_every_row_and_changes_nothing),
      CASE(one_past_every_bound_is_refused_with_the_bound_in_the_text),
      CASE(an_unknown_name_suggests_the_near_one),
      CASE(a_short_buffer_gets_cut_text_and_the_full_length),
      CASE(rows_past_the_end_do_not_exist),
      CASE(units_mean_what_they_say),
  };
  return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
