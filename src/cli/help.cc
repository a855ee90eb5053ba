#include "cli/help.h"

#include <CLI/CLI.hpp>

#include "bench/nearest_word.h"
#include "cli/failure.h"

namespace stave::cli {
namespace {

constexpr char kNeeds[] = "only with";
constexpr char kExcludes[] = "not with";

// "--values not with: --keys-only" as "--values (not with --keys-only)".
class HelpFormat : public CLI::Formatter {
 public:
  std::string make_option_opts(const CLI::Option* option) const override {
    std::string text = Formatter::make_option_opts(option);
    for (const char* label : {kNeeds, kExcludes}) {
      const std::string head = std::string(" ") + label + ": ";
      const size_t at = text.find(head);
      if (at == std::string::npos) continue;
      const size_t end = std::min(text.find(" " + std::string(kExcludes), at + 1), text.size());
      text.insert(end, ")");
      text.replace(at, head.size(), std::string(" (") + label + " ");
    }
    return text;
  }
};

class HelpCommand : public Command {
 public:
  void declare(CLI::App& verb) override {
    app_ = verb.get_parent();
    verb.add_option("VERB", name_, "One of the verbs");
  }

  Exit run(Context& context) override {
    if (name_.empty()) {
      const auto format = app_->get_formatter();
      context.out.write(format->make_help(app_, app_->get_name(), CLI::AppFormatMode::Normal));
      return Exit::ok;
    }
    std::vector<std::string> names;
    for (const CLI::App* verb : app_->get_subcommands([](const CLI::App*) { return true; })) {
      names.push_back(verb->get_name());
      if (name_ != verb->get_name()) continue;
      context.out.write(verb->help(app_->get_name()));
      return Exit::ok;
    }
    throw Failure(Exit::usage, "there is no verb '" + name_ + "'" +
                                   bench::did_you_mean(bench::nearest_word(name_, names)) +
                                   " (see 'stave help')");
  }

 private:
  const CLI::App* app_ = nullptr;
  std::string name_;
};

}  // namespace

void set_help_format(CLI::App& app, const char* noun) {
  const auto format = std::make_shared<HelpFormat>();
  format->label("SUBCOMMAND", noun);
  format->label("Needs", kNeeds);
  format->label("Excludes", kExcludes);
  app.formatter(format);
}

std::unique_ptr<Command> make_help() { return std::make_unique<HelpCommand>(); }

}  // namespace stave::cli
