// What a store of so many keys will need: the formulas of docs/keydir.md, "What a store needs".
#pragma once

#include <cstdint>

namespace stave::cli {

struct StoreShape {
  uint64_t keys = 0;
  uint64_t key_bytes = 0;              // each, on average
  uint64_t value_bytes = 0;            // each, on average
  bool expiry = false;                 // records carry one
  uint64_t file_bytes = 256ULL << 20;  // option max_file_size
  uint64_t space_percent = 200;        // option merge.space_target
};

struct StoreNeeds {
  uint64_t record_bytes = 0;  // of one record
  uint64_t keydir_bytes = 0;  // resident
  uint64_t memory_bytes = 0;  // of the process: the keydir, and runs and buffers beside it
  uint64_t live_bytes = 0;    // records on disk
  uint64_t hint_bytes = 0;
  uint64_t keydir_file_bytes = 0;
  uint64_t disk_bytes = 0;       // all three, freshly written or merged
  uint64_t disk_bytes_most = 0;  // under steady overwriting
  uint64_t files = 0;
  double open_killed_seconds = 0;  // opening after a kill, on two processors, pages in memory
};

// keys, key_bytes > 0.
StoreNeeds estimate(const StoreShape& shape);

}  // namespace stave::cli
