// What a checked pass over a data file's records finds, so that those who come after need not
// check them again: where they may share the file among threads, and what it holds.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "engine/scan.h"
#include "engine/segment.h"
#include "format/hint.h"

namespace stave {

struct ScanNotes {
  uint64_t from = kFileHeaderSize;  // where the pass began
  uint64_t operations = 0;          // puts and tombstones
  uint64_t record_bytes = 0;        // of those
  uint64_t tombstones = 0;
  uint64_t first_seq = 0, last_seq = 0;
  std::vector<HintRangeTombstone> ranges;
  std::vector<uint64_t> parts;  // frames' beginnings, some megabytes apart, without `from`

  void add(const Scanned& s);
};

// Of some files, by id.
using NotesOfFiles = std::map<uint64_t, ScanNotes>;

// The pass over [from, tail) of a file that must be whole: corrupt if it is not.
Status take_notes(const Segment& segment, uint64_t from, ScanNotes* out);

}  // namespace stave
