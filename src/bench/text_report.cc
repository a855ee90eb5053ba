#include "bench/text_report.h"

#include <cstdio>

#include "bench/grid.h"

namespace stave::bench {
namespace {

bool is_open(const Workload& workload) {
  return workload.kind == Kind::open_clean || workload.kind == Kind::open_killed;
}

// Rows are workloads, columns engines; a row that says nothing is left out.
Grid matrix(const Summary& summary, bool opens,
            const std::function<std::string(const EngineKind&, const Workload&)>& figure) {
  std::vector<std::string> head = {""};
  for (const EngineKind& kind : summary.engines()) head.push_back(kind.name);
  Grid grid(std::move(head));
  for (const Workload& workload : summary.workloads()) {
    if (is_open(workload) != opens || !summary.has(workload.name)) continue;
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
         titled("Milliseconds to open and get one record", matrix(summary, true, millis));
}

std::string ratios(const Summary& summary) {
  const std::string first = summary.engines().front().name;
  auto ratio = [&](const EngineKind& kind, const Workload& workload) {
    const double ours = summary.at(first, workload.name).rate();
    const double theirs = summary.at(kind.name, workload.name).rate();
    return ours > 0 && theirs > 0 ? short_number(ours / theirs) + "x" : std::string("-");
  };
  return titled("Speed of " + first + " as a multiple of each (below 1: slower)",
                matrix(summary, false, ratio)) +
         titled("The same for opening", matrix(summary, true, ratio));
}

std::string targets(const Summary& summary) {
  Grid grid({"", "stave k/s", "best peer", "k/s", "stave/peer", "target k/s", "stave/target",
             "stave/limit", "stave/honest"});
  auto over = [](double a, double b) { return b > 0 ? short_number(a / b) : std::string("-"); };
  for (const Workload& workload : summary.workloads()) {
    const Standing at = standing(summary, workload.name);
    if (at.ours == 0 || at.target() == 0) continue;
    grid.add({workload.name, short_number(at.ours / 1000), at.peer > 0 ? at.best_peer : "-",
              short_number(at.peer / 1000), over(at.ours, at.peer),
              short_number(at.target() / 1000), over(at.ours, at.target()), over(at.ours, at.limit),
              over(at.ours, at.honest)});
  }
  return titled("stave against the target: the smaller of 1.5 x best peer and 0.8 x limit-mapping",
                grid);
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

std::string beside(const Summary& summary, const char* workload, const char* title,
                   const std::vector<std::pair<std::string, std::string>>& columns) {
  std::vector<std::string> head = {""};
  for (const auto& [column, name] : columns) head.push_back(column);
  Grid grid(std::move(head));
  for (const EngineKind& kind : summary.engines()) {
    const Cell& cell = summary.at(kind.name, workload);
    if (!cell.has_rate()) continue;
    std::vector<std::string> row = {kind.name};
    for (const auto& [column, name] : columns) row.push_back(short_number(cell.extra(name)));
    grid.add(std::move(row));
  }
  return titled(title, grid);
}

std::string extras(const Summary& summary) {
  return beside(summary, "readwhilewriting", "One reader beside one writer",
                {{"alone/s", "reader_alone_per_second"},
                 {"loss %", "reader_loss_percent"},
                 {"writer/s", "writer_per_second"}}) +
         beside(summary, "readwhilemerging", "One reader beside a merge",
                {{"alone/s", "reader_alone_per_second"},
                 {"loss %", "reader_loss_percent"},
                 {"merge s", "merge_seconds"}}) +
         beside(summary, "putwhilemerging",
                "Puts and gets beside a merge under its rate cap: nanoseconds, multiples of idle",
                {{"put p99", "put_p99_ns"},
                 {"x idle", "put_p99_ratio"},
                 {"put p99.9", "put_p999_ns"},
                 {"x idle", "put_p999_ratio"},
                 {"get p99", "get_p99_ns"},
                 {"x idle", "get_p99_ratio"},
                 {"get p99.9", "get_p999_ns"},
                 {"x idle", "get_p999_ratio"},
                 {"merge s", "merge_seconds"}}) +
         beside(summary, "putafteropen",
                "The first puts after an open: nanoseconds, multiples of those before the close",
                {{"p50", "put_p50_ns"},
                 {"x settled", "put_p50_ratio"},
                 {"p99", "put_p99_ns"},
                 {"x settled", "put_p99_ratio"},
                 {"p99.9", "put_p999_ns"},
                 {"x settled", "put_p999_ratio"},
                 {"max", "put_max_ns"},
                 {"x settled", "put_max_ratio"}}) +
         beside(summary, "coldread", "Gets with an empty page cache",
                {{"bytes/get", "read_bytes_per_get"}, {"reads/get", "device_reads_per_get"}});
}

}  // namespace

std::string short_number(double number) {
  char text[32];
  const double size = number < 0 ? -number : number;
  const int digits = size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.0995 || size == 0 ? 2 : 4;
  std::snprintf(text, sizeof text, "%.*f", digits, number);
  return text;
}

std::string short_time(double ns) {
  if (ns < 1e3) return short_number(ns) + " ns";
  if (ns < 1e6) return short_number(ns / 1e3) + " us";
  if (ns < 1e9) return short_number(ns / 1e6) + " ms";
  return short_number(ns / 1e9) + " s";
}

std::string short_bytes(double bytes) {
  static constexpr const char* kUnits[] = {" B", " KiB", " MiB", " GiB"};
  size_t unit = 0;
  while (bytes >= 1024 && unit < 3) {
    bytes /= 1024;
    ++unit;
  }
  return short_number(bytes) + kUnits[unit];
}

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
          is_open(workload) ? short_time(1e9 / cell.rate()) : short_number(cell.rate())};
      for (const double share : {0.5, 0.99, 0.999, 1.0}) {
        if (!timed) break;
        const uint64_t ns = cell.timed.latency(share);
        row.push_back(ns > 0 ? short_time(static_cast<double>(ns)) : "-");
      }
      grid.add(std::move(row));
    }
    text += grid.text() + "\n";
  }
  return text + space(summary) + extras(summary);
}

std::string comparison_text(const Summary& summary) {
  return rates(summary) + ratios(summary) + targets(summary) + latencies(summary) + space(summary) +
         extras(summary);
}

}  // namespace stave::bench
