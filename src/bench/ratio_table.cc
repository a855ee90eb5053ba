#include "bench/ratio_table.h"

#include "bench/details.h"
#include "bench/number_text.h"
#include "bench/svg_chart.h"

namespace stave::bench {

std::string ratio_table(const Summary& summary) {
  const std::string first = summary.engines().front().name;
  std::string body = "<table class='ratios'><tr><th></th>";
  for (const EngineKind& kind : summary.engines()) {
    body += "<th>" + escaped(marked_name(summary, kind)) + "</th>";
  }
  body += "</tr>\n";
  for (const Workload& workload : summary.workloads()) {
    const double ours = summary.at(first, workload.name).comparable_rate();
    if (ours == 0) continue;
    body += "<tr><td>" + std::string(workload.name) + "</td>";
    for (const EngineKind& kind : summary.engines()) {
      const double theirs = summary.at(kind.name, workload.name).comparable_rate();
      if (theirs == 0) {
        body += "<td>-</td>";
        continue;
      }
      const double ratio = ours / theirs;
      body += std::string("<td class='") + ratio_class(ratio) + "'>" + short_ratio(ratio) + "</td>";
    }
    body += "</tr>\n";
  }
  return body + "</table>";
}

}  // namespace stave::bench
