#include "bench/html_report.h"

#include <algorithm>

#include "bench/details.h"
#include "bench/html_style.h"
#include "bench/number_text.h"
#include "bench/ratio_table.h"
#include "bench/svg_chart.h"
#include "bench/targets.h"
#include "bench/text_report.h"

namespace stave::bench {
namespace {

// One colour for each engine throughout the page; the limits are grey and differ by their dashes.
class Colours {
 public:
  explicit Colours(const std::vector<EngineKind>& engines) {
    unsigned ours = 0;
    unsigned peers = 2;
    unsigned limits = 0;
    for (const EngineKind& kind : engines) {
      if (kind.role == EngineKind::Role::ours) {
        css_.push_back("ours ours" + std::to_string(ours) + " c" + std::to_string(ours % 2));
        ++ours;
      } else if (kind.role == EngineKind::Role::peer && peers < 8) {
        css_.push_back("c" + std::to_string(peers++));
      } else {
        css_.push_back("limit d" + std::to_string(limits++ % 4));
      }
    }
  }
  const std::string& operator[](size_t engine) const { return css_[engine]; }

 private:
  std::vector<std::string> css_;
};

// Bars for all engines that have a figure, the best first.
template <typename Figure, typename Text>
std::string bars(const Summary& summary, const Colours& colours, const std::string& title,
                 const std::string& workload, bool most_first, Figure figure, Text text) {
  std::vector<Bar> found;
  for (size_t i = 0; i < summary.engines().size(); ++i) {
    const EngineKind& kind = summary.engines()[i];
    const Cell& cell = summary.at(kind.name, workload);
    if (!cell.has_rate()) continue;
    const double value = figure(cell);
    const std::string mark = cell.note.empty() ? "" : " (!)";
    found.push_back({marked_name(summary, kind), colours[i], value, text(value) + mark});
  }
  if (found.empty()) return "";
  std::stable_sort(found.begin(), found.end(), [most_first](const Bar& a, const Bar& b) {
    return most_first ? a.figure > b.figure : a.figure < b.figure;
  });
  return bar_chart(title, found);
}

std::string section(const std::string& title, const std::string& words, const std::string& body,
                    const char* css) {
  if (body.empty()) return "";
  return "<h2>" + title + "</h2>\n<p>" + words + "</p>\n<div class='" + css + "'>" + body +
         "</div>\n";
}

std::string tiles(const Summary& summary) {
  std::string body;
  for (const Workload& workload : summary.workloads()) {
    const Standing at = standing(summary, workload.name);
    if (at.ours == 0 || at.peer == 0 || is_single(workload)) continue;
    const double ratio = at.ours / at.peer;
    body += "<div class='tile'><span>" + std::string(workload.name) + "</span><b class='" +
            ratio_class(ratio) + "'>" + short_ratio(ratio) + "</b><span>of " +
            escaped(at.best_peer) + "</span></div>";
  }
  return section("Against the best peer", "Speed of stave as a multiple of it, in each workload.",
                 body, "tiles");
}

std::string throughput(const Summary& summary, const Colours& colours) {
  std::string body;
  for (const Workload& workload : summary.workloads()) {
    if (is_single(workload)) continue;
    body += bars(
        summary, colours, std::string(workload.name) + ": " + workload.what, workload.name, true,
        [](const Cell& cell) { return cell.rate() / 1000; }, short_number);
  }
  return section("Throughput",
                 "Thousand operations per second, median of the rounds; longer is better. Grey "
                 "bars are baselines and the limits of the machine, not stores. (!): not to be "
                 "compared; * and (!) are explained below the ratios.",
                 body, "charts");
}

std::string legend(const Summary& summary, const Colours& colours) {
  std::string body;
  for (size_t i = 0; i < summary.engines().size(); ++i) {
    body += "<span><svg viewBox='0 0 26 10'><path d='M0 5H26' class='curve " + colours[i] +
            "'/></svg>" + escaped(summary.engines()[i].name) + "</span>";
  }
  return "<div class='legend'>" + body + "</div>";
}

std::string latency(const Summary& summary, const Colours& colours) {
  std::string body;
  for (const Workload& workload : summary.workloads()) {
    std::vector<Curve> curves;
    for (size_t i = 0; i < summary.engines().size(); ++i) {
      const std::string& name = summary.engines()[i].name;
      const Result& timed = summary.at(name, workload.name).timed;
      Curve curve{name, colours[i], {}};
      for (const auto& [share, ns] : timed.latency_ns) {
        // A percentile rarer than one in all operations is the maximum.
        if (share < 1 && (1 - share) * static_cast<double>(timed.ops) < 1) continue;
        curve.points.emplace_back(share, static_cast<double>(ns));
      }
      if (!curve.points.empty()) curves.push_back(std::move(curve));
    }
    // Ours last, on top of the others.
    std::stable_partition(curves.begin(), curves.end(),
                          [](const Curve& c) { return c.css.rfind("ours", 0) != 0; });
    if (!curves.empty()) {
      body += latency_chart(std::string(workload.name) + ": " + workload.what, curves);
    }
  }
  if (body.empty()) return "";
  return "<h2>Latency</h2>\n<p>From a round of its own in which a clock is read for each "
         "operation; lower is better. Each step to the right is ten times as rare.</p>\n" +
         legend(summary, colours) + "<div class='charts'>" + body + "</div>\n";
}

std::string space(const Summary& summary, const Colours& colours) {
  auto extra = [](const char* name) {
    return [name](const Cell& cell) {
      return cell.extra(name) / static_cast<double>(std::max<uint64_t>(cell.records(), 1));
    };
  };
  std::string body = bars(summary, colours, "Disk, bytes per record after fillrandom", "fillrandom",
                          false, extra("disk_bytes"), short_number) +
                     bars(summary, colours, "Disk, bytes per record after overwrite", "overwrite",
                          false, extra("disk_bytes"), short_number) +
                     bars(summary, colours, "Memory of the process, bytes per key after fillrandom",
                          "fillrandom", false, extra("anonymous_bytes"), short_number);
  return section("Space and memory",
                 "Shorter is better. Disk: allocated blocks. Memory: what is not backed by files; "
                 "the page cache, which all use, is not in it.",
                 body, "charts");
}

std::string closing_and_opening(const Summary& summary, const Colours& colours) {
  std::string body;
  for (const Workload& workload : summary.workloads()) {
    if (!is_single(workload)) continue;
    body += bars(
        summary, colours, std::string(workload.name) + ": " + workload.what, workload.name, false,
        [](const Cell& cell) { return 1000 / cell.rate(); }, short_number);
  }
  return section("Closing and opening", "Milliseconds; shorter is better.", body, "charts");
}

std::string lines_of(const std::vector<std::string>& notes) {
  std::string text;
  for (const std::string& note : notes) text += (text.empty() ? "" : "<br>") + escaped(note);
  return text.empty() ? "" : "<p class='notes'>" + text + "</p>\n";
}

std::string cell_of(const std::string& text) {
  const bool judged = text == kMet || text == kMissed;
  const char* css = text == kMet ? " class='good'" : " class='bad'";
  return std::string("<td") + (judged ? css : "") + ">" + escaped(text) + "</td>";
}

std::string rows_of(const Table& table) {
  std::string body = "<table><tr>";
  for (const std::string& name : table.head) body += "<th>" + escaped(name) + "</th>";
  for (const std::vector<std::string>& row : table.rows) {
    body += "</tr>\n<tr>";
    for (const std::string& text : row) body += cell_of(text);
  }
  return body + "</tr></table>";
}

std::string tables_section(const std::string& title, const std::string& words,
                           const std::vector<Table>& tables) {
  std::string body;
  for (const Table& table : tables) {
    body += "<h3>" + escaped(table.title) + "</h3>\n<div class='table'>" + rows_of(table) +
            "</div>\n" + lines_of(table.notes);
  }
  return body.empty() ? "" : "<h2>" + title + "</h2>\n<p>" + words + "</p>\n" + body;
}

std::string ratios(const Summary& summary) {
  return section("Ratios",
                 "Speed of " + escaped(summary.engines().front().name) +
                     " as a multiple of each engine; above 1 it is faster, 1/20 means a "
                     "twentieth.",
                 ratio_table(summary), "table") +
         lines_of(footnotes(summary));
}

std::string engine_table(const Summary& summary) {
  std::string body =
      "<table class='words'><tr><th>Engine</th><th>Version</th><th>Role</th><th>Settings</th>"
      "</tr>\n";
  for (const EngineKind& kind : summary.engines()) {
    body += "<tr><td>" + escaped(kind.name) + "</td><td>" + escaped(kind.version) + "</td><td>" +
            role_name(kind.role) + "</td><td>" + escaped(kind.settings) + "</td></tr>\n";
  }
  return section("Engines", "What ran, and how it was set.", body + "</table>", "table");
}

}  // namespace

std::string html_report(const Environment& here, const Settings& settings, const Summary& summary,
                        const std::string& how_it_ended) {
  const Colours colours(summary.engines());
  std::string errors;
  if (!how_it_ended.empty()) errors = "<p class='bad'>" + escaped(how_it_ended) + "</p>\n";
  for (const std::string& error : summary.errors()) {
    errors += "<p class='bad'>failed: " + escaped(error) + "</p>\n";
  }
  std::string words;
  for (const char c : environment_text(here, settings)) {
    words += c == '\n' ? std::string("<br>") : escaped(std::string(1, c));
  }
  return "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>"
         "<meta name='viewport' content='width=device-width, initial-scale=1'>"
         "<title>stave benchmark</title><style>" +
         std::string(kHtmlStyle) + "</style></head><body><main>\n<h1>stave benchmark</h1>\n<p>" +
         words + "</p>\n" + errors + tiles(summary) + throughput(summary, colours) +
         ratios(summary) +
         tables_section("Targets", "What the project wants of stave, judged by this run.",
                        target_tables(summary)) +
         latency(summary, colours) + closing_and_opening(summary, colours) +
         tables_section("Details", "What these workloads measure beside their rates.",
                        detail_tables(summary)) +
         space(summary, colours) + engine_table(summary) + "</main></body></html>\n";
}

}  // namespace stave::bench
