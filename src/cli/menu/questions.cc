#include "cli/menu/questions.h"

#include <stave/stave.h>

#include <algorithm>

#include "cli/encoding.h"
#include "cli/failure.h"
#include "cli/human.h"

namespace stave::cli {
namespace {
constexpr std::string_view kEmptyValue = "\"\"";
}

std::optional<std::string> Questions::line(const std::string& prompt) {
  if (ended()) return std::nullopt;  // a terminal could be read on
  out_.flush();
  std::string text;
  last_ = input_.next(prompt, text);
  if (last_ != LineInput::Got::line) return std::nullopt;
  return text;
}

// Not empty. Escapes are those in which keys and values are shown.
std::optional<std::string> Questions::bytes(const std::string& prompt, std::string_view as_empty) {
  for (;;) {
    std::optional<std::string> text = line(prompt);
    if (!text || text->empty()) return std::nullopt;
    if (*text == as_empty) return "";
    try {
      return decode(Encoding::escaped, *text);
    } catch (const DecodeError& error) {
      say("That cannot be read: " + std::string(error.what()) +
          ". For a backslash type two of them. Try again, or press Enter to go back.");
    }
  }
}

std::optional<std::string> Questions::key(const std::string& prompt) {
  for (;;) {
    std::optional<std::string> key = bytes(prompt, "");
    if (!key || key->size() <= STAVE_KEY_SIZE_MAX) return key;
    say("That key has " + human_count(key->size()) + " bytes; keys have " +
        human_count(STAVE_KEY_SIZE_MAX) +
        " at most. Type a shorter one, or press Enter to go back.");
  }
}

std::optional<std::string> Questions::value(const std::string& prompt) {
  return bytes(prompt, kEmptyValue);
}

bool Questions::yes(const std::string& question) {
  for (;;) {
    const std::optional<std::string> answer = line(question + " (y or n): ");
    if (!answer) return false;
    if (*answer == "y" || *answer == "Y" || *answer == "yes") return true;
    if (*answer == "n" || *answer == "N" || *answer == "no") return false;
    say("Type y for yes or n for no, then Enter.");
  }
}

std::string shown(std::string_view bytes) {
  std::string out;
  append_encoded(out, Encoding::escaped, bytes);
  return out;
}

std::string shown_within(std::string_view bytes, size_t columns) {
  static constexpr std::string_view kCut = "...";
  // Large values are not encoded as a whole only to be cut.
  std::string text = shown(bytes.substr(0, columns * 4));
  auto is_start = [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; };
  if (static_cast<size_t>(std::count_if(text.begin(), text.end(), is_start)) <= columns &&
      bytes.size() <= columns * 4) {
    return text;
  }
  size_t end = 0;
  for (size_t characters = 0; end < text.size(); ++end) {
    if (is_start(text[end]) && ++characters > columns - kCut.size()) break;
  }
  return text.erase(end).append(kCut);
}

}  // namespace stave::cli
