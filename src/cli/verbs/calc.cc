// stave calc --keys N --key-size K --value-size V
#include <CLI/CLI.hpp>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/engine_options.h"
#include "cli/estimate.h"
#include "cli/failure.h"
#include "cli/human.h"
#include "cli/store.h"

namespace stave::cli {
namespace {

// The options that were given, or their defaults, as numbers.
class GivenOptions {
 public:
  explicit GivenOptions(const Context& context) {
    stave_options* made = nullptr;
    check(stave_options_create(&made));
    options_.reset(made);
    for (const std::string& option : context.options) {
      const size_t equals = option.find('=');
      if (equals == std::string::npos) {
        throw Failure(Exit::usage, "-o " + option + ": expected NAME=VALUE");
      }
      check(stave_options_set(made, option.substr(0, equals).c_str(), option.c_str() + equals + 1));
    }
  }

  // Sizes come as "256MiB".
  [[nodiscard]] uint64_t number(const char* name) const {
    char text[64] = {};
    size_t length = 0;
    check(stave_options_get(options_.get(), name, text, sizeof text, &length));
    std::string number(text);
    const std::string wrong = CLI::AsSizeValue(false)(number);
    uint64_t n = 0;
    if (!wrong.empty() || !CLI::detail::lexical_cast(number, n)) {
      throw Failure(Exit::other, std::string(name) + "=" + text + " is not understood");
    }
    return n;
  }

 private:
  OptionsHandle options_;
};

// "5M" and "5e6" as "5000000": units of 1000. Other texts stay as they are, for the check to
// refuse.
std::string plain_count(std::string& text) {
  double number = 0;
  const char* end = text.data() + text.size();
  auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc()) return "";
  const std::string_view unit(rest, static_cast<size_t>(end - rest));
  if (unit == "k" || unit == "K") {
    number *= 1e3;
  } else if (unit == "M") {
    number *= 1e6;
  } else if (unit == "G") {
    number *= 1e9;
  } else if (!unit.empty()) {
    return "";
  }
  constexpr double kExact = 9e15;  // above, a double is no longer every whole number
  if (number >= 0 && number < kExact && number == std::floor(number)) {
    text = std::to_string(static_cast<uint64_t>(number));
  }
  return "";
}

// Three digits: an estimate has no more.
double three_digits(double number) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3g", number);
  return std::strtod(text.data(), nullptr);
}

class CalcCommand : public Command {
 public:
  void declare(CLI::App& verb) override {
    verb.add_option("--keys", shape_.keys, "Keys in the store, as in 5000000, 5M or 5e6")
        ->required()
        ->transform(CLI::Validator(plain_count, ""))
        ->check(CLI::Range(uint64_t{1}, uint64_t{4'000'000'000}));
    verb.add_option("--key-size", shape_.key_bytes, "Bytes of a key, on average")
        ->required()
        ->transform(CLI::AsSizeValue(false).description(""))
        ->type_name("SIZE")
        ->check(CLI::Range(uint64_t{1}, uint64_t{STAVE_KEY_SIZE_MAX}));
    verb.add_option("--value-size", shape_.value_bytes, "Bytes of a value, on average, as in 1KiB")
        ->required()
        ->transform(CLI::AsSizeValue(false).description(""))
        ->type_name("SIZE")
        ->check(CLI::Range(uint64_t{0}, uint64_t{STAVE_VALUE_SIZE_MAX}));
    verb.add_flag("--expiry", shape_.expiry, "The records carry an expiry");
  }

  Exit run(Context& context) override {
    const GivenOptions options(context);
    shape_.file_bytes = options.number("max_file_size");
    shape_.space_percent = options.number("merge.space_target");
    const StoreNeeds needs = estimate(shape_);
    context.out.write(context.json ? to_json(needs) : to_table(needs));
    return Exit::ok;
  }

 private:
  static std::string to_json(const StoreNeeds& n) {
    nlohmann::ordered_json row = {{"record_bytes", n.record_bytes},
                                  {"keydir_bytes", n.keydir_bytes},
                                  {"memory_bytes", n.memory_bytes},
                                  {"live_bytes", n.live_bytes},
                                  {"hint_bytes", n.hint_bytes},
                                  {"keydir_file_bytes", n.keydir_file_bytes},
                                  {"disk_bytes", n.disk_bytes},
                                  {"disk_bytes_most", n.disk_bytes_most},
                                  {"files", n.files},
                                  {"open_killed_seconds", three_digits(n.open_killed_seconds)}};
    return row.dump() + "\n";
  }

  [[nodiscard]] std::string to_table(const StoreNeeds& n) const {
    std::string out;
    auto row = [&out](const std::string& name, const std::string& text, const char* note) {
      out += pad_right(name, 26) + pad_right(text, 14) + note + "\n";
    };
    row("memory", human_bytes(n.memory_bytes), "of the process: the keydir and 32 MiB beside it");
    row("  keydir", human_bytes(n.keydir_bytes), "20 bytes a key, whatever its length");
    row("disk", human_bytes(n.disk_bytes), "each key stored once, all files hinted, closed");
    row("  records", human_bytes(n.live_bytes), "");
    row("  hints", human_bytes(n.hint_bytes), "about; depends on what neighbouring keys share");
    row("  KEYDIR", human_bytes(n.keydir_file_bytes), "");
    row("disk, overwriting", human_bytes(n.disk_bytes_most),
        "at most, with merges: merge.space_target");
    row("a record", counted(n.record_bytes, "byte"), "");
    row("data files", human_count(n.files), "at least, of max_file_size");
    row("opening after a close", "5 ms", "at most, whatever the number of keys");
    row("opening after a kill", human_seconds(n.open_killed_seconds),
        "about, on two processors, files in memory");
    return out;
  }

  StoreShape shape_;
};

}  // namespace

std::unique_ptr<Command> make_calc() { return std::make_unique<CalcCommand>(); }

}  // namespace stave::cli
