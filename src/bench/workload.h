// The workloads, in the order in which they run on one store.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace stave::bench {

enum class Kind {
  fill,              // puts every record once
  overwrite,         // puts every record again, in another order
  read,              // gets records that are there, `read_percent` of the operations, else puts
  latest,            // as read, but puts add records and gets prefer the newest
  modify,            // as read, but a put follows a get of the same record
  missing,           // gets records that are not there
  erase,             // deletes every record
  beside_writer,     // reads alone, then reads beside a thread that writes all the time
  beside_merge,      // reads alone, then reads while the store merges
  put_beside_merge,  // puts and gets idle, then beside a merge that keeps to its rate cap
  put_after_open,    // puts, then puts that are the first after close and open
  synced,            // puts that are durable when they return
  walk,              // every record in key order
  walk_down,         // ... against it
  walk_keys,         // every key in order
  short_ranges,      // ten records from one that is picked, of a store that was merged
  ranges,            // up to a hundred records from one that is picked, else puts new ones
  first_of_walk,     // the first record in key order after a fill
  close,             // close after a fill
  open_clean,        // close and open
  open_killed,       // SIGKILL and open
  cold,              // reads with nothing in the page cache
};

enum class Pick { uniform, zipfian };

struct Workload {
  const char* name;
  Kind kind;
  Pick pick;
  unsigned read_percent;
  unsigned threads;  // 0: --threads
  bool own_store;    // runs on a store of its own, empty at first
  const char* what;
};

extern const std::vector<Workload> kWorkloads;

// Asks for records in key order.
bool is_walk(const Workload& workload);

// One operation, told by its time and not by how many there are in a second.
bool is_single(const Workload& workload);

// The workload of that name, or nullptr.
const Workload* find_workload(const std::string& name);

// A comma-separated list of names, "all" or "core" (the columns that engines are compared by), in
// the order of the table. Throws UsageError.
std::vector<Workload> parse_workloads(const std::string& names);

}  // namespace stave::bench
