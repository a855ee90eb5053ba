// stave watch [--after SEQ] [--limit N] [--no-wait]
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/encoding_flags.h"
#include "cli/failure.h"
#include "cli/interrupt.h"
#include "cli/store.h"

namespace stave::cli {
namespace {

constexpr int64_t kInterruptPeriodMs = 100;

const char* name_of(uint32_t kind) {
  if (kind == STAVE_CHANGE_PUT) return "put";
  return kind == STAVE_CHANGE_DELETE ? "delete" : "delete-range";
}

class WatchCommand : public Command {
 public:
  void declare(CLI::App& verb) override {
    verb.add_option("--after", after_,
                    "Begin after operation number SEQ (default: the newest; 0: all there are)")
        ->type_name("SEQ");
    verb.add_option("--limit", limit_, "End after N operations")->type_name("N");
    verb.add_flag("--no-wait", no_wait_, "End where there is no further operation yet");
    encodings_.declare(verb, EncodingFlags::Parts::key_and_value, Encoding::escaped);
  }

  Exit run(Context& context) override {
    Store store(context, Access::read);
    const uint64_t after = after_.value_or(store.stats().last_seq);
    stave_feed* made = nullptr;
    check(stave_feed_open(store.get(), after, &made));
    const FeedHandle feed(made);
    for (uint64_t printed = 0; printed < limit_; ++printed) {
      stave_change change{};
      change.size = sizeof change;
      int status = stave_feed_next(feed.get(), 0, &change);
      if (status == STAVE_DONE) {
        context.out.flush();  // who reads a pipe wants it now
        if (no_wait_) break;
        status = wait(context, feed.get(), change);
      }
      check(status);
      print(context, change);
    }
    store.close();
    return Exit::ok;
  }

 private:
  // In a session Ctrl-C ends the waiting.
  static int wait(const Context& context, stave_feed* feed, stave_change& change) {
    if (context.lent == nullptr) return stave_feed_next(feed, -1, &change);
    int status = STAVE_DONE;
    while (status == STAVE_DONE) {
      check_interrupt();
      status = stave_feed_next(feed, kInterruptPeriodMs, &change);
    }
    return status;
  }

  void print(Context& context, const stave_change& c) {
    const std::string_view key = view(c.key, c.key_length);
    const std::string_view value = view(c.value, c.value_length);
    const bool has_value = c.kind != STAVE_CHANGE_DELETE;
    if (context.json) {
      // The object that json_row writes, with the operation in front.
      nlohmann::ordered_json row = {{"seq", c.seq}, {"op", name_of(c.kind)}};
      if (c.expires_at_ms != 0) row["expires_at_ms"] = c.expires_at_ms;
      if (c.more != 0) row["more"] = true;
      const std::string head = row.dump();
      const std::string rest = json_row(key, has_value ? std::optional(value) : std::nullopt);
      context.out.write(head.substr(0, head.size() - 1) + "," + rest.substr(1));
      return;
    }
    const Encodings encodings = encodings_.encodings();
    line_ = std::to_string(c.seq) + '\t' + name_of(c.kind) + '\t';
    append_encoded(line_, encodings.key, key);
    if (has_value) {
      line_ += '\t';
      append_encoded(line_, encodings.value, value);
    }
    line_ += '\n';
    context.out.write(line_);
  }

  std::optional<uint64_t> after_;
  uint64_t limit_ = UINT64_MAX;
  bool no_wait_ = false;
  std::string line_;
  EncodingFlags encodings_;
};

}  // namespace

std::unique_ptr<Command> make_watch() { return std::make_unique<WatchCommand>(); }

}  // namespace stave::cli
