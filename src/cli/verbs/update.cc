// stave incr KEY [BY], stave append KEY VALUE
#include <CLI/CLI.hpp>
#include <charconv>

#include "cli/command.h"
#include "cli/encoding_flags.h"
#include "cli/failure.h"
#include "cli/store.h"
#include "cli/value_flags.h"

namespace stave::cli {
namespace {

class IncrementCommand : public Command {
 public:
  void declare(CLI::App& verb) override {
    verb.add_option("KEY", key_, "The key; one that is not there counts as 0")->required();
    verb.add_option("BY", by_, "What to add, negative or not (default 1)");
    verb.add_flag("--binary", binary_,
                  "The value is 8 bytes, lowest first, instead of decimal digits");
    verb.add_flag("--sync", sync_, "Return only when the sum survives a power cut");
    encodings_.declare(verb, EncodingFlags::Parts::key, Encoding::raw);
  }

  Exit run(Context& context) override {
    const std::string key = decode_argument("key", encodings_.encodings().key, key_);
    const int64_t by = delta();
    Store store(context, Access::create);
    int64_t sum = 0;
    const uint32_t flags = (sync_ ? STAVE_WRITE_SYNC : 0) | (binary_ ? STAVE_INCREMENT_BINARY : 0);
    const int status = stave_increment(store.get(), key.data(), key.size(), by, flags, &sum);
    if (status == STAVE_NOT_A_NUMBER) throw no_number(store, key);
    check(status);
    store.close();
    const std::string text = std::to_string(sum);
    context.out.write(context.json ? "{\"value\":" + text + "}\n" : text + "\n");
    return Exit::ok;
  }

 private:
  static std::string shown(std::string_view bytes) {
    constexpr size_t kShown = 40;
    std::string text = "'";
    append_encoded(text, Encoding::escaped, bytes.substr(0, kShown));
    return text + (bytes.size() > kShown ? "...'" : "'");
  }

  // Names key and value. REQUIRES: the library has just said what is wrong.
  static Failure no_number(const Store& store, const std::string& key) {
    const Failure why = status_failure(STAVE_NOT_A_NUMBER);
    void* own = nullptr;
    size_t length = 0;
    const int status = stave_get(store.get(), key.data(), key.size(), &own, &length);
    const Allocated owner(own);
    std::string text = "key " + shown(key);
    if (status == STAVE_OK) text += " with value " + shown(view(own, length));
    return Failure(why.exit(), text + ": " + why.what());
  }

  int64_t delta() const {
    int64_t by = 0;
    const char* begin = by_.data() + (by_.starts_with('+') ? 1 : 0);
    const char* end = by_.data() + by_.size();
    const auto [rest, error] = std::from_chars(begin, end, by);
    if (error == std::errc() && rest == end && !by_.starts_with("+-")) return by;
    throw Failure(Exit::usage, "'" + by_ + "' is not a whole number from -2^63 to 2^63 - 1");
  }

  std::string key_;
  std::string by_ = "1";
  bool binary_ = false;
  bool sync_ = false;
  EncodingFlags encodings_;
};

class AppendCommand : public Command {
 public:
  void declare(CLI::App& verb) override {
    verb.add_option("KEY", key_, "The key; one that is not there counts as empty")->required();
    value_.declare(verb, "VALUE", "What to add");
    verb.add_flag("--sync", sync_, "Return only when the value survives a power cut");
    encodings_.declare(verb, EncodingFlags::Parts::key_and_value, Encoding::raw);
  }

  Exit run(Context& context) override {
    const std::string key = decode_argument("key", encodings_.encodings().key, key_);
    const std::string value = value_.take(context, encodings_.encodings().value);
    Store store(context, Access::create);
    size_t length = 0;
    check(stave_append(store.get(), key.data(), key.size(), value.data(), value.size(),
                       sync_ ? STAVE_WRITE_SYNC : 0, &length));
    store.close();
    if (context.json) context.out.write("{\"length\":" + std::to_string(length) + "}\n");
    return Exit::ok;
  }

 private:
  std::string key_;
  ValueFlags value_;
  bool sync_ = false;
  EncodingFlags encodings_;
};

}  // namespace

std::unique_ptr<Command> make_incr() { return std::make_unique<IncrementCommand>(); }
std::unique_ptr<Command> make_append() { return std::make_unique<AppendCommand>(); }

}  // namespace stave::cli
