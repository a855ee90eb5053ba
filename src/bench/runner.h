// Runs workloads on one engine, in the process where the engine lives. Owns the engine and knows
// what must be in it.
#pragma once

#include <memory>
#include <string>

#include "bench/engine.h"
#include "bench/loops.h"
#include "bench/machine.h"
#include "bench/result.h"
#include "bench/settings.h"
#include "bench/workload.h"

namespace stave::bench {

class MemoryGroup;

class Runner {
 public:
  // Uses `dir`/main and, for workloads with a store of their own, `dir`/own.
  // With `group`, which this process is in, workloads may limit its memory.
  Runner(EngineKind kind, const Settings& settings, std::string dir,
         const MemoryGroup* group = nullptr);

  // What an earlier process left in `dir`/main, killed or not.
  void inherit(const Contents& contents) { contents_ = contents; }
  const Contents& contents() const { return contents_; }

  // Throws WrongAnswer or Error.
  Result run(const Workload& workload, bool timed);
  // Writes so that an end now is not a clean one. Returns what an open will have to load.
  std::map<std::string, double> before_kill();
  void close();

 private:
  // A workload that is measured: fills `result` but for names.
  void dispatch(const Workload& workload, bool timed, Result& result);
  void fill(bool timed, KeyOrder order, Result& result);
  void overwrite(bool timed, Result& result);
  void read(const Workload& workload, bool timed, Result& result);
  void read_latest(const Workload& workload, bool timed, Result& result);
  void modify(const Workload& workload, bool timed, Result& result);
  void read_missing(bool timed, Result& result);
  void erase(bool timed, Result& result);
  void beside_writer(bool timed, Result& result);
  void beside_merge(bool timed, Result& result);
  void put_beside_merge(const Workload& workload, bool timed, Result& result);
  void put_after_open(bool timed, Result& result);
  void put_synced(const Workload& workload, bool timed, Result& result);
  void walk(const Workload& workload, bool timed, Result& result);
  void read_short_ranges(bool timed, Result& result);
  void read_ranges(const Workload& workload, bool timed, Result& result);
  void walk_after_fill(Result& result);
  void close_filled(Result& result);
  void open_clean(Result& result);
  void open_killed(Result& result);
  void read_cold(bool timed, Result& result);

  std::string why_not(const Workload& workload) const;
  void open(const std::string& sub);
  void load();   // the records, if they are not there: not measured
  void audit();  // asks for some records, which must be right
  void audit_erased();
  uint8_t next_version() const;
  void touch(uint64_t puts) const;
  double open_and_get(Result& result);
  Hand hand(bool timed, uint64_t number = 0, KeyOrder order = KeyOrder::mixed);
  std::vector<uint32_t> picks(const Workload& workload) const;
  // A uniform reader of `ops` records; returns its rate.
  double read_alone(uint64_t ops);
  static void conclude(std::span<Hand> hands, bool timed, Result& result);

  EngineKind kind_;
  const Settings& settings_;
  std::string dir_;
  const MemoryGroup* group_;
  std::string store_;  // the directory of the store that is open
  uint64_t records_;
  uint64_t turn_ = 0;  // so that no two workloads draw the same numbers
  Contents contents_;
  uint64_t anonymous_before_ = 0;
  std::unique_ptr<Engine> engine_;
};

}  // namespace stave::bench
