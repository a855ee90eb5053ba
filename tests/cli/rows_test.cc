#include "cli/rows.h"

#include "support/cmocka.h"

namespace stave::cli {
namespace {

constexpr Encodings kEscaped{Encoding::escaped, Encoding::escaped};

void tsv_row(void**) {
  const Row row = parse_tsv_row("a\\tb\t\\x00", kEscaped);
  assert_true(row.key == "a\tb");
  assert_true(row.value == std::string(1, '\0'));
  const Row raw = parse_tsv_row("k\tv\tw\\n", {Encoding::raw, Encoding::raw});
  assert_true(raw.value == "v\tw\\n");
}

void tsv_error_names_the_column(void**) {
  try {
    (void)parse_tsv_row("k\t\\q", kEscaped);
    fail_msg("accepted");
  } catch (const DecodeError& error) {
    assert_true(std::string_view(error.what()).starts_with("value: "));
  }
}

void json_row_chooses_the_name_by_the_bytes(void**) {
  assert_string_equal(json_row("k", "v").c_str(), "{\"key\":\"k\",\"value\":\"v\"}\n");
  assert_string_equal(json_row("\xff", std::nullopt).c_str(), "{\"key_base64\":\"/w==\"}\n");
}

void json_row_has_its_expiry(void**) {
  const std::string line = json_row("k", "v", 5);
  assert_string_equal(line.c_str(), "{\"key\":\"k\",\"value\":\"v\",\"expires_at_ms\":5}\n");
  assert_int_equal(*parse_json_row(line).expires_at_ms, 5);
  assert_int_equal(*parse_json_row(R"({"key":"k","value":"","expires_at_ms":0})").expires_at_ms, 0);
  assert_false(parse_json_row(json_row("k", "v")).expires_at_ms.has_value());
  for (const char* wrong : {"-1", "1.5", "\"5\"", "null", "true"}) {
    try {
      (void)parse_json_row(R"({"key":"k","value":"v","expires_at_ms":)" + std::string(wrong) + "}");
      fail_msg("accepted: %s", wrong);
    } catch (const DecodeError& error) {
      assert_true(std::string_view(error.what()).find("expires_at_ms") != std::string_view::npos);
    }
  }
}

void json_rows_come_back(void**) {
  std::string all(256, '\0');
  for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<char>(i);
  const std::string zero(1, '\0');
  for (const std::string& bytes : {all, zero, std::string("\"\\\n\x7f"), std::string("\xc3\xa9")}) {
    const std::string line = json_row(bytes, bytes);
    assert_int_equal(line.find('\n'), line.size() - 1);
    const Row row = parse_json_row(line);
    assert_true(row.key == bytes);
    assert_true(row.value == bytes);
  }
}

}  // namespace
}  // namespace stave::cli

int main() {
  using namespace stave::cli;
  const CMUnitTest tests[] = {
      cmocka_unit_test(tsv_row),
      cmocka_unit_test(tsv_error_names_the_column),
      cmocka_unit_test(json_row_chooses_the_name_by_the_bytes),
      cmocka_unit_test(json_row_has_its_expiry),
      cmocka_unit_test(json_rows_come_back),
  };
  return cmocka_run_group_tests_name("cli rows", tests, nullptr, nullptr);
}
