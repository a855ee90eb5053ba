#include "bench/text_report.h"

#include "bench/details.h"
#include "bench/grid.h"
#include "bench/number_text.h"
#include "bench/targets.h"

namespace stave::bench {
namespace {

// Rows are workloads, columns engines; a row that says nothing is left out.
Grid matrix(const Summary& summary, bool singles,
            const std::function<std::string(const EngineKind&, const Workload&)>& figure) {
  std::vector<std::string> head = {""};
  for (const EngineKind& kind : summary.engines()) head.push_back(marked_name(summary, kind));
  Grid grid(std::move(head));
  for (const Workload& workload : summary.workloads()) {
    if (is_single(workload) != singles || !summary.has(workload.name)) continue;
    std::vector<std::string> row = {workload.name};
    for (const EngineKind& kind : summary.engines()) row.push_back(figure(kind, workload));
    grid.add(std::move(row));
  }
  return grid;
}

std::string titled(const std::string& title, const Grid& grid) {
  return grid.empty() ? "" : title + "\n" + grid.text() + "\n";
}

std::string rates(const Summary& summary) {
  auto thousands = [&](const EngineKind& kind, const Workload& workload) {
    const Cell& cell = summary.at(kind.name, workload.name);
    return cell.has_rate() ? short_number(cell.rate() / 1000) : std::string("-");
  };
  auto millis = [&](const EngineKind& kind, const Workload& workload) {
    const Cell& cell = summary.at(kind.name, workload.name);
    return cell.has_rate() ? short_number(1000 / cell.rate()) : std::string("-");
  };
  return titled("Thousand operations per second (median of the rounds)",
                matrix(summary, false, thousands)) +
         titled("Milliseconds to close, or to open and get one record",
                matrix(summary, true, millis));
}

std::string ratios(const Summary& summary) {
  const std::string first = summary.engines().front().name;
  auto ratio = [&](const EngineKind& kind, const Workload& workload) {
    const double ours = summary.at(first, workload.name).comparable_rate();
    const double theirs = summary.at(kind.name, workload.name).comparable_rate();
    return ours > 0 && theirs > 0 ? short_ratio(ours / theirs) : std::string("-");
  };
  return titled("Speed of " + first + " as a multiple of each (below 1: slower)",
                matrix(summary, false, ratio)) +
         titled("The same for closing and opening", matrix(summary, true, ratio));
}

// False with --no-latency: then no table has anything to say of them.
bool has_latencies(const Summary& summary) {
  for (const EngineKind& kind : summary.engines()) {
    for (const Workload& workload : summary.workloads()) {
      if (!summary.at(kind.name, workload.name).timed.latency_ns.empty()) return true;
    }
  }
  return false;
}

std::string latencies(const Summary& summary) {
  if (!has_latencies(summary)) return "";
  const std::pair<const char*, double> kRows[] = {
      {"p50", 0.5}, {"p99", 0.99}, {"p99.9", 0.999}, {"max", 1}};
  std::string text;
  for (const auto& [name, share] : kRows) {
    auto bound = [&, at = share](const EngineKind& kind, const Workload& workload) {
      const uint64_t ns = summary.at(kind.name, workload.name).timed.latency(at);
      return ns > 0 ? short_number(static_cast<double>(ns) / 1000) : std::string("-");
    };
    const Grid grid = matrix(summary, false, bound);
    if (!summary.workloads().empty()) {
      text += titled(std::string("Latency, microseconds: ") + name, grid);
    }
  }
  return text;
}

std::string space(const Summary& summary) {
  Grid grid({"", "records", "disk after fill", "B/record", "after overwrite", "memory", "B/key",
             "file pages"});
  for (const EngineKind& kind : summary.engines()) {
    const Cell& fill = summary.at(kind.name, "fillrandom");
    if (!fill.has_rate()) continue;
    const Cell& over = summary.at(kind.name, "overwrite");
    const auto records = static_cast<double>(fill.records());
    grid.add({kind.name, std::to_string(fill.records()), short_bytes(fill.extra("disk_bytes")),
              short_number(fill.extra("disk_bytes") / records),
              over.has_rate() ? short_bytes(over.extra("disk_bytes")) : "-",
              short_bytes(fill.extra("anonymous_bytes")),
              short_number(fill.extra("anonymous_bytes_per_key")),
              short_bytes(fill.extra("file_bytes_resident"))});
  }
  return titled("Space and memory (memory: of the process, not backed by files)", grid);
}

std::string text_of(const Table& table) {
  Grid grid(table.head);
  for (const std::vector<std::string>& row : table.rows) grid.add(row);
  std::string text = table.title + "\n" + grid.text();
  for (const std::string& note : table.notes) text += "  " + note + "\n";
  return text + "\n";
}

std::string text_of(const std::vector<Table>& tables) {
  std::string text;
  for (const Table& table : tables) text += text_of(table);
  return text;
}

std::string notes(const Summary& summary) {
  const std::vector<std::string> lines = footnotes(summary);
  if (lines.empty()) return "";
  std::string text = "To read these tables\n";
  for (const std::string& line : lines) text += "  " + line + "\n";
  return text + "\n";
}

}  // namespace

std::string environment_text(const Environment& here, const Settings& s) {
  return here.cpu + ", " + std::to_string(here.cores) + " cores, " +
         short_bytes(static_cast<double>(here.memory_bytes)) + " memory, " + here.kernel + ", " +
         here.file_system + "\n" + here.compiler + ", " + here.build + ", " + here.date + "\n" +
         std::to_string(s.num_ops) + " records of " + std::to_string(s.key_size) + "/" +
         std::to_string(s.value_size) + " bytes, " + std::to_string(s.repeat) +
         (s.repeat == 1 ? " round, " : " rounds, ") + std::to_string(s.threads) +
         " threads in readthreads\n\n";
}

std::string results_text(const Summary& summary) {
  std::string text;
  const bool timed = has_latencies(summary);
  for (const EngineKind& kind : summary.engines()) {
    std::vector<std::string> head = {kind.name, "records", "op/s"};
    if (timed) head.insert(head.end(), {"p50", "p99", "p99.9", "max"});
    Grid grid(std::move(head));
    for (const Workload& workload : summary.workloads()) {
      const Cell& cell = summary.at(kind.name, workload.name);
      if (!cell.has_rate()) {
        grid.add({workload.name, cell.note.empty() ? "-" : cell.note});
        continue;
      }
      std::vector<std::string> row = {
          workload.name, std::to_string(cell.records()),
          is_single(workload) ? short_time(1e9 / cell.rate()) : short_number(cell.rate())};
      for (const double share : {0.5, 0.99, 0.999, 1.0}) {
        if (!timed) break;
        const uint64_t ns = cell.timed.latency(share);
        row.push_back(ns > 0 ? short_time(static_cast<double>(ns)) : "-");
      }
      grid.add(std::move(row));
    }
    text += grid.text() + "\n";
  }
  return text + space(summary) + text_of(detail_tables(summary)) + notes(summary);
}

std::string comparison_text(const Summary& summary) {
  return rates(summary) + ratios(summary) + notes(summary) + text_of(target_tables(summary)) +
         latencies(summary) + space(summary) + text_of(detail_tables(summary));
}

}  // namespace stave::bench
