// stave ttl KEY, stave touch KEY DURATION, stave persist KEY
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/answer.h"
#include "cli/command.h"
#include "cli/encoding_flags.h"
#include "cli/failure.h"
#include "cli/store.h"
#include "cli/times.h"

namespace stave::cli {
namespace {

class TtlCommand : public Command {
 public:
  void declare(CLI::App& verb) override {
    verb.add_option("KEY", key_, "The key")->required();
    encodings_.declare(verb, EncodingFlags::Parts::key, Encoding::raw);
  }

  Exit run(Context& context) override {
    const std::string key = decode_argument("key", encodings_.encodings().key, key_);
    Store store(context, Access::read);
    int64_t ttl_ms = 0;
    stave_entry entry{};
    entry.size = sizeof(entry);
    int status = stave_get_entry(store.get(), key.data(), key.size(), &entry, nullptr, nullptr);
    if (status == STAVE_OK) status = stave_ttl(store.get(), key.data(), key.size(), &ttl_ms);
    const Exit exit = answer(context, status, key);
    if (exit == Exit::ok) print(context, ttl_ms, entry.expires_at_ms);
    store.close();
    return exit;
  }

 private:
  static void print(Context& context, int64_t ttl_ms, uint64_t expires_at_ms) {
    const bool expires = ttl_ms >= 0;
    if (context.json) {
      nlohmann::ordered_json row = {{"ttl_ms", nullptr}, {"expires_at_ms", nullptr}};
      if (expires) row = {{"ttl_ms", ttl_ms}, {"expires_at_ms", expires_at_ms}};
      return context.out.write(row.dump() + "\n");
    }
    context.out.write((expires ? duration_text(static_cast<uint64_t>(ttl_ms)) : "never") + "\n");
  }

  std::string key_;
  EncodingFlags encodings_;
};

class TouchCommand : public Command {
 public:
  void declare(CLI::App& verb) override {
    verb.add_option("KEY", key_, "The key")->required();
    verb.add_option("DURATION", duration_, "How long it will be there, from now: 90s, 1h30m")
        ->required();
    verb.add_flag("--sync", sync_, "Return only when that survives a power cut");
    encodings_.declare(verb, EncodingFlags::Parts::key, Encoding::raw);
  }

  Exit run(Context& context) override {
    const std::string key = decode_argument("key", encodings_.encodings().key, key_);
    const uint64_t ttl_ms = duration_argument("duration", duration_);
    if (ttl_ms == 0) {
      throw Failure(Exit::usage, "the duration must be 1ms or more; 'stave delete' deletes");
    }
    Store store(context, Access::write);
    const Exit exit = answer(
        context,
        stave_touch(store.get(), key.data(), key.size(), ttl_ms, sync_ ? STAVE_WRITE_SYNC : 0),
        key);
    store.close();
    return exit;
  }

 private:
  std::string key_;
  std::string duration_;
  bool sync_ = false;
  EncodingFlags encodings_;
};

class PersistCommand : public Command {
 public:
  void declare(CLI::App& verb) override {
    verb.add_option("KEY", key_, "The key")->required();
    verb.add_flag("--sync", sync_, "Return only when that survives a power cut");
    encodings_.declare(verb, EncodingFlags::Parts::key, Encoding::raw);
  }

  Exit run(Context& context) override {
    const std::string key = decode_argument("key", encodings_.encodings().key, key_);
    Store store(context, Access::write);
    const Exit exit = answer(
        context, stave_persist(store.get(), key.data(), key.size(), sync_ ? STAVE_WRITE_SYNC : 0),
        key);
    store.close();
    return exit;
  }

 private:
  std::string key_;
  bool sync_ = false;
  EncodingFlags encodings_;
};

}  // namespace

std::unique_ptr<Command> make_ttl() { return std::make_unique<TtlCommand>(); }
std::unique_ptr<Command> make_touch() { return std::make_unique<TouchCommand>(); }
std::unique_ptr<Command> make_persist() { return std::make_unique<PersistCommand>(); }

}  // namespace stave::cli
