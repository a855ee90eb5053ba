// KEYDIR: header and tables of the keydir checkpoint. docs/format.md, section "KEYDIR".
//
// The file is: header (this struct, encoded, CRC at its end), padding to 4096, then the tables as
// they are in memory: rows of one unit of 4096 bytes for each shard, the shards in order.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "format/file_header.h"

namespace stave {

inline constexpr size_t kSizeClasses = 32;
inline constexpr uint64_t kCheckpointUnit = 4096;  // the header is whole units too

struct CheckpointFile {
  uint64_t id = 0;
  uint32_t salt = 0;
  uint64_t extent = 0;        // first granule of its address extent
  uint64_t extent_count = 0;  // granules
  uint64_t covered = 0;       // bytes of the file that the tables include
  uint64_t first_seq = 0, last_seq = 0;
  uint64_t operations = 0, record_bytes = 0;  // as in HintSummary
  uint64_t live_records = 0, live_bytes = 0, tombstones = 0;
  std::array<uint64_t, kSizeClasses> class_count{};  // records by size class
  std::array<uint64_t, kSizeClasses> class_bytes{};
};

struct CheckpointShard {
  uint64_t length = 0;    // bytes of slots, in units that stand one row apart
  uint64_t capacity = 0;  // home positions
  uint64_t count = 0;     // keys
  uint32_t crc = 0;       // crc32c(0, slots)
};

struct Checkpoint {
  Uuid uuid{};
  uint64_t lineage = 0;
  uint64_t generation = 0;           // of the MANIFEST in force when written
  std::array<uint8_t, 16> secret{};  // of the keyed hash
  uint32_t hash_bits = 0;            // test hook: 0 for the whole hash
  uint32_t hash_kind = 0;            // 0: SipHash; 1: AES-CMAC for keys of up to 64 bytes
  uint64_t last_seq = 0;
  std::vector<CheckpointFile> files;  // in MANIFEST order
  std::vector<CheckpointShard> shards;
};

// How many rows the shards' tables take.
uint64_t checkpoint_rows(const std::vector<CheckpointShard>& shards);
// Where the tables begin.
uint64_t checkpoint_header_size(size_t files, size_t shards);
std::string encode_checkpoint(const Checkpoint& c);
// `bytes` must hold the whole header (its length stands at a fixed place, bounded before use).
Status decode_checkpoint(Bytes bytes, uint64_t file_size, const std::string& name, Checkpoint* out);
// How many bytes decode_checkpoint needs, from the first 16 bytes of the file; 0: not a KEYDIR.
uint64_t checkpoint_header_bytes(Bytes first16);

}  // namespace stave
