// The one list of options: it feeds the C API's enumeration, the command line's flags, and
// whatever else shows or sets options.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "engine/options.h"

namespace stave {

struct OptionRow {
  const char* name;
  const char* type;  // bool, int, percent, size, duration, choice
  uint64_t minimum;  // of numbers
  uint64_t maximum;
  const char* choices;  // of choices
  const char* description;
  const char* since;
  Status (*set)(const OptionRow& row, Options& options, const std::string& text);
  std::string (*get)(const Options& options);
};

const std::vector<OptionRow>& option_table();
// nullptr: there is none of that name.
const OptionRow* find_option(const std::string& name);
// unknown_option (names near ones), bad_option (says what is allowed).
Status set_option(Options& options, const std::string& name, const std::string& text);
// A row's bound as text in its unit; "" for types without bounds.
std::string bound_text(const OptionRow& row, uint64_t bound);

}  // namespace stave
