// The menu of `stave menu`. Every change is asked for, said, and survives a power cut when it has
// been said; where the input ends or Ctrl-C is typed in the middle of one, nothing is changed.
#pragma once

#include <string>

#include "cli/menu/questions.h"
#include "cli/session/session.h"

namespace stave::cli {

class Menu {
 public:
  Menu(Session& session, LineInput& input, Output& out) : session_(session), ask_(input, out) {}

  // Until somebody quits: Exit::ok, also at the end of the input; kInterruptedExit after Ctrl-C at
  // the menu itself. What goes wrong with an entry is told, and the menu comes back.
  Exit run();

 private:
  struct Choice {
    const char* number;
    const char* text;
    void (Menu::*action)();
  };
  static const Choice kChoices[];

  void print_choices();
  const Choice* find(const std::string& answer) const;

  void add();
  void view_one();
  void change();
  void remove();
  void list();
  void search();
  void statistics();
  void compact();
  void backup();

  // False, and said, if there is no such entry.
  bool show(const std::string& key);
  void show_pages(const std::string& prefix, const std::string& text);
  void said_nothing_changed();

  Session& session_;
  Questions ask_;
};

}  // namespace stave::cli
