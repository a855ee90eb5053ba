// stave options, stave version: what needs no store.
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/engine_options.h"
#include "cli/human.h"

namespace stave::cli {
namespace {

std::string json_line(const stave_option_info& option) {
  nlohmann::ordered_json row = {{"name", option.name},         {"type", option.type},
                                {"unit", option_unit(option)}, {"default", option.default_value},
                                {"minimum", option.minimum},   {"maximum", option.maximum},
                                {"choices", option.choices},   {"description", option.description},
                                {"since", option.since}};
  return row.dump() + "\n";
}

class OptionsCommand : public Command {
 public:
  void declare(CLI::App&) override {}

  Exit run(Context& context) override {
    for (const stave_option_info& option : engine_options()) {
      if (context.json) {
        context.out.write(json_line(option));
        continue;
      }
      std::string head = std::string(option.name) + "=" + option.default_value;
      const std::string limits = option_bounds(option);
      head += "  (" + option_unit(option) + (limits.empty() ? "" : ", " + limits) + ")";
      context.out.write(head + "\n    " + option.description + "\n");
    }
    if (!context.json) {
      context.out.write("\nSet one with -o NAME=VALUE, which may be given many times.\n" +
                        std::string(option_units_help()) + ".\n");
    }
    return Exit::ok;
  }
};

class VersionCommand : public Command {
 public:
  void declare(CLI::App&) override {}

  Exit run(Context& context) override {
    if (context.json) {
      nlohmann::ordered_json row = {{"version", stave_version()},
                                    {"number", stave_version_number()}};
      context.out.write(row.dump() + "\n");
    } else {
      context.out.write("stave " + std::string(stave_version()) + "\n");
    }
    return Exit::ok;
  }
};

}  // namespace

std::unique_ptr<Command> make_options() { return std::make_unique<OptionsCommand>(); }
std::unique_ptr<Command> make_version() { return std::make_unique<VersionCommand>(); }

}  // namespace stave::cli
