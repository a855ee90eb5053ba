#include "cli/menu/pages.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "cli/failure.h"
#include "cli/human.h"
#include "cli/interrupt.h"
#include "cli/terminal.h"

namespace stave::cli {
namespace {

IterHandle make_iter(stave_db* db, const std::string& prefix) {
  stave_iter* made = nullptr;
  check(stave_iter_create(db, prefix.data(), prefix.size(), &made));
  return IterHandle(made);
}

// 0: none of first..last.
size_t number_in(const std::string& text, size_t first, size_t last) {
  size_t number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && rest == end && number >= first && number <= last ? number : 0;
}

}  // namespace

Pages::Pages(stave_db* db, const std::string& prefix, std::string text)
    : iter_(make_iter(db, prefix)), text_(std::move(text)) {
  more_ = next_match(ahead_);
}

bool Pages::next_match(Row& row) {
  for (;;) {
    check_interrupt();
    const int status = stave_iter_next(iter_.get());
    if (status == STAVE_DONE) return false;
    check(status);
    size_t length = 0;
    const void* bytes = stave_iter_key(iter_.get(), &length);
    row.key = view(bytes, length);
    check(stave_iter_value(iter_.get(), &bytes, &length));
    const std::string_view value = view(bytes, length);
    if (row.key.find(text_) == std::string::npos && value.find(text_) == std::string_view::npos) {
      continue;
    }
    row.value = value;
    return true;
  }
}

std::vector<Pages::Row> Pages::next_page() {
  std::vector<Row> rows;
  while (more_ && rows.size() < kRows) {
    rows.push_back(std::move(ahead_));
    more_ = next_match(ahead_);
  }
  return rows;
}

void Pages::run(Questions& questions, const std::function<void(const std::string&)>& show) {
  if (!more_) return questions.say("There are none.");
  const size_t width = std::max<size_t>(terminal_width(STDOUT_FILENO), 40);
  std::vector<Row> rows = next_page();
  for (bool fresh = true;;) {
    const size_t first = shown_ + 1;
    const size_t last = shown_ + rows.size();
    for (size_t i = 0; fresh && i < rows.size(); ++i) {
      const std::string head = pad_left(std::to_string(first + i), 5) + "  " +
                               shown_within(rows[i].key, width / 3) + " = ";
      questions.say(head + shown_within(rows[i].value, width / 2));
    }
    const std::string range = last == first ? std::to_string(first)
                                            : std::to_string(first) + " to " + std::to_string(last);
    const std::optional<std::string> answer =
        questions.line("Enter for " + std::string(more_ ? "more, q to go back" : "the menu") +
                       ", or a number (" + range + ") to see all of an entry: ");
    if (!answer || *answer == "q" || (answer->empty() && !more_)) return;
    fresh = answer->empty();
    if (fresh) {
      shown_ = last;
      rows = next_page();
    } else if (const size_t number = number_in(*answer, first, last); number != 0) {
      show(rows[number - first].key);
    } else {
      questions.say("That is no number on this page: type one of " + range + ", q, or only Enter.");
    }
  }
}

}  // namespace stave::cli
