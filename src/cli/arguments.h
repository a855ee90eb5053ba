// The command line as CLI11 must see it for every key and value to arrive byte for byte.
//
// CLI11 2.1 has words of its own: "[a,b]" is taken apart as a list, "++" ends a verb, in
// "--prefix=" the next argument becomes the value, and "-5" is a flag. Such arguments are marked
// before the parse, and the mark is taken off the results.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace stave::cli {

struct Argument {
  std::string text;
  bool literal = false;  // never a flag: it was quoted
};

// As the parser must get them.
std::vector<std::string> mark_arguments(const std::vector<Argument>& arguments);

// argv[1..].
std::vector<Argument> take_arguments(int argc, char** argv);

// Takes the mark off, if there is one.
void unmark(std::string& text);

// Makes every option and argument of the parser, present verbs included, take the mark off.
void unmark_results(CLI::App& app);

}  // namespace stave::cli
