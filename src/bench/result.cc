#include "bench/result.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace stave::bench {
namespace {

// What the name says is a fraction: all others are counts, of bytes, keys or nanoseconds.
bool is_fraction(const std::string& name) {
  for (const char* part : {"_per_", "_ratio", "_percent", "_seconds"}) {
    if (name.find(part) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

uint64_t Result::latency(double share) const {
  for (const auto& [at, bound] : latency_ns) {
    if (at >= share) return bound;
  }
  return 0;
}

void Result::set_latency(const Histogram& histogram) {
  latency_ns.clear();
  for (const double share : kShares) latency_ns.emplace_back(share, histogram.percentile(share));
}

nlohmann::ordered_json to_json(const Result& result) {
  nlohmann::ordered_json json = {{"type", "result"},
                                 {"engine", result.engine},
                                 {"workload", result.workload},
                                 {"round", result.round},
                                 {"pass", result.latency_pass ? "latency" : "throughput"}};
  if (!result.skipped.empty()) json["skipped"] = result.skipped;
  if (!result.error.empty()) json["error"] = result.error;
  if (!result.ran()) return json;
  json["records"] = result.records;
  json["ops"] = result.ops;
  json["seconds"] = result.seconds;
  json["ops_per_second"] = result.rate();
  if (!result.latency_ns.empty()) {
    json["p50_ns"] = result.latency(0.5);
    json["p99_ns"] = result.latency(0.99);
    json["p999_ns"] = result.latency(0.999);
    json["max_ns"] = result.latency(1);
    json["latency_ns"] = result.latency_ns;
  }
  if (!result.note.empty()) json["note"] = result.note;
  for (const auto& [name, figure] : result.extra) {
    if (is_fraction(name)) {
      json["extra"][name] = figure;
    } else {
      json["extra"][name] = std::llround(figure);
    }
  }
  return json;
}

Result result_from_json(const nlohmann::ordered_json& json) {
  Result result;
  result.engine = json.at("engine");
  result.workload = json.at("workload");
  result.round = json.at("round");
  result.latency_pass = json.at("pass") == "latency";
  result.skipped = json.value("skipped", "");
  result.error = json.value("error", "");
  result.note = json.value("note", "");
  result.records = json.value("records", uint64_t{0});
  result.ops = json.value("ops", uint64_t{0});
  result.seconds = json.value("seconds", 0.0);
  if (json.contains("latency_ns")) json.at("latency_ns").get_to(result.latency_ns);
  if (json.contains("extra")) json.at("extra").get_to(result.extra);
  return result;
}

}  // namespace stave::bench
