#include "cli/encoding.h"

#include <cstdlib>
#include <random>

#include "support/cmocka.h"

namespace stave::cli {
namespace {

constexpr Encoding kAll[] = {Encoding::raw, Encoding::escaped, Encoding::hex, Encoding::base64};

std::string encoded(Encoding encoding, std::string_view bytes) {
  std::string out = "before:";
  append_encoded(out, encoding, bytes);
  assert_true(out.starts_with("before:"));
  return out.substr(7);
}

void assert_text(const std::string& got, const char* want) {
  assert_string_equal(got.c_str(), want);
}

bool refused(Encoding encoding, std::string_view text) {
  try {
    (void)decode(encoding, text);
  } catch (const DecodeError& error) {
    return error.what()[0] != '\0';
  }
  return false;
}

void known_texts(void**) {
  const std::string_view bytes("\0\xff A\n\\", 6);
  assert_text(encoded(Encoding::escaped, bytes), "\\x00\\xff A\\n\\\\");
  assert_text(encoded(Encoding::hex, bytes), "00ff20410a5c");
  assert_text(encoded(Encoding::base64, bytes), "AP8gQQpc");
  for (Encoding encoding : kAll) assert_text(encoded(encoding, ""), "");
}

void random_bytes_come_back(void**) {
  const char* given = std::getenv("STAVE_TEST_SEED");
  const uint64_t seed =
      given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
  print_message("STAVE_TEST_SEED=%llu\n", static_cast<unsigned long long>(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes(random() % 50, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    for (Encoding encoding : kAll) {
      assert_true(decode(encoding, encoded(encoding, bytes)) == bytes);
    }
    const std::string column = encoded(Encoding::escaped, bytes);
    assert_true(column.find_first_of("\t\n\r") == std::string::npos);
    assert_true(is_utf8(column));
  }
}

void bad_texts_are_refused(void**) {
  for (const char* text : {"\\", "a\\", "\\q", "\\x", "\\x4", "\\xg0", "\\x0g"}) {
    assert_true(refused(Encoding::escaped, text));
  }
  for (const char* text : {"0", "0g", "000"}) assert_true(refused(Encoding::hex, text));
  for (const char* text : {"A", "AA", "AA=", "AA==A", "A*=="}) {
    assert_true(refused(Encoding::base64, text));
  }
}

void utf8_is_strict(void**) {
  for (const char* text : {"", "a", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"}) {
    assert_true(is_utf8(text));
  }
  // Overlong, surrogate, beyond U+10FFFF, cut short, lone continuation.
  for (const char* text : {"\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\x80"}) {
    assert_false(is_utf8(text));
  }
}

}  // namespace
}  // namespace stave::cli

int main() {
  using namespace stave::cli;
  const CMUnitTest tests[] = {
      cmocka_unit_test(known_texts),
      cmocka_unit_test(random_bytes_come_back),
      cmocka_unit_test(bad_texts_are_refused),
      cmocka_unit_test(utf8_is_strict),
  };
  return cmocka_run_group_tests_name("cli encoding", tests, nullptr, nullptr);
}
