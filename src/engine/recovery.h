// Recovery: turns what an unclean end left into a store whose files are all sealed.
//
// A crashed file is never appended to again. Steps, each safe to be killed in and to be done
// again from the start, since MANIFEST switches only once, at the end of them:
//   scan (log_scan.h), copy what is cut to quarantine/, sync what is kept, switch MANIFEST, cut
//   the files' tails. Later unsealed files that are cut away whole become leftovers.
// Their hints are made in the background, after the store has opened (Merger::write_hints); here
// only those of small files, and where there is no such thread.
#pragma once

#include "engine/catalog.h"
#include "engine/env.h"
#include "engine/scan_notes.h"
#include "format/manifest.h"

namespace stave {

struct Recovered {
  uint64_t last_seq = 0;
  uint64_t quarantined_bytes = 0;
  NotesOfFiles notes;  // of the files that are sealed now
};

// `manifest` and `segments` are what open_files gave, and become what is in force afterwards.
Status recover_log(Env& env, Manifest* manifest, SegmentList* segments, Recovered* out);

// Removes files with exactly our names that MANIFEST does not list.
Status remove_leftovers(Env& env, const Manifest& manifest);

}  // namespace stave
