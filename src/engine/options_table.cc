#include "engine/options_table.h"

#include <algorithm>
#include <cstring>

#include "engine/option_units.h"

namespace stave {
namespace {

Status bad(const OptionRow& row, const std::string& text, const std::string& want) {
  return {Code::bad_option,
          std::string("option ") + row.name + ": \"" + text + "\" is not " + want};
}

template <auto member>
Status set_bool(const OptionRow& row, Options& o, const std::string& text) {
  const bool yes = text == "true" || text == "1" || text == "yes" || text == "on";
  const bool no = text == "false" || text == "0" || text == "no" || text == "off";
  if (!yes && !no) return bad(row, text, "true or false");
  o.*member = yes;
  return {};
}

template <auto member>
std::string get_bool(const Options& o) {
  return o.*member ? "true" : "false";
}

bool parse_for(const OptionRow& row, const std::string& text, uint64_t* n) {
  if (std::strcmp(row.type, "size") == 0) return parse_size(text, n);
  if (std::strcmp(row.type, "duration") == 0) return parse_duration(text, n);
  return parse_count(text, n);
}

const char* form_of(const OptionRow& row) {
  if (std::strcmp(row.type, "size") == 0) return "a size such as 256MiB";
  if (std::strcmp(row.type, "duration") == 0) return "a duration such as 500ms or 2s";
  return "a whole number";
}

std::string bounds_of(const OptionRow& row) {
  return bound_text(row, row.minimum) + " to " + bound_text(row, row.maximum);
}

template <auto member>
Status set_number(const OptionRow& row, Options& o, const std::string& text) {
  uint64_t n = 0;
  if (!parse_for(row, text, &n)) {
    return bad(row, text, std::string(form_of(row)) + ", within " + bounds_of(row));
  }
  if (n < row.minimum || n > row.maximum) return bad(row, text, "within " + bounds_of(row));
  o.*member = static_cast<std::remove_reference_t<decltype(o.*member)>>(n);
  return {};
}

template <auto member>
std::string get_count(const Options& o) {
  return std::to_string(o.*member);
}
template <auto member>
std::string get_size(const Options& o) {
  return size_text(o.*member);
}
template <auto member>
std::string get_duration(const Options& o) {
  return duration_text(o.*member);
}

Status set_io(const OptionRow& row, Options& o, const std::string& text) {
  if (text != "mapped" && text != "positional") return bad(row, text, "mapped or positional");
  o.io = text == "mapped" ? Io::mapped : Io::positional;
  return {};
}

std::string get_io(const Options& o) { return o.io == Io::mapped ? "mapped" : "positional"; }

Status set_sync(const OptionRow& row, Options& o, const std::string& text) {
  constexpr const char* kInterval = "interval:";
  if (text == "none" || text == "always") {
    o.sync = text == "none" ? SyncMode::none : SyncMode::always;
    return {};
  }
  uint64_t ms = 0;
  if (text.rfind(kInterval, 0) == 0 && parse_duration(text.substr(std::strlen(kInterval)), &ms) &&
      ms >= row.minimum && ms <= row.maximum) {
    o.sync = SyncMode::interval;
    o.sync_interval_ms = ms;
    return {};
  }
  return bad(row, text, "none, always or interval:<duration from 1ms to 1h>");
}

std::string get_sync(const Options& o) {
  if (o.sync == SyncMode::interval) return "interval:" + duration_text(o.sync_interval_ms);
  return o.sync == SyncMode::none ? "none" : "always";
}

Status set_policy(const OptionRow& row, Options& o, const std::string& text) {
  if (text == "always") {
    o.merge_policy = MergePolicy::always;
  } else if (text == "never") {
    o.merge_policy = MergePolicy::never;
  } else if (text == "window") {
    o.merge_policy = MergePolicy::window;
  } else {
    return bad(row, text, "always, never or window");
  }
  return {};
}

std::string get_policy(const Options& o) {
  if (o.merge_policy == MergePolicy::always) return "always";
  return o.merge_policy == MergePolicy::never ? "never" : "window";
}

constexpr uint64_t kHour = 3600000;
constexpr uint64_t kTiB = 1ULL << 40;
constexpr uint64_t kYear = 365ULL * 24 * kHour;
constexpr const char* kFirst = "0.1.0";

template <auto member>
OptionRow switch_row(const char* name, const char* description) {
  return {name, "bool", 0, 1, "", description, kFirst, set_bool<member>, get_bool<member>};
}
template <auto member>
OptionRow number_row(const char* name, const char* type, uint64_t least, uint64_t most,
                     const char* description, std::string (*get)(const Options&)) {
  return {name, type, least, most, "", description, kFirst, set_number<member>, get};
}
template <auto member>
OptionRow count_row(const char* name, uint64_t least, uint64_t most, const char* description) {
  return number_row<member>(name, "int", least, most, description, get_count<member>);
}
template <auto member>
OptionRow percent_row(const char* name, const char* description) {
  return number_row<member>(name, "percent", 0, 100, description, get_count<member>);
}
template <auto member>
OptionRow size_row(const char* name, uint64_t least, uint64_t most, const char* description) {
  return number_row<member>(name, "size", least, most, description, get_size<member>);
}
template <auto member>
OptionRow duration_row(const char* name, uint64_t least, uint64_t most, const char* description) {
  return number_row<member>(name, "duration", least, most, description, get_duration<member>);
}

std::vector<OptionRow> open_rows() {
  using O = Options;
  return {
      switch_row<&O::create_if_missing>("create_if_missing",
                                        "Make the directory and a new store if there is none."),
      switch_row<&O::error_if_exists>("error_if_exists", "Fail if there is a store already."),
      switch_row<&O::read_only>("read_only",
                                "Open beside a writer, which may be another process; writes fail."),
      switch_row<&O::salvage>("salvage",
                              "Open a damaged store for reading, as stave_repair would leave it: "
                              "what cannot be read is "
                              "skipped and told as log events. Changes nothing on disk; what "
                              "differs is held in memory. "
                              "Implies read_only; not beside a writer."),
      switch_row<&O::network_fs>(
          "network_fs",
          "Open on NFS, SMB, 9p, FUSE and the like all the same (locks and mappings "
          "may not be trustworthy there)."),
      {"io", "choice", 0, 0, "mapped|positional",
       "How files are read and written: through mappings, or by pread and pwrite (for hosts where "
       "a SIGBUS on a device error is not acceptable).",
       kFirst, set_io, get_io},
      {"sync", "choice", 1, kHour, "none|interval:<duration>|always",
       "When writes become durable against a power cut: at the next sync call or sealing of a "
       "file, in the background at an interval, or before each call returns.",
       kFirst, set_sync, get_sync},
      switch_row<&O::verify_reads>("verify_reads", "Check the record's checksum on every get."),
      duration_row<&O::open_timeout_ms>("open_timeout", 0, kHour,
                                        "How long to wait for another writer to let go."),
  };
}

std::vector<OptionRow> file_rows() {
  using O = Options;
  return {
      size_row<&O::max_file_size>(
          "max_file_size", kFileSizeMin, kFileSizeLimit,
          "Size at which a data file is sealed and the next one begun. A longer record gets a file "
          "of its own."),
      count_row<&O::max_file_entries>(
          "max_file_entries", 16, 64ULL << 20,
          "Operations at which a data file is sealed; bounds the memory of the tail's index."),
      count_row<&O::max_unsealed_files>(
          "max_unsealed_files", 1, 64,
          "Full files that may wait to be synced and sealed before writes have to wait."),
      size_row<&O::preallocate>("preallocate", 64 << 10, 1ULL << 30,
                                "Step in which disk space is allocated ahead of the tail."),
      switch_row<&O::background>(
          "background",
          "Use background threads. Without them files are sealed inside the writing "
          "call, and merges run only when called."),
      count_row<&O::load_threads>("load_threads", 0, 256,
                                  "Threads that load the keydir at open; 0: one for each CPU."),
      count_row<&O::checkpoint_min_ops>(
          "checkpoint_min_ops", 0, UINT64_MAX,
          "Write a keydir checkpoint at close only if it spares the next open at least this many "
          "operations."),
  };
}

std::vector<OptionRow> merge_rows() {
  using O = Options;
  return {
      {"merge.policy", "choice", 0, 0, "always|never|window",
       "When background merges may run; window: between merge.window.start and merge.window.end.",
       kFirst, set_policy, get_policy},
      count_row<&O::merge_window_start>("merge.window.start", 0, 23,
                                        "First hour (local time) of the window."),
      count_row<&O::merge_window_end>("merge.window.end", 0, 23,
                                      "Last hour (local time) of the window, whole."),
      percent_row<&O::merge_trigger_fragmentation>(
          "merge.triggers.fragmentation",
          "A merge starts when a file's share of dead records reaches this."),
      size_row<&O::merge_trigger_dead_bytes>("merge.triggers.dead_bytes", 0, 16 * kTiB,
                                             "A merge starts when a file's dead bytes reach this."),
      percent_row<&O::merge_threshold_fragmentation>(
          "merge.thresholds.fragmentation",
          "A merge takes a file whose share of dead records is at least this."),
      size_row<&O::merge_threshold_dead_bytes>(
          "merge.thresholds.dead_bytes", 0, 16 * kTiB,
          "A merge takes a file with at least these dead bytes."),
      size_row<&O::merge_threshold_small_file>(
          "merge.thresholds.small_file", 0, 16 * kTiB,
          "A merge takes a file smaller than this, to join it with others."),
      size_row<&O::merge_rate>("merge.rate", 0, kTiB,
                               "Bytes per second that a merge reads and writes; 0: no cap."),
      number_row<&O::merge_space_target>(
          "merge.space_target", "percent", 110, 100'000,
          "Size of the data files, in percent of the live bytes, that background merges aim to "
          "stay "
          "below (1 GiB of dead bytes is always allowed). From half of the dead bytes that it "
          "allows, they may exceed merge.rate; near it puts are held up for moments.",
          get_count<&O::merge_space_target>),
      duration_row<&O::merge_check_interval_ms>("merge.check_interval", 10, kHour,
                                                "How often the triggers are looked at."),
  };
}

std::vector<OptionRow> expiry_rows() {
  using O = Options;
  std::vector<OptionRow> rows = {
      duration_row<&O::expiry_default_ttl_ms>(
          "expiry.default_ttl", 0, 100 * kYear,
          "How long the entries of puts live that do not say it themselves; 0: for ever."),
      duration_row<&O::expiry_grace_time_ms>(
          "expiry.grace_time", 0, 100 * kYear,
          "How long after its expiry merges keep an entry's record; it is hidden all the same."),
      duration_row<&O::expiry_clock_tolerance_ms>(
          "expiry.clock_tolerance", 0, kYear,
          "How far the wall clock may go back before expired entries come back, and how far ahead "
          "of it a clock that had jumped ahead leaves expiry."),
  };
  return rows;
}

std::vector<OptionRow> make_table() {
  std::vector<OptionRow> table = open_rows();
  for (const OptionRow& row : file_rows()) table.push_back(row);
  for (const OptionRow& row : merge_rows()) table.push_back(row);
  for (const OptionRow& row : expiry_rows()) table.push_back(row);
  table.push_back(
      count_row<&Options::test_hash_bits>("test.hash_bits", 0, 128,
                                          "For tests only: shrinks the keydir's hash so that keys "
                                          "collide (and are lost); 0: whole."));
  return table;
}

size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replace = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replace});
    }
  }
  return row[b.size()];
}

