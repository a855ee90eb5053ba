#include "model.h"

#include <algorithm>

namespace crash {
namespace {

std::string describe(const char* what, uint32_t key, int code) {
  return std::string(what) + " of key " + std::to_string(key) + ": " + stave_status_name(code) +
         ": " + stave_last_error();
}

// The version that the store holds, 0 if none. *wrong is set on any error or foreign bytes.
uint64_t version_in(stave_db* db, uint32_t key, std::string* wrong) {
  std::string name = key_text(key);
  void* own = nullptr;
  size_t length = 0;
  int code = stave_get(db, name.data(), name.size(), &own, &length);
  uint64_t version = code == STAVE_OK ? version_of(key, own, length) : 0;
  stave_free(own);
  if (code == STAVE_NOT_FOUND) return 0;
  if (code != STAVE_OK) *wrong = describe("get", key, code);
  if (code == STAVE_OK && version == 0) *wrong = describe("bytes never put", key, code);
  return version;
}

}  // namespace

void Model::apply(const Operation& op) {
  for (const Step& s : op.steps) version_[s.key] = s.erase ? 0 : op.version;
}

std::string Model::replay(const Task& task, const SharedState& shared) {
  for (uint32_t thread = 0; thread < task.threads; thread++) {
    const ThreadLog& log = shared.threads[thread];
    Workload workload(task.seed, task.round, thread, task.threads, task.mix);
    uint32_t acked = log.acked.load();
    for (uint32_t i = 0; i < acked; i++) {
      Operation op = workload.next();
      bool missed = log.missed[i].load();
      bool absent = op.what == What::erase && version_[op.steps[0].key] == 0;
      if (missed != absent) {
        return "delete of key " + std::to_string(op.steps[0].key) +
               (missed ? " found nothing, though it was there" : " found what was not there");
      }
      apply(op);
    }
    if (log.started.load() > acked) in_flight_.push_back(workload.next());
  }
  return "";
}

std::string Model::settle(stave_db* db, const Operation& op) {
  bool all_old = true;
  bool all_new = true;
  std::string wrong;
  for (const Step& s : op.steps) {
    uint64_t version = version_in(db, s.key, &wrong);
    all_old = all_old && version == version_[s.key];
    all_new = all_new && version == (s.erase ? 0 : op.version);
  }
  if (!wrong.empty()) return wrong;
  if (all_new) apply(op);
  if (all_old || all_new) return "";
  return "an operation in flight, of " + std::to_string(op.steps.size()) +
         " steps, is there in part";
}

std::string Model::check(stave_db* db) {
  std::string wrong;
  for (const Operation& op : in_flight_) {
    wrong = settle(db, op);
    if (!wrong.empty()) return wrong;
  }
  in_flight_.clear();
  for (uint32_t key = 0; key < kKeys; key++) {
    uint64_t version = version_in(db, key, &wrong);
    if (!wrong.empty()) return wrong;
    if (version != version_[key]) {
      return "key " + std::to_string(key) + " has version " + std::to_string(version) +
             ", acknowledged was " + std::to_string(version_[key]);
    }
  }
  stave_stats stats{};
  stats.size = sizeof stats;
  int code = stave_get_stats(db, &stats);
  if (code != STAVE_OK) return describe("statistics", 0, code);
  if (stats.keys != keys()) {
    return "statistics say " + std::to_string(stats.keys) + " keys, not " + std::to_string(keys());
  }
  uint64_t counted = 0;
  code = stave_count_range(db, "key/", 4, nullptr, 0, &counted);
  if (code != STAVE_OK) return describe("count", 0, code);
  if (counted != keys()) return "a count finds " + std::to_string(counted) + " keys";
  return check_iteration(db);
}

std::string Model::check_iteration(stave_db* db) const {
  stave_iter* it = nullptr;
  int code = stave_iter_create(db, nullptr, 0, &it);
  uint64_t n = 0;
  std::string last;
  while (code == STAVE_OK && (code = stave_iter_next(it)) == STAVE_OK) {
    size_t length = 0;
    const void* lent = stave_iter_key(it, &length);
    std::string key(static_cast<const char*>(lent), length);
    if (n++ > 0 && key <= last) break;
    last = key;
  }
  std::string wrong;
  if (code != STAVE_DONE) wrong = describe("iteration", 0, code);
  stave_iter_destroy(it);
  if (wrong.empty() && n != keys()) wrong = "iteration shows " + std::to_string(n) + " keys";
  return wrong;
}

uint64_t Model::keys() const {
  return static_cast<uint64_t>(
      std::count_if(version_.begin(), version_.end(), [](uint64_t v) { return v != 0; }));
}

}  // namespace crash
