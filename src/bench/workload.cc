#include "bench/workload.h"

#include <algorithm>

#include "bench/name_list.h"

namespace stave::bench {

// clang-format off
const std::vector<Workload> kWorkloads = {
    // name            kind                 pick           read% thr own    what
    {"fillseq",        Kind::fill,          Pick::uniform,    0, 1, true,  "put new records in ascending key order"},
    {"fillrandom",     Kind::fill,          Pick::uniform,    0, 1, false, "put new records in random key order"},
    {"overwrite",      Kind::overwrite,     Pick::uniform,    0, 1, false, "put every record again, in another order"},
    {"readrandom",     Kind::read,          Pick::uniform,  100, 1, false, "get records picked uniformly"},
    {"readthreads",    Kind::read,          Pick::uniform,  100, 0, false, "the same from --threads threads"},
    {"readmissing",    Kind::missing,       Pick::uniform,  100, 1, false, "get keys that are not there"},
    {"mix",            Kind::read,          Pick::uniform,   50, 1, false, "half gets, half puts, picked uniformly"},
    {"ycsba",          Kind::read,          Pick::zipfian,   50, 1, false, "YCSB A: half gets, half puts, zipfian"},
    {"ycsbb",          Kind::read,          Pick::zipfian,   95, 1, false, "YCSB B: 95 % gets, 5 % puts, zipfian"},
    {"ycsbc",          Kind::read,          Pick::zipfian,  100, 1, false, "YCSB C: gets, zipfian"},
    {"ycsbd",          Kind::latest,        Pick::zipfian,   95, 1, false, "YCSB D: 95 % gets of recent records, 5 % new ones"},
    {"ycsbf",          Kind::modify,        Pick::zipfian,   50, 1, false, "YCSB F: half gets, half read-modify-write, zipfian"},
    {"readwhilewriting", Kind::beside_writer, Pick::uniform, 100, 1, false, "one reader beside one writer that never rests"},
    {"readwhilemerging", Kind::beside_merge, Pick::uniform, 100, 1, false, "one reader while the whole store merges, uncapped"},
    {"putwhilemerging", Kind::put_beside_merge, Pick::uniform, 50, 1, false, "half gets, half puts while the store merges, capped"},
    {"readseq",        Kind::walk,          Pick::uniform,  100, 1, false, "every record in key order"},
    {"readreverse",    Kind::walk_down,     Pick::uniform,  100, 1, false, "every record against key order"},
    {"readkeys",       Kind::walk_keys,     Pick::uniform,  100, 1, false, "every key in order, without values"},
    {"shortrange",     Kind::short_ranges,  Pick::uniform,  100, 1, false, "10 records from a random one on, after a merge"},
    {"ycsbe",          Kind::ranges,        Pick::zipfian,   95, 1, false, "YCSB E: 95 % ranges of up to 100 records, 5 % new ones"},
    {"syncput",        Kind::synced,        Pick::uniform,    0, 1, false, "puts that survive a power cut, 1 thread"},
    {"syncput8",       Kind::synced,        Pick::uniform,    0, 8, false, "puts that survive a power cut, 8 threads"},
    {"putafteropen",   Kind::put_after_open, Pick::uniform,   0, 1, false, "the first puts after close and open"},
    {"coldread",       Kind::cold,          Pick::uniform,  100, 1, false, "get with nothing in the page cache"},
    {"scanafterput",   Kind::first_of_walk, Pick::uniform,  100, 1, true,  "open an iterator right after a fill, and its first record"},
    {"close",          Kind::close,         Pick::uniform,    0, 1, true,  "close after a fill, its data flushed before"},
    {"openclean",      Kind::open_clean,    Pick::uniform,    0, 1, false, "open after a close, and one get"},
    {"openkilled",     Kind::open_killed,   Pick::uniform,    0, 1, false, "open after SIGKILL, and one get"},
    {"deleterandom",   Kind::erase,         Pick::uniform,    0, 1, false, "delete every record, in another order"},
};
// clang-format on

namespace {

constexpr const char* kCore[] = {"fillrandom",  "overwrite", "readrandom",  "readthreads",
                                 "readmissing", "mix",       "deleterandom"};

std::vector<std::string> all_names() {
  std::vector<std::string> names = {"all", "core"};
  for (const Workload& workload : kWorkloads) names.emplace_back(workload.name);
  return names;
}

}  // namespace

bool is_walk(const Workload& workload) {
  return workload.kind >= Kind::walk && workload.kind <= Kind::first_of_walk;
}

bool is_single(const Workload& workload) {
  return workload.kind == Kind::close || workload.kind == Kind::first_of_walk ||
         workload.kind == Kind::open_clean || workload.kind == Kind::open_killed;
}

const Workload* find_workload(const std::string& name) {
  for (const Workload& workload : kWorkloads) {
    if (name == workload.name) return &workload;
  }
  return nullptr;
}

std::vector<Workload> parse_workloads(const std::string& names) {
  std::vector<std::string> wanted;
  for (const std::string& name : split_names("--workloads", names)) {
    if (name == "all") {
      for (const Workload& workload : kWorkloads) wanted.emplace_back(workload.name);
    } else if (name == "core") {
      wanted.insert(wanted.end(), std::begin(kCore), std::end(kCore));
    } else if (find_workload(name) != nullptr) {
      wanted.push_back(name);
    } else {
      unknown_name("--workloads", "workload", name, all_names());
    }
  }
  std::vector<Workload> found;
  for (const Workload& workload : kWorkloads) {
    if (std::find(wanted.begin(), wanted.end(), workload.name) != wanted.end()) {
      found.push_back(workload);
    }
  }
  return found;
}

}  // namespace stave::bench
