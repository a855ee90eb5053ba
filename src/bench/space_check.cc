#include "bench/space_check.h"

#include <sys/statvfs.h>

#include <algorithm>

#include "bench/error.h"
#include "bench/number_text.h"

namespace stave::bench {
namespace {

// Records, those that overwrite them, and those that half of a mix writes: engines that append
// have about that much before they merge.
constexpr uint64_t kVersionsAtOnce = 3;

std::string bytes_text(uint64_t bytes) { return short_bytes(static_cast<double>(bytes)); }

// Of the records alone, while most of them are there.
uint64_t record_bytes(const Settings& settings, const std::vector<EngineKind>& engines) {
  uint64_t most = 0;
  uint64_t all = 0;
  for (const EngineKind& kind : engines) {
    if (kind.role == EngineKind::Role::selftest) continue;  // in memory
    const uint64_t bytes =
        std::min(settings.num_ops, kind.records_max) * (settings.key_size + settings.value_size);
    most = std::max(most, bytes);
    all += bytes;
  }
  return settings.one_at_a_time ? most : all;
}

}  // namespace

std::string space_warning(const Settings& settings, const std::vector<EngineKind>& engines,
                          uint64_t free_bytes) {
  const uint64_t sure = record_bytes(settings, engines);
  const uint64_t likely = sure * kVersionsAtOnce;
  if (likely <= free_bytes) return "";
  const bool several = engines.size() > 1 && !settings.one_at_a_time;
  const std::string stores =
      several ? std::to_string(engines.size()) + " engines' stores at once" : "a store";
  const std::string what_to_do = std::string("lower --num-ops, ") +
                                 (several ? "name fewer --engines, take --one-at-a-time, " : "") +
                                 "or name a --data-dir on another disk";
  const std::string there =
      "--data-dir: " + settings.data_dir + " has " + bytes_text(free_bytes) + " free; ";
  if (sure > free_bytes) {
    throw UsageError(there + "the records of " + stores + " alone are " + bytes_text(sure) + ": " +
                     what_to_do);
  }
  return there + stores + " may grow to " + bytes_text(likely) +
         " with what was overwritten; if it does not fit, " + what_to_do;
}

uint64_t free_bytes_of(const std::string& dir) {
  struct statvfs disk;
  if (statvfs(dir.c_str(), &disk) != 0) return ~0ULL;
  return static_cast<uint64_t>(disk.f_bavail) * disk.f_frsize;
}

}  // namespace stave::bench
