#include "cli/session/words.h"

#include <algorithm>

#include "cli/encoding.h"

namespace stave::cli {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

class Splitter {
 public:
  explicit Splitter(std::string_view text) : text_(text) {}

  Words split() {
    while (at_ < text_.size()) step();
    if (in_word_) {
      words_.last_at = begin_;
      finish_word();
    }
    words_.unfinished = words_.unfinished || quote_ != 0;
    return std::move(words_);
  }

 private:
  void step() {
    const char c = text_[at_];
    if (c == '\\') return escape();
    if (quote_ != 0) {
      if (c == quote_) {
        quote_ = 0;
      } else {
        word_.text += c;
      }
    } else if (is_blank(c)) {
      finish_word();
    } else if (c == '#' && !in_word_) {
      at_ = std::min(text_.find('\n', at_), text_.size());
      return;
    } else {
      const bool opens = c == '\'' || c == '"';
      begin_word(opens);
      if (opens) {
        quote_ = c;
      } else {
        word_.text += c;
      }
    }
    ++at_;
  }

  void begin_word(bool literal) {
    if (in_word_) return;
    in_word_ = true;
    begin_ = at_;
    word_ = {.text = {}, .literal = literal};
  }

  void finish_word() {
    if (in_word_) words_.words.push_back(std::move(word_));
    in_word_ = false;
  }

  void escape() {
    const std::string_view rest = text_.substr(at_ + 1);
    if (rest.empty()) {
      words_.unfinished = true;
      ++at_;
    } else if (rest.front() == '\n') {
      at_ += 2;
    } else {
      begin_word(true);
      at_ += 1 + take_escape(rest);
    }
  }

  // Appends what the escape means; returns its length without the backslash.
  size_t take_escape(std::string_view rest) {
    static constexpr std::string_view kSelf = "\"'# ";
    if (rest.front() == '0') {
      word_.text += '\0';
      return 1;
    }
    if (kSelf.find(rest.front()) != std::string_view::npos) {
      word_.text += rest.front();
      return 1;
    }
    const size_t length = rest.front() == 'x' ? std::min<size_t>(rest.size(), 3) : 1;
    std::string sequence(1, '\\');
    sequence += rest.substr(0, length);
    try {
      word_.text += decode(Encoding::escaped, sequence);
    } catch (const DecodeError&) {
      std::string shown;
      append_printable(shown, sequence);
      throw DecodeError(
          "there is no escape " + shown +
          " (write \\\\ for a backslash; known: \\n \\t \\r \\0 \\xHH \\\\ \\\" \\')");
    }
    return length;
  }

  const std::string_view text_;
  size_t at_ = 0;
  Words words_;
  Argument word_;
  bool in_word_ = false;
  size_t begin_ = 0;  // of the word
  char quote_ = 0;    // the open one
};

bool is_plain(std::string_view bytes) {
  static constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@%+,=";
  return !bytes.empty() && bytes.front() != '-' &&
         bytes.find_first_not_of(kPlain) == std::string_view::npos;
}

}  // namespace

Words split_words(std::string_view text) { return Splitter(text).split(); }

std::string quote_word_begin(std::string_view bytes) {
  if (is_plain(bytes)) return std::string(bytes);
  std::string escaped;
  append_encoded(escaped, Encoding::escaped, bytes);
  std::string out = "\"";
  for (const char c : escaped) {
    if (c == '"') out += '\\';
    out += c;
  }
  return out;
}

std::string quote_word(std::string_view bytes) {
  std::string out = quote_word_begin(bytes);
  if (!is_plain(bytes)) out += '"';
  return out;
}

void add_line(std::string& command, std::string_view line) {
  command += '\n';
  command += line;
}

std::string as_one_line(std::string_view command) {
  std::string out;
  bool escaped = false;  // the last character is a backslash that escapes
  for (const char c : command) {
    if (c == '\n' && escaped) {
      out.pop_back();
    } else if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
    escaped = c == '\\' && !escaped;
  }
  return out;
}

}  // namespace stave::cli
