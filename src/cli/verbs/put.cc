// stave put KEY [VALUE | - | --value-file FILE] [--ttl DURATION | --until TIME]
#include <CLI/CLI.hpp>
#include <optional>

#include "cli/command.h"
#include "cli/encoding_flags.h"
#include "cli/failure.h"
#include "cli/store.h"
#include "cli/times.h"
#include "cli/value_flags.h"

namespace stave::cli {
namespace {

class PutCommand : public Command {
 public:
  void declare(CLI::App& verb) override {
    verb.add_option("KEY", key_, "The key")->required();
    value_.declare(verb, "VALUE", "The value");
    CLI::Option* ttl = verb.add_option("--ttl", ttl_, "It expires DURATION from now, as in 1h30m")
                           ->type_name("DURATION");
    verb.add_option("--until", until_, "It expires at TIME, as in 2026-12-31T12:00, or never")
        ->type_name("TIME")
        ->excludes(ttl);
    verb.add_flag("--sync", sync_, "Return only when the value survives a power cut");
    encodings_.declare(verb, EncodingFlags::Parts::key_and_value, Encoding::raw);
  }

  Exit run(Context& context) override {
    const std::string key = decode_argument("key", encodings_.encodings().key, key_);
    const std::optional<uint64_t> ttl = given(ttl_, "--ttl", duration_argument);
    const std::optional<uint64_t> until = given(until_, "--until", moment_argument);
    if (ttl == 0) throw Failure(Exit::usage, "--ttl must be 1ms or more");
    const std::string value = value_.take(context, encodings_.encodings().value);
    const uint32_t flags = sync_ ? STAVE_WRITE_SYNC : 0;
    if (context.lent != nullptr && context.lent->batch != nullptr) {
      if (ttl) throw Failure(Exit::usage, "a batch takes --until, not --ttl");
      collect(context.lent->batch, key, value, until);
      return Exit::ok;
    }
    Store store(context, Access::create);
    stave_db* db = store.get();
    if (ttl) {
      check(stave_put_ttl(db, key.data(), key.size(), value.data(), value.size(), *ttl, flags));
    } else if (until) {
      check(stave_put_until(db, key.data(), key.size(), value.data(), value.size(), *until, flags));
    } else {
      check(stave_put(db, key.data(), key.size(), value.data(), value.size(), flags));
    }
    store.close();
    return Exit::ok;
  }

 private:
  static void collect(stave_batch* batch, const std::string& key, const std::string& value,
                      const std::optional<uint64_t>& until) {
    check(until ? stave_batch_put_until(batch, key.data(), key.size(), value.data(), value.size(),
                                        *until)
                : stave_batch_put(batch, key.data(), key.size(), value.data(), value.size()));
  }

  using Parse = uint64_t (*)(const char* what, const std::string& text);
  static std::optional<uint64_t> given(const std::optional<std::string>& text, const char* what,
                                       Parse parse) {
    return text ? std::optional(parse(what, *text)) : std::nullopt;
  }

  std::string key_;
  ValueFlags value_;
  std::optional<std::string> ttl_;
  std::optional<std::string> until_;
  bool sync_ = false;
  EncodingFlags encodings_;
};

}  // namespace

std::unique_ptr<Command> make_put() { return std::make_unique<PutCommand>(); }

}  // namespace stave::cli
