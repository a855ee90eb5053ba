// stave get KEY
#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>

#include "cli/answer.h"
#include "cli/command.h"
#include "cli/encoding_flags.h"
#include "cli/failure.h"
#include "cli/human.h"
#include "cli/store.h"
#include "cli/times.h"

namespace stave::cli {
namespace {

void write_file(const std::string& path, std::string_view bytes) {
  std::FILE* file = std::fopen(path.c_str(), "wbe");
  if (file == nullptr) throw system_failure("opening '" + path + "'", errno);
  bool written = std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
  int error = errno;
  if (std::fclose(file) != 0 && written) {
    written = false;
    error = errno;
  }
  if (!written) throw system_failure("writing '" + path + "'", error);
}

class GetCommand : public Command {
 public:
  void declare(CLI::App& verb) override {
    verb.add_option("KEY", key_, "The key")->required();
    verb.add_option("--output", file_, "Write the value to FILE")->type_name("FILE");
    verb.add_flag("--newline", newline_,
                  "End with a newline (always done on a terminal, never elsewhere)");
    verb.add_flag("--entry", entry_,
                  "Print version, expiry and length instead of the value; with --json beside it");
    encodings_.declare(verb, EncodingFlags::Parts::key_and_value, Encoding::raw);
  }

  Exit run(Context& context) override {
    const std::string key = decode_argument("key", encodings_.encodings().key, key_);
    Store store(context, Access::read);
    void* bytes = nullptr;
    size_t length = 0;
    stave_entry entry{};
    entry.size = sizeof(entry);
    const int status =
        entry_ ? stave_get_entry(store.get(), key.data(), key.size(), &entry, &bytes, &length)
               : stave_get(store.get(), key.data(), key.size(), &bytes, &length);
    Allocated owner(bytes);
    const Exit exit = answer(context, status, key);
    if (exit == Exit::ok && entry_) {
      emit(context, entry_text(context, entry, key, view(bytes, length)));
    } else if (exit == Exit::ok) {
      emit(context, value_text(context, key, view(bytes, length)));
    }
    store.close();
    return exit;
  }

 private:
  std::string value_text(const Context& context, const std::string& key,
                         std::string_view value) const {
    std::string text;
    if (context.json) return json_row(key, value);
    // In a session a value is one line among others, which can be typed again.
    const bool line = context.lent != nullptr && file_.empty();
    const Encoding usual = line ? Encoding::escaped : Encoding::raw;
    append_encoded(text, encodings_.encodings(usual).value, value);
    if (newline_ || line || (file_.empty() && context.out.is_terminal())) text += '\n';
    return text;
  }

  static std::string entry_text(const Context& context, const stave_entry& entry,
                                const std::string& key, std::string_view value) {
    if (context.json) {
      // The object that json_row writes, and what is known of the entry behind it.
      const std::string row = json_row(key, value);
      return row.substr(0, row.size() - 2) + ",\"version\":" + std::to_string(entry.version) +
             ",\"expires_at_ms\":" + std::to_string(entry.expires_at_ms) + "}\n";
    }
    return "version  " + std::to_string(entry.version) + "\nexpires  " +
           moment_text(entry.expires_at_ms) + "\nlength   " + counted(entry.value_length, "byte") +
           "\n";
  }

  void emit(Context& context, const std::string& text) const {
    if (file_.empty()) {
      context.out.write(text);
    } else {
      write_file(file_, text);
    }
  }

  std::string key_;
  std::string file_;
  bool newline_ = false;
  bool entry_ = false;
  EncodingFlags encodings_;
};

}  // namespace

std::unique_ptr<Command> make_get() { return std::make_unique<GetCommand>(); }

}  // namespace stave::cli
