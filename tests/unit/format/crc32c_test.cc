#include "format/crc32c.h"

#include <string>

#include "format/crc32c_software.h"
#include "support/cmocka.h"
#include "unit/format/bytes_util.h"

namespace stave {
namespace {

using test::Random;

// The definition, one bit at a time.
uint32_t crc_by_bits(uint32_t crc, Bytes bytes) {
  crc = ~crc;
  for (const char c : bytes) {
    crc ^= static_cast<uint8_t>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return ~crc;
}

// The check value, and the vectors of RFC 3720, B.4.
void known_vectors(void**) {
  assert_int_equal(crc32c(0, "123456789", 9), 0xe3069283);
  assert_int_equal(crc32c(0, "", 0), 0);
  std::string s(32, '\0');
  assert_int_equal(crc32c(0, s.data(), s.size()), 0x8a9136aa);
  s.assign(32, '\xff');
  assert_int_equal(crc32c(0, s.data(), s.size()), 0x62a8ab43);
  for (int i = 0; i < 32; ++i) s[static_cast<size_t>(i)] = static_cast<char>(i);
  assert_int_equal(crc32c(0, s.data(), s.size()), 0x46dd794e);
  for (int i = 0; i < 32; ++i) s[static_cast<size_t>(i)] = static_cast<char>(31 - i);
  assert_int_equal(crc32c(0, s.data(), s.size()), 0x113fdb5c);
}

void every_length_and_alignment_equals_the_definition(void**) {
  Random random(test::test_seed());
  const std::string all = random.bytes(800);
  for (size_t start = 0; start < 8; ++start) {
    for (size_t n = 0; n + start <= all.size(); ++n) {
      const Bytes part = Bytes(all).substr(start, n);
      const uint32_t expected = crc_by_bits(static_cast<uint32_t>(n), part);
      assert_int_equal(crc32c(static_cast<uint32_t>(n), part.data(), n), expected);
      assert_int_equal(crc32c_software(static_cast<uint32_t>(n), part.data(), n), expected);
    }
  }
}

// Around the sizes at which the three lanes change their length.
void long_inputs_equal_software(void**) {
  Random random(test::test_seed());
  const std::string all = random.bytes(20000);
  for (size_t start = 0; start < 8; ++start) {
    for (size_t n = 800; n + start <= all.size(); n += 1 + random.below(40)) {
      assert_int_equal(crc32c(7, all.data() + start, n), crc32c_software(7, all.data() + start, n));
    }
  }
  for (size_t n = 3040; n < 3200; ++n) {
    assert_int_equal(crc32c(7, all.data(), n), crc32c_software(7, all.data(), n));
  }
}

void a_crc_continues_another(void**) {
  Random random(test::test_seed());
  const std::string all = random.bytes(500);
  const uint32_t whole = crc32c(99, all.data(), all.size());
  for (size_t cut = 0; cut <= all.size(); ++cut) {
    const uint32_t first = crc32c(99, all.data(), cut);
    assert_int_equal(crc32c(first, all.data() + cut, all.size() - cut), whole);
  }
}

}  // namespace
}  // namespace stave

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(stave::known_vectors),
      cmocka_unit_test(stave::every_length_and_alignment_equals_the_definition),
      cmocka_unit_test(stave::long_inputs_equal_software),
      cmocka_unit_test(stave::a_crc_continues_another),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
