#include "cli/stats_watch.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <csignal>
#include <nlohmann/json.hpp>

#include "cli/failure.h"
#include "cli/human.h"

namespace stave::cli {
namespace {

// Of operations in one interval that are looked at one by one: what is above is only counted.
constexpr uint64_t kLookedAtMax = 200'000;

// SIGINT as a descriptor: the store's own threads may be the ones that the signal comes to.
class Interrupt {
 public:
  Interrupt() {
    descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (descriptor < 0) throw system_failure("making an eventfd", errno);
    struct sigaction action = {};
    action.sa_handler = note;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    sigaction(SIGINT, &action, &before_);
  }
  ~Interrupt() {
    sigaction(SIGINT, &before_, nullptr);
    close(descriptor);
  }
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  // True if it came before the time was up.
  static bool wait_until(std::chrono::steady_clock::time_point end) {
    for (;;) {
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
      pollfd wanted{descriptor, POLLIN, 0};
      const int ready = poll(&wanted, 1, static_cast<int>(std::max<int64_t>(left.count(), 0)));
      if (ready > 0) return true;
      if (ready == 0) return false;
    }
  }

 private:
  static void note(int) {
    const uint64_t one = 1;
    const int error = errno;
    [[maybe_unused]] const ssize_t written = write(descriptor, &one, sizeof one);
    errno = error;
  }

