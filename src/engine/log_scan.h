// Where the log ends: the scan of the unsealed files after an unclean end, and the rule by
// which it is cut (docs/durability.md).
//
//  R1. Operations in unsealed files have consecutive numbers, across files too.
//  R2. The log ends at the first place where a record is invalid, or where zeros begin although
//      something follows, or where a number is missing.
//  R3. If any valid record after that place (a mark, or a record flagged durable) says that a
//      missing operation had been durable, it is not a torn tail but damage: corrupt.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "engine/catalog.h"
#include "engine/scan_notes.h"
#include "engine/segment.h"

namespace stave {

// What one unsealed file holds up to its cut.
struct FileScan {
  uint64_t end = kFileHeaderSize;  // of the valid bytes
  uint64_t operations = 0;
  uint64_t last_seq = 0;
  ScanNotes notes;  // of the same
};

struct LogScan {
  std::vector<FileScan> files;  // one for each unsealed file, in order
  uint64_t last_seq = 0;        // newest operation kept
  bool cut = false;             // something stands after the end
  size_t cut_file = 0;          // index into files
  uint64_t cut_offset = 0;
  std::string reason;
};

// Whether another process may be appending while the scan goes on.
enum class LogWriter { gone, may_be_alive };

// `sealed_last_seq`: the newest operation in sealed files. `seq_floor`: MANIFEST's, above every
// operation in these files. `threads`: so many may share the files, if the writer is gone. corrupt
// by R3; io.
Status scan_log(const SegmentList& unsealed, uint64_t sealed_last_seq, uint64_t seq_floor,
                LogWriter writer, LogScan* out, size_t threads = 1);

// Whether [from, to) of the file holds anything but zeros; *end is past the last such byte.
Status find_nonzero_end(File& file, uint64_t from, uint64_t to, uint64_t* end);

}  // namespace stave
