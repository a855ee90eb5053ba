#include "cli/session/words.h"

#include <algorithm>
#include <random>

#include "cli/encoding.h"
#include "support/cmocka.h"

namespace stave::cli {
namespace {

constexpr size_t kRounds = 20000;

std::string random_bytes(std::mt19937& random, size_t most) {
  static constexpr std::string_view kOften = " \t\n\r\\'\"#-x0n";
  std::string out(random() % (most + 1), '\0');
  for (char& c : out) {
    c = random() % 2 == 0 ? kOften[random() % kOften.size()] : static_cast<char>(random());
  }
  return out;
}

void quoted_words_come_back(void**) {
  std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): the same rounds each time
  for (size_t round = 0; round < kRounds; ++round) {
    std::vector<std::string> words(1 + random() % 4);
    std::string line;
    for (std::string& word : words) {
      word = random_bytes(random, 12);
      line += quote_word(word) + " ";
    }
    assert_true(line.find('\n') == std::string::npos && is_utf8(line));
    const Words split = split_words(line);
    assert_false(split.unfinished);
    assert_false(split.last_at.has_value());
    assert_int_equal(split.words.size(), words.size());
    for (size_t i = 0; i < words.size(); ++i) {
      assert_true(split.words[i].text == words[i]);
      assert_true(split.words[i].literal || words[i].front() != '-');
    }
  }
}

// What CommandReader puts together: it asks for a line only while the command is unfinished.
bool can_be_read(const std::string& command) {
  for (size_t at = 0; (at = command.find('\n', at)) != std::string::npos; ++at) {
    if (!split_words(command.substr(0, at)).unfinished) return false;
  }
  return !split_words(command).unfinished;
}

bool same(const std::vector<Argument>& a, const std::vector<Argument>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const Argument& x, const Argument& y) { return x.text == y.text; });
}

void one_line_means_the_same(void**) {
  std::mt19937 random(2);  // NOLINT(cert-msc51-cpp)
  size_t of_several_lines = 0;
  for (size_t round = 0; round < kRounds; ++round) {
    std::string command = "x '";
    for (int i = 0; i < 3; ++i) add_line(command, random_bytes(random, 5));
    command += "'";
    try {
      if (!can_be_read(command)) continue;
      ++of_several_lines;
      const std::string line = as_one_line(command);
      assert_true(line.find('\n') == std::string::npos);
      assert_true(same(split_words(line).words, split_words(command).words));
    } catch (const DecodeError&) {
      continue;  // no escape
    }
  }
  assert_true(of_several_lines > 100);
}

void ends_inside_of_a_word_are_told(void**) {
  assert_int_equal(split_words("get ab").last_at.value_or(99), 4);
  assert_int_equal(split_words("get 'a b").last_at.value_or(99), 4);
  assert_true(split_words("get 'a b").unfinished);
  assert_true(split_words("get a\\").unfinished);
  assert_false(split_words("get a ").last_at.has_value());
  assert_false(split_words("get a # 'x").unfinished);
}

}  // namespace
}  // namespace stave::cli

int main() {
  using namespace stave::cli;
  const CMUnitTest tests[] = {
      cmocka_unit_test(quoted_words_come_back),
      cmocka_unit_test(one_line_means_the_same),
      cmocka_unit_test(ends_inside_of_a_word_are_told),
  };
  return cmocka_run_group_tests_name("cli words", tests, nullptr, nullptr);
}
