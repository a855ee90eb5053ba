#include "bench/details.h"

#include <algorithm>

#include "bench/number_text.h"

namespace stave::bench {
namespace {

struct Column {
  const char* head;
  const char* extra;  // a figure of the result, by its name
};

struct Detail {
  const char* workload;
  const char* title;
  std::vector<Column> columns;
};

const std::vector<Detail>& details() {
  static const std::vector<Detail> kDetails = {
      {"readwhilewriting",
       "One reader beside one writer",
       {{"alone/s", "reader_alone_per_second"},
        {"loss %", "reader_loss_percent"},
        {"writer/s", "writer_per_second"}}},
      {"readwhilemerging",
       "One reader beside a merge",
       {{"alone/s", "reader_alone_per_second"},
        {"loss %", "reader_loss_percent"},
        {"merge s", "merge_seconds"}}},
      {"putwhilemerging",
       "Puts and gets beside a merge under its rate cap: nanoseconds, multiples of idle",
       {{"put p99", "put_p99_ns"},
        {"x idle", "put_p99_ratio"},
        {"put p99.9", "put_p999_ns"},
        {"x idle", "put_p999_ratio"},
        {"get p99", "get_p99_ns"},
        {"x idle", "get_p99_ratio"},
        {"get p99.9", "get_p999_ns"},
        {"x idle", "get_p999_ratio"},
        {"merge s", "merge_seconds"}}},
      {"putafteropen",
       "The first puts after an open: nanoseconds, multiples of those before the close",
       {{"p50", "put_p50_ns"},
        {"x settled", "put_p50_ratio"},
        {"p99", "put_p99_ns"},
        {"x settled", "put_p99_ratio"},
        {"p99.9", "put_p999_ns"},
        {"x settled", "put_p999_ratio"},
        {"max", "put_max_ns"},
        {"x settled", "put_max_ratio"}}},
      {"coldread",
       "Gets with an empty page cache",
       {{"bytes/get", "read_bytes_per_get"}, {"reads/get", "device_reads_per_get"}}},
      {"openkilled",
       "Opening after a kill, seconds, and what there was to load",
       {{"open s", "open_seconds"},
        {"keys in unsealed files", "keys_in_unsealed_files"},
        {"keys in hints", "keys_in_hints"}}}};
  return kDetails;
}

Table table_of(const Summary& summary, const Detail& detail) {
  Table table;
  table.title = detail.title;
  table.head = {""};
  for (const Column& column : detail.columns) table.head.emplace_back(column.head);
  for (const EngineKind& kind : summary.engines()) {
    const Cell& cell = summary.at(kind.name, detail.workload);
    if (!cell.has_rate()) continue;
    std::vector<std::string> row = {kind.name};
    for (const Column& column : detail.columns) {
      row.push_back(cell.has_extra(column.extra) ? short_number(cell.extra(column.extra)) : "-");
    }
    table.rows.push_back(std::move(row));
    if (!cell.note.empty()) table.notes.push_back(kind.name + ": " + cell.note);
  }
  return table;
}

void add_word(std::string& list, const std::string& word) {
  list += (list.empty() ? "" : ", ") + word;
}

bool has_fewer_records(const Summary& summary, const EngineKind& kind) {
  if (kind.records_max >= summary.records_wanted()) return false;
  return std::any_of(
      summary.workloads().begin(), summary.workloads().end(),
      [&](const Workload& workload) { return summary.at(kind.name, workload.name).has_rate(); });
}

// Reasons why cells are empty, each with its engines: in the order of the tables.
void add_reasons(const Summary& summary, const Workload& workload,
                 std::vector<std::string>& notes) {
  std::vector<std::pair<std::string, std::string>> reasons;
  for (const EngineKind& kind : summary.engines()) {
    const Cell& cell = summary.at(kind.name, workload.name);
    std::string why = cell.note;
    if (!why.empty() && cell.has_rate()) why += ", so not compared";
    if (why.empty() && !cell.has_rate() && summary.has(workload.name)) why = "did not run";
    if (why.empty()) continue;
    auto same = [&why](const auto& reason) { return reason.first == why; };
    auto known = std::find_if(reasons.begin(), reasons.end(), same);
    if (known == reasons.end()) known = reasons.insert(known, {why, ""});
    add_word(known->second, kind.name);
  }
  for (const auto& [why, engines] : reasons) {
    notes.push_back(std::string(workload.name) + ": " + engines + ": " + why);
  }
}

}  // namespace

std::vector<Table> detail_tables(const Summary& summary) {
  std::vector<Table> tables;
  for (const Detail& detail : details()) {
    Table table = table_of(summary, detail);
    if (!table.empty()) tables.push_back(std::move(table));
  }
  return tables;
}

std::vector<std::string> footnotes(const Summary& summary) {
  std::vector<std::string> notes;
  for (const EngineKind& kind : summary.engines()) {
    if (!has_fewer_records(summary, kind)) continue;
    notes.push_back("* " + kind.name + " ran with " + std::to_string(kind.records_max) +
                    " records, not " + std::to_string(summary.records_wanted()) +
                    ", which would take hours: a small store is faster than a large one");
  }
  for (const Workload& workload : summary.workloads()) add_reasons(summary, workload, notes);
  return notes;
}

std::string marked_name(const Summary& summary, const EngineKind& kind) {
  return kind.name + (has_fewer_records(summary, kind) ? "*" : "");
}

}  // namespace stave::bench