  static inline int descriptor = -1;  // a handler reaches nothing else
  struct sigaction before_ = {};
};

uint64_t rate(uint64_t count, double seconds) {
  return static_cast<uint64_t>(std::llround(static_cast<double>(count) / std::max(seconds, 1e-3)));
}

std::string rate_text(const std::optional<uint64_t>& count, double seconds) {
  return count ? human_count(rate(*count, seconds)) : "-";
}

std::string merged_text(const StatsChange& change) {
  if (change.files_merged == 0) return "-";
  return std::to_string(change.files_merged) + ">" + std::to_string(change.files_made);
}

}  // namespace

struct StatsWatch::Look {
  std::chrono::steady_clock::time_point time;
  stave_stats stats{};
  std::set<uint64_t> files;
  std::set<uint64_t> merged;  // those of them that a merge wrote
};

StatsWatch::StatsWatch(Context& context, Store& store, Settings settings, Table table)
    : context_(context), store_(store), settings_(settings), table_(std::move(table)) {}

void StatsWatch::run() {
  const Interrupt interrupt;
  const std::chrono::duration<double> interval(settings_.seconds);
  Look before = look();
  auto next = before.time;
  if (context_.out.is_terminal() && !context_.json) show(before, nullptr);
  if (!context_.out.is_terminal() && !context_.json && !context_.quiet) {
    context_.out.write("      keys   ops/s  puts/s   del/s       disk   live  files  merged\n");
    context_.out.flush();
  }
  for (uint64_t i = 0; i < settings_.times; ++i) {
    next += std::chrono::duration_cast<std::chrono::steady_clock::duration>(interval);
    next = std::max(next, std::chrono::steady_clock::now());  // a look may take its time
    if (Interrupt::wait_until(next)) break;
    Look now = look();
    const StatsChange change = change_since(before, now);
    show(now, &change);
    before = std::move(now);
  }
}

StatsWatch::Look StatsWatch::look() {
  check(stave_refresh(store_.get()));
  store_.report_events();
  Look now;
  now.time = std::chrono::steady_clock::now();
  now.stats = store_.stats();
  stave_files* made = nullptr;
  check(stave_files_create(store_.get(), &made));
  const FilesHandle files(made);
  for (size_t i = 0; i < stave_files_count(made); ++i) {
    stave_file_info info{};
    info.size = sizeof(info);
    check(stave_files_at(made, i, &info));
    if (info.last_seq == 0) continue;  // made ready for a writer; it goes without a merge
    now.files.insert(info.id);
    if (info.merged != 0) now.merged.insert(info.id);
  }
  return now;
}

StatsChange StatsWatch::change_since(const Look& before, const Look& now) {
  StatsChange change;
  change.seconds = std::chrono::duration<double>(now.time - before.time).count();
  change.disk_bytes = static_cast<int64_t>(now.stats.disk_bytes - before.stats.disk_bytes);
  for (const uint64_t id : before.files) change.files_merged += now.files.contains(id) ? 0 : 1;
  for (const uint64_t id : now.merged) change.files_made += before.files.contains(id) ? 0 : 1;
  if (now.stats.last_seq >= before.stats.last_seq) {
    change.operations = now.stats.last_seq - before.stats.last_seq;
    count_operations(before.stats.last_seq, now.stats.last_seq, change);
  }
  return change;
}

// Tells puts from deletes by the change feed. Where there are too many, by the first of them.
void StatsWatch::count_operations(uint64_t after, uint64_t upto, StatsChange& change) {
  stave_feed* made = nullptr;
  if (stave_feed_open(store_.get(), after, &made) != STAVE_OK) return;
  const FeedHandle feed(made);
  uint64_t seen = 0;
  uint64_t puts = 0;
  while (seen < kLookedAtMax && seen < upto - after) {
    stave_change one{};
    one.size = sizeof(one);
    const int status = stave_feed_next(made, 0, &one);
    if (status == STAVE_DONE || (status == STAVE_OK && one.seq > upto)) break;
    if (status != STAVE_OK) return;
    ++seen;
    if (one.kind == STAVE_CHANGE_PUT) ++puts;
  }
  if (seen < kLookedAtMax) change.operations = seen;  // some numbers are of no operation
  const double share = seen == 0 ? 0 : static_cast<double>(puts) / static_cast<double>(seen);
  change.puts = static_cast<uint64_t>(std::llround(share * static_cast<double>(change.operations)));
  change.deletes = change.operations - *change.puts;
}

void StatsWatch::show(const Look& now, const StatsChange* change) {
  if (context_.json) {
    context_.out.write(json_line(now, *change));
  } else if (!context_.out.is_terminal()) {
    context_.out.write(line(now, *change));
  } else {
    const double s = change == nullptr ? 1 : change->seconds;
    std::string text = table_(now.stats);
    auto row = [&text](const char* name, const std::string& figure) {
      text += pad_right(name, 22) + figure + "\n";
    };
    const bool known = change != nullptr;
    row("operations per second", known ? rate_text(change->operations, s) : "-");
    row("  puts", known ? rate_text(change->puts, s) : "-");
    row("  deletes", known ? rate_text(change->deletes, s) : "-");
    row("files merged", known ? merged_text(*change) : "-");
    draw(text + "(every " + human_seconds(settings_.seconds) + "; Ctrl-C ends)\n");
  }
  context_.out.flush();
}

std::string StatsWatch::line(const Look& now, const StatsChange& change) const {
  const stave_stats& s = now.stats;
  const double seconds = change.seconds;
  return pad_left(human_count(s.keys), 10) + pad_left(rate_text(change.operations, seconds), 8) +
         pad_left(rate_text(change.puts, seconds), 8) +
         pad_left(rate_text(change.deletes, seconds), 8) + pad_left(human_bytes(s.disk_bytes), 11) +
         pad_left(percent_of(s.live_bytes, s.disk_bytes), 7) + pad_left(human_count(s.files), 7) +
         pad_left(merged_text(change), 8) + "\n";
}

std::string StatsWatch::json_line(const Look& now, const StatsChange& change) const {
  nlohmann::ordered_json row = {{"seconds", change.seconds},
                                {"keys", now.stats.keys},
                                {"last_seq", now.stats.last_seq},
                                {"operations", change.operations},
                                {"puts", nullptr},
                                {"deletes", nullptr},
                                {"files", now.stats.files},
                                {"files_merged", change.files_merged},
                                {"files_made", change.files_made},
                                {"disk_bytes", now.stats.disk_bytes},
                                {"disk_bytes_grown", change.disk_bytes},
                                {"live_bytes", now.stats.live_bytes},
                                {"dead_bytes", now.stats.dead_bytes}};
  if (change.puts) row["puts"] = *change.puts;
  if (change.deletes) row["deletes"] = *change.deletes;
  return row.dump() + "\n";
}

// Over what was drawn before; what is left of longer lines goes.
void StatsWatch::draw(const std::string& text) {
  std::string out;
  if (drawn_lines_ > 0) out.append("\x1b[").append(std::to_string(drawn_lines_)).append("A");
  for (const char c : text) {
    if (c == '\n') out += "\x1b[K";
    out += c;
  }
  drawn_lines_ = static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
  context_.out.write(out + "\x1b[J");
}

}  // namespace stave::cli
