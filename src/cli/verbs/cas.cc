// stave cas KEY EXPECTED NEW: writes only if the key is as expected, in one step.
#include <CLI/CLI.hpp>
#include <optional>

#include "cli/answer.h"
#include "cli/command.h"
#include "cli/encoding_flags.h"
#include "cli/failure.h"
#include "cli/store.h"
#include "cli/value_flags.h"

namespace stave::cli {
namespace {

class CasCommand : public Command {
 public:
  void declare(CLI::App& verb) override {
    verb.add_option("KEY", key_, "The key")->required();
    verb.add_option("EXPECTED", first_,
                    "The value that must be there, unless --absent, --version or --expected-file "
                    "says what must be; - reads standard input");
    verb.add_option("NEW", second_, "The new value, unless --value-file or --delete is given");
    CLI::Option* absent = verb.add_flag("--absent", absent_, "Only if the key is not there");
    CLI::Option* version =
        verb.add_option("--version", version_, "Only if the entry's version is N; 0: as --absent")
            ->type_name("N")
            ->excludes(absent);
    verb.add_option("--expected-file", expected_file_, "Read the value EXPECTED from FILE")
        ->type_name("FILE")
        ->excludes(absent)
        ->excludes(version);
    CLI::Option* file =
        verb.add_option("--value-file", file_, "Read the NEW value from FILE")->type_name("FILE");
    verb.add_flag("--delete", delete_, "Delete the key instead of setting it")
        ->excludes(absent)
        ->excludes(file);
    verb.add_flag("--sync", sync_, "Return only when the change survives a power cut");
    encodings_.declare(verb, EncodingFlags::Parts::key_and_value, Encoding::raw);
  }

  Exit run(Context& context) override {
    const std::string key = decode_argument("key", encodings_.encodings().key, key_);
    take_words(context);
    if (version_ == 0 && delete_) {
      throw Failure(Exit::usage, "--version 0 means that the key is not there: nothing to delete");
    }
    const bool makes = absent_ || version_ == 0;
    Store store(context, makes ? Access::create : Access::write);
    const Exit exit = answer(context, apply(store.get(), key), key);
    store.close();
    if (exit == Exit::ok && context.json) print(context);
    return exit;
  }

 private:
  // Reads EXPECTED and NEW, as far as no flag stands in for them.
  void take_words(const Context& context) {
    const Encoding encoding = encodings_.encodings().value;
    const bool wants_expected = !absent_ && !version_ && !expected_file_;
    const bool wants_value = !delete_ && !file_;
    const size_t wanted = (wants_expected ? 1U : 0U) + (wants_value ? 1U : 0U);
    std::vector<std::string> words;
    if (first_) words.push_back(*first_);
    if (second_) words.push_back(*second_);
    if (words.size() != wanted) {
      std::string text = "what this needs is: cas KEY";
      if (wants_expected) text += " EXPECTED";
      if (wants_value) text += " NEW";
      throw Failure(Exit::usage, text);
    }
    size_t next = 0;
    if (wants_expected)
      expected_ = value_argument(context, "expected value", encoding, words[next++]);
    if (expected_file_) expected_ = value_of_file(context, encoding, *expected_file_);
    if (wants_value) value_ = value_argument(context, "new value", encoding, words[next]);
    if (file_) value_ = value_of_file(context, encoding, *file_);
  }

  int apply(stave_db* db, const std::string& key) {
    const uint32_t flags = sync_ ? STAVE_WRITE_SYNC : 0;
    const std::optional<uint64_t> version = absent_ ? 0 : version_;
    if (delete_ && version) {
      return stave_delete_if_version(db, key.data(), key.size(), *version, flags);
    }
    if (delete_) {
      return stave_delete_if_value(db, key.data(), key.size(), expected_.data(), expected_.size(),
                                   flags);
    }
    if (version) {
      return stave_put_if_version(db, key.data(), key.size(), *version, value_.data(),
                                  value_.size(), flags, &new_version_);
    }
    return stave_compare_and_set(db, key.data(), key.size(), expected_.data(), expected_.size(),
                                 value_.data(), value_.size(), flags);
  }

  void print(Context& context) const {
    std::string text = "{\"done\":true";
    if (new_version_ != 0) text += ",\"version\":" + std::to_string(new_version_);
    context.out.write(text + "}\n");
  }

  std::string key_;
  std::optional<std::string> first_;  // EXPECTED, or NEW where a flag stands in for it
  std::optional<std::string> second_;
  bool absent_ = false;
  std::optional<uint64_t> version_;
  std::optional<std::string> expected_file_;
  std::optional<std::string> file_;
  bool delete_ = false;
  bool sync_ = false;
  EncodingFlags encodings_;

  std::string expected_;
  std::string value_;
  uint64_t new_version_ = 0;
};

}  // namespace

std::unique_ptr<Command> make_cas() { return std::make_unique<CasCommand>(); }

}  // namespace stave::cli
