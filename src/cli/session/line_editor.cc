#include "cli/session/line_editor.h"

#include <histedit.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cwchar>

#include "cli/failure.h"
#include "cli/interrupt.h"
#include "cli/session/history.h"
#include "cli/terminal.h"

namespace stave::cli {
namespace {

// Of the terminal: its size changed, or the process came back from Ctrl-Z.
volatile std::sig_atomic_t resized = 0;
volatile std::sig_atomic_t continued = 0;

extern "C" void on_resize(int) {
  resized = 1;
  wake_up();
}
extern "C" void on_continue(int) {
  continued = 1;
  wake_up();
}

void handle(int signal, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, nullptr);
}

// After a signal: brings the terminal and what it shows up to date.
void look_at_signals(EditLine* edit) {
  if (resized != 0) {
    resized = 0;
    el_resize(edit);
  }
  if (continued != 0) {
    continued = 0;
    el_set(edit, EL_PREP_TERM, 1);
    el_set(edit, EL_REFRESH);
  }
}

void print_choices(const std::vector<std::string>& choices) {
  size_t widest = 0;
  for (const std::string& choice : choices) widest = std::max(widest, choice.size());
  const size_t column = widest + 2;
  const size_t per_line = std::max<size_t>(1, terminal_width(STDOUT_FILENO) / column);
  std::string text = "\n";
  for (size_t i = 0; i < choices.size(); ++i) {
    const bool ends_line = (i + 1) % per_line == 0 || i + 1 == choices.size();
    text += choices[i] + (ends_line ? "\n" : std::string(column - choices[i].size(), ' '));
  }
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

// libedit counts characters, not bytes.
int characters_in(const std::string& text) {
  const size_t count = std::mbstowcs(nullptr, text.c_str(), 0);
  return static_cast<int>(count == static_cast<size_t>(-1) ? text.size() : count);
}

}  // namespace

struct LineEditor::Libedit {
  History* history = history_init();
  EditLine* edit = el_init("stave", stdin, stdout, stderr);
  Complete complete;
  std::string prompt;
  bool interrupted = false;

  Libedit() = default;
  ~Libedit() {
    if (edit != nullptr) el_end(edit);
    if (history != nullptr) history_end(history);
  }
  Libedit(const Libedit&) = delete;
  Libedit& operator=(const Libedit&) = delete;

  static Libedit& of(EditLine* edit) {
    void* self = nullptr;
    el_get(edit, EL_CLIENTDATA, &self);
    return *static_cast<Libedit*>(self);
  }

  static char* prompt_of(EditLine* edit) { return of(edit).prompt.data(); }
  static int read_character(EditLine* edit, wchar_t* character);
  static unsigned char complete_at(EditLine* edit, wint_t key);
};

// 1: a character, 0: the end, -1: give the line up.
int LineEditor::Libedit::read_character(EditLine* edit, wchar_t* character) {
  std::mbstate_t state{};
  for (;;) {
    std::array<pollfd, 2> wait = {{{STDIN_FILENO, POLLIN, 0}, {wake_descriptor(), POLLIN, 0}}};
    if (poll(wait.data(), wait.size(), -1) < 0 && errno != EINTR) return -1;
    of(edit).interrupted = take_interrupt();
    if (of(edit).interrupted) return -1;
    look_at_signals(edit);
    if (wait[0].revents == 0) continue;
    char byte = 0;
    const ssize_t n = ::read(STDIN_FILENO, &byte, 1);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return static_cast<int>(n);
    const size_t length = std::mbrtowc(character, &byte, 1, &state);
    if (length == static_cast<size_t>(-2)) continue;  // more bytes are wanted
    if (length != static_cast<size_t>(-1)) return 1;
    state = {};  // no character: what was typed of it is dropped
  }
}

unsigned char LineEditor::Libedit::complete_at(EditLine* edit, wint_t) {
  const Libedit& self = of(edit);
  if (!self.complete) return CC_ERROR;
  const LineInfo* info = el_line(edit);
  const std::string before(info->buffer, info->cursor);
  const Completion completion = self.complete(before);
  const std::string replaced = before.substr(completion.from);
  if (completion.choices.empty() && replaced == completion.text) return CC_ERROR;  // beeps
  if (!completion.choices.empty()) print_choices(completion.choices);
  if (!replaced.empty()) el_deletestr(edit, characters_in(replaced));
  if (!completion.text.empty()) el_insertstr(edit, completion.text.c_str());
  return completion.choices.empty() ? CC_REFRESH : CC_REDISPLAY;
}

LineEditor::LineEditor(Complete complete) : libedit_(std::make_unique<Libedit>()) {
  EditLine* edit = libedit_->edit;
  History* lines = libedit_->history;
  if (edit == nullptr || lines == nullptr) {
    throw Failure(Exit::other, "the terminal cannot be prepared for editing");
  }
  libedit_->complete = std::move(complete);
  HistEvent event{};
  history(lines, &event, H_SETSIZE, static_cast<int>(HistoryFile::kLinesMax));
  history(lines, &event, H_SETUNIQUE, 1);
  el_set(edit, EL_CLIENTDATA, libedit_.get());
  el_set(edit, EL_EDITOR, "emacs");
  el_set(edit, EL_SIGNAL, 0);  // ours: Ctrl-C must end this call, and not the process
  el_set(edit, EL_PROMPT, &Libedit::prompt_of);
  el_set(edit, EL_HIST, history, lines);
  el_set(edit, EL_GETCFN, &Libedit::read_character);
  el_set(edit, EL_BIND, "^R", "em-inc-search-prev", nullptr);
  // Not el_set: libedit never frees the copies it makes of its narrow strings.
  el_wset(edit, EL_ADDFN, L"stave-complete", L"Complete what stands before the cursor",
          &Libedit::complete_at);
  el_set(edit, EL_BIND, "^I", "stave-complete", nullptr);
  el_source(edit, nullptr);
  handle(SIGWINCH, on_resize);
  handle(SIGCONT, on_continue);
}

LineEditor::~LineEditor() {
  handle(SIGWINCH, SIG_DFL);
  handle(SIGCONT, SIG_DFL);
}

LineInput::Got LineEditor::next(const std::string& prompt, std::string& line) {
  libedit_->prompt = prompt;
  libedit_->interrupted = false;
  take_interrupt();                         // one that came too late for the command before
  el_set(libedit_->edit, EL_PREP_TERM, 1);  // before the prompt: what is typed then is ours
  int count = 0;
  const char* text = el_gets(libedit_->edit, &count);
  const int error = errno;
  if (libedit_->interrupted || text == nullptr || count <= 0) {
    std::fputs(libedit_->interrupted ? "^C\n" : "\n", stdout);
    std::fflush(stdout);
    if (libedit_->interrupted) return Got::interrupted;
    if (count < 0) throw system_failure("reading the terminal", error);
    return Got::end;
  }
  line.assign(text, static_cast<size_t>(count));
  if (line.ends_with('\n')) line.pop_back();
  return Got::line;
}

void LineEditor::remember(const std::string& line) {
  HistEvent event{};
  history(libedit_->history, &event, H_ENTER, line.c_str());
}

}  // namespace stave::cli
