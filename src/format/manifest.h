// MANIFEST: the registry and all durable state, as checksummed text. docs/format.md, "MANIFEST".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "format/file_header.h"

namespace stave {

struct ManifestFile {
  uint64_t id = 0;
  Origin origin = Origin::log;
  // Three states: open (a writer may be at work: length is 0), closed (not sealed, but the last
  // writer left it whole: length is not 0; a later one may append to it) and sealed.
  bool sealed = false;
  uint64_t length = 0;    // closed, sealed: exact length of the valid bytes
  uint64_t last_seq = 0;  // closed, sealed: highest seq inside, 0 if it holds no operation
  friend bool operator==(const ManifestFile&, const ManifestFile&) = default;
};

struct Manifest {
  Uuid uuid{};
  uint64_t lineage = 0;     // a copy opened for writing gets a new one
  uint64_t lock_inode = 0;  // inode of LOCK when written: how a copy is recognised
  uint64_t generation = 0;  // rises by one with every MANIFEST
  uint64_t next_file_id = 1;
  bool clean = false;               // the last writer closed; its unsealed files end where they end
  uint64_t seq_floor = 1;           // after an unclean open the next seq is at least this
  uint64_t feed_floor = 0;          // operations up to here may be gone from the files
  uint64_t clock_high_ms = 0;       // highest wall clock seen
  std::vector<ManifestFile> files;  // in order of recency, oldest first
  friend bool operator==(const Manifest&, const Manifest&) = default;
};

std::string encode_manifest(const Manifest& m);
// corrupt (with line number and reason) or unsupported (higher version in the first line).
Status decode_manifest(Bytes text, const std::string& name, Manifest* out);

}  // namespace stave
