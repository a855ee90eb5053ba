// Options of a store, already parsed. The table of names, units, bounds and descriptions is in
// options_table.cc and is the only list: whoever adds a field here adds a row there.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/limits.h"

namespace stave {

enum class Io : uint8_t { mapped, positional };
enum class SyncMode : uint8_t { none, interval, always };
enum class MergePolicy : uint8_t { always, never, window };

struct Options {
  bool create_if_missing = true;
  bool error_if_exists = false;
  bool read_only = false;
  bool salvage = false;      // read_only, and of a damaged store what can be read
  bool network_fs = false;   // open on NFS and the like all the same
  bool verify_reads = true;  // checksum on every get
  Io io = Io::mapped;
  // "none", "interval:<duration>" or "always".
  SyncMode sync = SyncMode::none;
  uint64_t sync_interval_ms = 1000;
  uint64_t open_timeout_ms = 0;  // how long to wait for another writer to let go
  uint64_t max_file_size = kFileSizeDefault;
  uint64_t max_file_entries = kFileEntriesDefault;
  uint64_t max_unsealed_files = kUnsealedFilesDefault;
  uint64_t preallocate = 16ULL << 20;  // step in which space is allocated ahead of the tail
  bool background = true;              // false: no threads; sealing happens inside the writing call
  uint64_t load_threads = 0;           // 0: as many as CPUs
  uint64_t checkpoint_min_ops = 10000;  // no KEYDIR at close if replay would be shorter

  MergePolicy merge_policy = MergePolicy::always;
  uint64_t merge_window_start = 0;  // hours, local time
  uint64_t merge_window_end = 23;
  uint64_t merge_trigger_fragmentation = 60;  // percent dead records of a file
  uint64_t merge_trigger_dead_bytes = 128ULL << 20;
  uint64_t merge_threshold_fragmentation = 40;
  uint64_t merge_threshold_dead_bytes = 64ULL << 20;
  uint64_t merge_threshold_small_file = 10ULL << 20;
  uint64_t merge_rate = 64ULL << 20;  // bytes read and written per second; 0: no cap
  uint64_t merge_space_target = 200;  // percent of the live bytes
  uint64_t merge_check_interval_ms = 1000;

  uint64_t expiry_default_ttl_ms = 0;  // 0: puts that say nothing never expire
  uint64_t expiry_grace_time_ms = 0;
  uint64_t expiry_clock_tolerance_ms = 24ULL * 3600 * 1000;

  uint32_t test_hash_bits = 0;  // test hook: shrinks the keydir's hash

  std::function<void(int level, const std::string& message)> log_callback;
};

}  // namespace stave
