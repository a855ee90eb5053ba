// stave stats [--watch [SECONDS]] [--times N]
#include <CLI/CLI.hpp>
#include <charconv>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/failure.h"
#include "cli/human.h"
#include "cli/stats_watch.h"
#include "cli/store.h"
#include "cli/writer_probe.h"

namespace stave::cli {
namespace {

// Every field of stave_stats, by its name there; tests/cli compares the lists.
nlohmann::ordered_json to_json(const stave_stats& s) {
  return {{"read_only", s.read_only != 0},
          {"keys", s.keys},
          {"files", s.files},
          {"disk_bytes", s.disk_bytes},
          {"live_bytes", s.live_bytes},
          {"dead_bytes", s.dead_bytes},
          {"last_seq", s.last_seq},
          {"durable_seq", s.durable_seq},
          {"keydir_bytes", s.keydir_bytes},
          {"puts", s.puts},
          {"gets", s.gets},
          {"deletes", s.deletes},
          {"syncs", s.syncs},
          {"merges", s.merges},
          {"merges_failed", s.merges_failed},
          {"merge_bytes_read", s.merge_bytes_read},
          {"merge_bytes_written", s.merge_bytes_written},
          {"merge_last_ms", s.merge_last_ms},
          {"open_micros", s.open_micros},
          {"merge_running", s.merge_running != 0},
          {"merge_paused", s.merge_paused != 0},
          {"opened_clean", s.opened_clean != 0},
          {"poisoned", s.poisoned != 0},
          {"quarantined_bytes", s.quarantined_bytes},
          {"merge_last_error", s.merge_last_error},
          {"salvage_lost_regions", s.salvage_lost_regions},
          {"salvage_lost_bytes", s.salvage_lost_bytes}};
}

std::string yes_no(uint32_t flag) { return flag != 0 ? "yes" : "no"; }

std::string bytes_and_share(uint64_t bytes, uint64_t whole) {
  return human_bytes(bytes) + " (" + percent_of(bytes, whole) + ")";
}

std::string per_key(const stave_stats& s) {
  constexpr uint64_t kTelling = 10000;  // with fewer keys it is the size of the first block
  if (s.keys < kTelling) return "";
  auto tenths = static_cast<uint64_t>(10.0 * static_cast<double>(s.keydir_bytes) /
                                      static_cast<double>(s.keys));
  return " (" + std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " B per key)";
}

// For people, and for --json.
struct LastWriter {
  const char* text;
  const char* name;
};

LastWriter last_writer(bool clean, WriterProbe probe) {
  if (probe == WriterProbe::at_work) return {"at work", "at_work"};
  if (clean) return {"closed", "closed"};
  if (probe == WriterProbe::none) return {"did not close; the next one recovers", "not_closed"};
  return {"at work, or did not close", "unknown"};
}

// The figures of a store that this command has just opened: counters since the open (puts, gets,
// merges) are always 0 here and only --json gives them.
std::string to_table(const stave_stats& s, const LastWriter& writer) {
  std::string out;
  auto row = [&out](const char* name, const std::string& text) {
    out += pad_right(name, 22) + text + "\n";
  };
  row("keys", human_count(s.keys));
  row("data files", human_count(s.files));
  row("bytes on disk", human_bytes(s.disk_bytes));
  row("  live", bytes_and_share(s.live_bytes, s.disk_bytes));
  row("  dead", bytes_and_share(s.dead_bytes, s.disk_bytes));
  row("keydir memory", human_bytes(s.keydir_bytes) + per_key(s));
  row("last operation", human_count(s.last_seq));
  // A reader beside a writer is not told: better no row than a 0 that would alarm.
  if (s.durable_seq != 0) row("durable up to", human_count(s.durable_seq));
  row("opened in", human_seconds(static_cast<double>(s.open_micros) / 1e6));
  row("last writer", writer.text);
  row("quarantined", human_bytes(s.quarantined_bytes));
  if (s.salvage_lost_regions != 0) {
    row("skipped by salvage", counted(s.salvage_lost_regions, "damaged place") + ", " +
                                  human_bytes(s.salvage_lost_bytes));
  }
  if (s.merge_last_ms != 0) row("last merge", human_time(s.merge_last_ms));
  if (s.merge_last_error[0] != '\0') row("last merge's error", one_line(s.merge_last_error));
  if (s.poisoned != 0) row("poisoned", yes_no(s.poisoned));
  return out;
}

stave_stats read_stats(const Context& context) {
  Store store(context, Access::read);
  const stave_stats stats = store.stats();
  store.close();
  return stats;
}

constexpr LastWriter kThisSession{"at work: this session", "at_work"};

// To look at the lock would drop it then.
bool is_own_writer(const Context& context) {
  return context.lent != nullptr && !context.lent->read_only;
}

class StatsCommand : public Command {
 public:
  void declare(CLI::App& verb) override {
    watch_ = verb.add_option("--watch", seconds_,
                             "Again and again, every SECONDS (default 1), with what happened in "
                             "between; on a terminal in place, else a line each time")
                 ->expected(0, 1)
                 ->type_name("SECONDS");
    verb.add_option("--times", settings_.times, "Of --watch: end after N times")
        ->type_name("N")
        ->needs(watch_);
  }

  Exit run(Context& context) override {
    if (watch_->count() > 0) return watch(context);
    if (is_own_writer(context)) {
      print(context, read_stats(context), kThisSession);
      return Exit::ok;
    }
    const WriterProbe before = probe_writer(context.dir);
    stave_stats stats = read_stats(context);
    const WriterProbe probe = probe_writer(context.dir);
    // A writer that was at work then has perhaps closed since.
    if (stats.opened_clean == 0 && probe != before) stats = read_stats(context);
    print(context, stats, last_writer(stats.opened_clean != 0, probe));
    return Exit::ok;
  }

 private:
  static void print(Context& context, const stave_stats& stats, const LastWriter& writer) {
    if (!context.json) return context.out.write(to_table(stats, writer));
    using Json = nlohmann::ordered_json;
    Json row = to_json(stats);
    row["last_writer"] = writer.name;
    context.out.write(row.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
  }

  Exit watch(Context& context) {
    if (!seconds_.empty()) settings_.seconds = interval();
    Store store(context, Access::read);
    const auto table = [&context](const stave_stats& stats) {
      if (is_own_writer(context)) return to_table(stats, kThisSession);
      return to_table(stats, last_writer(stats.opened_clean != 0, probe_writer(context.dir)));
    };
    StatsWatch(context, store, settings_, table).run();
    store.close();
    return Exit::ok;
  }

  double interval() const {
    constexpr double kLeast = 0.01;
    constexpr double kMost = 86400;
    double seconds = 0;
    const char* end = seconds_.data() + seconds_.size();
    const auto [rest, error] = std::from_chars(seconds_.data(), end, seconds);
    if (error == std::errc() && rest == end && seconds >= kLeast && seconds <= kMost) {
      return seconds;
    }
    throw Failure(Exit::usage, "--watch '" + seconds_ + "' is not within 0.01 to 86400 seconds");
  }

  CLI::Option* watch_ = nullptr;
  std::string seconds_;
  StatsWatch::Settings settings_;
};

}  // namespace

std::unique_ptr<Command> make_stats() { return std::make_unique<StatsCommand>(); }

}  // namespace stave::cli