// Every third letter may be wrong: with more, a short word is near to anything.
bool is_near(const std::string& name, const std::string& known) {
  if (name.size() >= 4 && known.find(name) != std::string::npos) return true;
  const size_t most = std::clamp<size_t>(std::max(name.size(), known.size()) / 3, 1, 3);
  return edit_distance(name, known) <= most;
}

// " (did you mean a or b?)", or where to find the list when no name is near.
std::string suggestion(const std::string& name) {
  std::string text;
  for (const OptionRow& row : option_table()) {
    const std::string known = row.name;
    if (!is_near(name, known)) continue;
    text += (text.empty() ? " (did you mean " : " or ") + known;
  }
  return text.empty() ? "; the options are listed by `stave options` and stave_option_at"
                      : text + "?)";
}

}  // namespace

const std::vector<OptionRow>& option_table() {
  static const std::vector<OptionRow> table = make_table();
  return table;
}

const OptionRow* find_option(const std::string& name) {
  for (const OptionRow& row : option_table()) {
    if (name == row.name) return &row;
  }
  return nullptr;
}

Status set_option(Options& options, const std::string& name, const std::string& text) {
  const OptionRow* row = find_option(name);
  if (row != nullptr) return row->set(*row, options, text);
  return {Code::unknown_option, "there is no option \"" + name + "\"" + suggestion(name)};
}

std::string bound_text(const OptionRow& row, uint64_t bound) {
  const std::string type = row.type;
  if (type == "size") return size_text(bound);
  if (type == "duration") return duration_text(bound);
  return type == "int" || type == "percent" ? std::to_string(bound) : "";
}

}  // namespace stave
