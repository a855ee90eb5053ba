#include "cli/menu/menu.h"

#include "cli/guarded.h"
#include "cli/human.h"
#include "cli/interrupt.h"
#include "cli/menu/pages.h"

namespace stave::cli {

const Menu::Choice Menu::kChoices[] = {
    {"1", "Add an entry", &Menu::add},
    {"2", "View an entry", &Menu::view_one},
    {"3", "Change an entry", &Menu::change},
    {"4", "Delete an entry", &Menu::remove},
    {"5", "List entries", &Menu::list},
    {"6", "Search in keys and values", &Menu::search},
    {"7", "Statistics", &Menu::statistics},
    {"8", "Compact: give back the space of what was replaced or deleted", &Menu::compact},
    {"9", "Back up to another directory", &Menu::backup},
    {"0", "Quit", nullptr},
};

Exit Menu::run() {
  ask_.say(
      "An entry is a key and its value. Type what you see: \\n is a new line, \\t a TAB, \\\\ a\n"
      "backslash. Enter alone goes back and changes nothing.");
  for (bool listed = false;;) {
    if (!listed) print_choices();
    const std::optional<std::string> answer = ask_.line("Your choice: ");
    if (!answer) {
      ask_.say(ask_.ended() ? "The end of the input: the store is closed, all is kept."
                            : "The store is closed, all is kept.");
      return ask_.ended() ? Exit::ok : kInterruptedExit;
    }
    if (answer->empty()) {
      listed = false;
      continue;
    }
    const Choice* choice = find(*answer);
    listed = choice == nullptr;
    if (listed) {
      ask_.say("There is no choice '" + shown_within(*answer, 40) +
               "': type one of the numbers 0 to 9, then Enter.");
      continue;
    }
    if (choice->action == nullptr) return Exit::ok;
    guarded_and_flushed(session_.context(), [&] {
      (this->*choice->action)();
      return Exit::ok;
    });
    take_interrupt();
  }
}

void Menu::print_choices() {
  ask_.say("");
  for (const Choice& choice : kChoices) {
    std::string row("  ");
    row.append(choice.number).append("  ").append(choice.text);
    ask_.say(row);
  }
}

const Menu::Choice* Menu::find(const std::string& answer) const {
  for (const Choice& choice : kChoices) {
    if (answer == choice.number) return &choice;
  }
  return nullptr;
}

void Menu::said_nothing_changed() { ask_.say("Nothing was changed."); }

bool Menu::show(const std::string& key) {
  stave_entry entry{};
  entry.size = sizeof entry;
  void* own = nullptr;
  size_t length = 0;
  const int status = stave_get_entry(session_.db(), key.data(), key.size(), &entry, &own, &length);
  const Allocated owner(own);
  if (status == STAVE_NOT_FOUND) {
    ask_.say("There is no entry '" + shown(key) + "'. 5 in the menu lists what there is.");
    return false;
  }
  check(status);
  ask_.say("Key:   " + shown(key));
  ask_.say("Value: " + shown(view(own, length)));
  std::string about = "       " + counted(length, "byte");
  if (entry.expires_at_ms != 0) about += ", expires " + human_time(entry.expires_at_ms);
  ask_.say(about);
  return true;
}

void Menu::add() {
  const std::optional<std::string> key = ask_.key("Key of the new entry: ");
  if (!key) return said_nothing_changed();
  int exists = 0;
  check(stave_exists(session_.db(), key->data(), key->size(), &exists));
  if (exists != 0) {
    return ask_.say("There is an entry '" + shown(*key) +
                    "' already, and it stays. 3 in the menu changes it.");
  }
  const std::optional<std::string> value = ask_.value("Its value (\"\" for an empty one): ");
  if (!value) return said_nothing_changed();
  check(stave_put_if_absent(session_.db(), key->data(), key->size(), value->data(), value->size(),
                            STAVE_WRITE_SYNC));
  ask_.say("Stored: " + shown(*key) + " = " + shown(*value));
}

void Menu::view_one() {
  const std::optional<std::string> key = ask_.key("Key: ");
  if (key) show(*key);
}

void Menu::change() {
  const std::optional<std::string> key = ask_.key("Key of the entry to change: ");
  if (!key || !show(*key)) return said_nothing_changed();
  const std::optional<std::string> value =
      ask_.value("New value (\"\" for an empty one; Enter leaves it as it is): ");
  if (!value) return said_nothing_changed();
  // When it expires stays as it was; it may have expired while the new value was being typed.
  stave_entry entry{};
  entry.size = sizeof entry;
  check(stave_get_entry(session_.db(), key->data(), key->size(), &entry, nullptr, nullptr));
  check(stave_put_until(session_.db(), key->data(), key->size(), value->data(), value->size(),
                        entry.expires_at_ms, STAVE_WRITE_SYNC));
  ask_.say("Stored: " + shown(*key) + " = " + shown(*value));
}

void Menu::remove() {
  const std::optional<std::string> key = ask_.key("Key of the entry to delete: ");
  if (!key || !show(*key)) return said_nothing_changed();
  if (!ask_.yes("Delete it for good?")) return said_nothing_changed();
  check(stave_delete(session_.db(), key->data(), key->size(), STAVE_WRITE_SYNC));
  ask_.say("Deleted: " + shown(*key));
}

void Menu::show_pages(const std::string& prefix, const std::string& text) {
  Pages(session_.db(), prefix, text).run(ask_, [this](const std::string& key) { show(key); });
}

void Menu::list() {
  const std::optional<std::string> prefix = ask_.key("Only keys that begin with (Enter for all): ");
  if (ask_.ended() || ask_.interrupted()) return;
  show_pages(prefix.value_or(""), "");
}

void Menu::search() {
  const std::optional<std::string> text =
      ask_.key("Text to look for, large and small letters as they are: ");
  if (text) show_pages("", *text);
}

void Menu::statistics() { session_.run({{"stats"}}); }

void Menu::compact() {
  ask_.say("At work; a large store takes a while.");
  session_.context().out.flush();  // before the progress bar, which is not for standard output
  session_.run({{"merge"}});
}

void Menu::backup() {
  const std::optional<std::string> dir =
      ask_.line("Directory of the backup, a new one or that of an earlier backup: ");
  if (!dir || dir->empty()) return;
  session_.run({{"backup"}, {.text = *dir, .literal = true}});
}

}  // namespace stave::cli
