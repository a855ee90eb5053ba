// What one run of one workload on one engine gave; travels as JSON from the process that ran it.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "bench/histogram.h"

namespace stave::bench {

inline constexpr double kShares[] = {0.5,   0.75,   0.9,    0.95,    0.99,     0.995,
                                     0.999, 0.9995, 0.9999, 0.99999, 0.999999, 1.0};

struct Result {
  std::string engine;
  std::string workload;
  unsigned round = 0;
  bool latency_pass = false;  // a clock was read for each operation
  uint64_t records = 0;       // in the store
  uint64_t ops = 0;
  double seconds = 0;
  std::vector<std::pair<double, uint64_t>> latency_ns;  // (share, bound), shares ascending
  std::map<std::string, double> extra;                  // figures of this workload alone
  std::string skipped;                                  // why it was not run
  std::string note;                                     // why it cannot be compared
  std::string error;

  bool ran() const { return skipped.empty() && error.empty(); }
  double rate() const { return seconds > 0 ? static_cast<double>(ops) / seconds : 0; }
  uint64_t latency(double share) const;  // 0 if there is none
  void set_latency(const Histogram& histogram);
};

nlohmann::ordered_json to_json(const Result& result);
Result result_from_json(const nlohmann::ordered_json& json);

}  // namespace stave::bench
