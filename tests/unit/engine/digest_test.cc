// The keyed hash of the keydir (digest.h).
#include "engine/digest.h"

#include <set>
#include <string>

#include "support/cmocka.h"

namespace stave::test {
namespace {

std::string from_hex(const std::string& hex) {
  std::string out;
  for (size_t i = 0; i < hex.size(); i += 2) {
    out.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return out;
}

const std::string& rfc_message() {
  static const std::string message = from_hex(
      "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
      "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710");
  return message;
}

// RFC 4493, section 4.
void cmac_has_the_values_of_the_rfc(void**) {
  if (!AesCmac::available()) {
    print_message("skipped: this processor has no AES instructions\n");
    skip();
  }
  std::array<uint8_t, 16> key;
  std::memcpy(key.data(), from_hex("2b7e151628aed2a6abf7158809cf4f3c").data(), key.size());
  const AesCmac cmac(key);
  const std::pair<size_t, const char*> cases[] = {
      {0, "bb1d6929e95937287fa37d129b756746"},
      {16, "070a16b46b4d4144f79bdd9dd04a287c"},
      {40, "dfa66747de9ae63030ca32611497c827"},
      {64, "51f0bebf7e3b9d92fc49741779363cfe"},
  };
  for (const auto& [length, code] : cases) {
    uint64_t words[2];
    cmac(Bytes(rfc_message()).substr(0, length), &words[0], &words[1]);
    assert_memory_equal(words, from_hex(code).data(), sizeof words);
  }
}

// Every length must take every byte into account and none beyond: the neighbours differ.
void every_byte_of_a_key_counts(void**) {
  const Hasher h(Secret{1, 2, 3});
  for (size_t n = 1; n <= 200; ++n) {
    std::string key(n + 2, 'k');
    const Bytes middle = Bytes(key).substr(1, n);
    const Digest d = h(middle);
    key[0] = key[n + 1] = 'x';
    assert_true(h(middle).high == d.high && h(middle).low == d.low);
    for (size_t i = 1; i <= n; ++i) {
      key[i] ^= 1;
      assert_true(h(middle).high != d.high && h(middle).low != d.low);
      key[i] ^= 1;
    }
  }
}

// Zeros at the end must not pass for padding, nor a byte of 0x80 for the end.
void keys_that_differ_in_length_alone_differ(void**) {
  const Hasher h(Secret{9});
  for (const char* fill : {"\0", "\x80"}) {
    std::set<std::pair<uint64_t, uint64_t>> seen;
    for (size_t n = 1; n <= 200; ++n) {
      const Digest d = h(std::string(n, *fill));
      assert_true(seen.insert({d.high, d.low}).second);
    }
  }
}

void the_kinds_differ_for_short_keys_alone(void**) {
  if (!AesCmac::available()) {
    print_message("skipped: this processor has no AES instructions\n");
    skip();
  }
  const Hasher aes(Secret{5}, 0, HashKind::aes_for_short_keys);
  const Hasher siphash(Secret{5}, 0, HashKind::siphash);
  for (size_t n = 1; n <= 100; ++n) {
    const std::string key(n, 'a');
    assert_int_equal(aes(key).high == siphash(key).high, n > 64);
  }
}

void secrets_decide(void**) {
  for (const HashKind kind : {HashKind::siphash, Hasher::best_kind()}) {
    const Hasher a(Secret{1}, 0, kind);
    const Hasher b(Secret{2}, 0, kind);
    for (size_t n = 1; n <= 100; ++n) {
      const std::string key(n, 'a');
      assert_true(a(key).high != b(key).high);
    }
  }
}

}  // namespace
}  // namespace stave::test

int main() {
  using namespace stave::test;
  const CMUnitTest tests[] = {
      cmocka_unit_test(cmac_has_the_values_of_the_rfc),
      cmocka_unit_test(every_byte_of_a_key_counts),
      cmocka_unit_test(keys_that_differ_in_length_alone_differ),
      cmocka_unit_test(the_kinds_differ_for_short_keys_alone),
      cmocka_unit_test(secrets_decide),
  };
  return cmocka_run_group_tests_name("digest", tests, nullptr, nullptr);
}
