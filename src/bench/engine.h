// What a workload may ask of a store. One adapter per engine implements it, so that all engines
// run the very same loops.
//
// Threads: get may be called from any number of threads, beside at most one thread in put or erase
// and one in merge or merge_capped. put_synced may be called from several threads at once, but then
// nothing else is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace stave::bench {

// What the engine may know beforehand, as its user would: for hash tables to be made in size.
struct Place {
  std::string dir;  // exists
  uint64_t records = 0;
  size_t key_size = 0;
  size_t value_size = 0;
};

// Where a get leaves the value. Every engine hands over a copy, in whichever of the two buffers
// is natural for it; `value` points to it until the next get with the same Found.
struct Found {
  std::vector<char> bytes;  // at least value_size long
  std::string text;
  std::string_view value;
};

// What a walk hands over, lent until its next call.
struct Entry {
  std::string_view key;
  std::string_view value;  // empty in a walk over keys only
};

enum class Direction { up, down };
enum class Wanted { keys, values };

// A walk over the store in key order, as of its beginning. Before the first call it stands before
// the first entry, in its direction.
class Walk {
 public:
  Walk() = default;
  virtual ~Walk() = default;
  Walk(const Walk&) = delete;
  Walk& operator=(const Walk&) = delete;

  // False if there is no further entry.
  virtual bool next(Entry* entry) = 0;
  // To the first entry at or after `key`; in walks upwards only.
  virtual bool seek(std::string_view key, Entry* entry) = 0;
};

class Engine {
 public:
  Engine() = default;
  virtual ~Engine() = default;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Makes the store, or opens what is there. All of these throw Error.
  virtual void open(const Place& place) = 0;
  virtual void close() = 0;

  virtual void put(std::string_view key, std::string_view value) = 0;
  // Durable (survives a power cut) when it returns.
  virtual void put_synced(std::string_view key, std::string_view value) = 0;
  // False if there is no such key.
  virtual bool get(std::string_view key, Found& found) = 0;
  virtual void erase(std::string_view key) = 0;
  // Of engines that are `ordered`. The thread that has a walk neither gets nor puts meanwhile.
  virtual std::unique_ptr<Walk> walk(Direction direction, Wanted wanted);
  // Gives back the space of dead records, of the whole store, as fast as it goes.
  virtual void merge() {}
  // Has the engine put what it holds into the order in which ranges are read best.
  virtual void sort() { merge(); }
  // The same as slowly as the engine merges by itself, if it has a rate cap by default. Returns how
  // many bytes it read and wrote; 0: unknown.
  virtual uint64_t merge_capped() {
    merge();
    return 0;
  }
  // What an open would have to load if the process died now, by name, if the engine knows.
  virtual std::map<std::string, double> to_load() { return {}; }
};

struct EngineKind {
  std::string name;
  std::string version = "-";
  std::string settings;  // what was tuned, for the report
  std::function<std::unique_ptr<Engine>()> make;

  enum class Role { ours, peer, limit, baseline, selftest };
  Role role = Role::peer;
  bool merges = false;
  bool ordered = false;          // walks in key order
  bool reopens = true;           // what was closed can be opened again
  bool survives_kill = true;     // acknowledged puts are there after SIGKILL
  bool concurrent = true;        // gets beside a put are safe
  uint64_t records_max = ~0ULL;  // more would take hours: it runs with fewer, which is said
  size_t key_size_max = 65535;
};

const char* role_name(EngineKind::Role role);

// stave over its public API, and the baselines: what `stave bench` has.
std::vector<EngineKind> builtin_engines();

EngineKind stave_engine(const char* io);
EngineKind file_per_key_engine();
EngineKind limit_mapping_engine();
EngineKind limit_write_engine();
EngineKind limit_honest_engine();

}  // namespace stave::bench
