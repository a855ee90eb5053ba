// Loading: gives every file its place in the address space, maps it, and fills the keydir from
// the checkpoint where there is a fitting one, from hints, and from the records of what has no
// hint (unsealed files, and those that a crash left unsealed). Files are loaded in parallel; of two
// operations on a key the one in the later file wins (invariant R), within a file the one at the
// higher offset. Tombstones hold their slot until all is loaded. Range tombstones are compared by
// seq, whatever their place.
#pragma once

#include <memory>

#include "engine/address_space.h"
#include "engine/catalog.h"
#include "engine/checkpoint_refill.h"
#include "engine/digest.h"
#include "engine/env.h"
#include "engine/keydir.h"
#include "engine/open_files.h"
#include "engine/range_deletes.h"
#include "engine/scan_notes.h"

namespace stave {

struct Loaded {
  std::unique_ptr<AddressSpace> space;
  std::unique_ptr<Keydir> keydir;
  std::unique_ptr<Hasher> hasher;
  // Those met behind a checkpoint, whose tables may have slots that they delete.
  std::unique_ptr<RangeDeletes> ranges;
  uint64_t last_seq = 0;
  uint64_t checkpoint_seq = 0;  // operations up to here came from KEYDIR; 0: there was none
  // Fills tables of the checkpoint that turn out to be damaged later (Keydir::set_repair, which is
  // left to whoever knows the files of that day). Null: none can.
  std::shared_ptr<const CheckpointRefill> refill;
};

// Segments' tails must be final (recovery is done). `notes`: of files that were scanned from their
// beginning to their tail just now; their hints are not looked at. Rebuilds bad hints on disk when
// `purpose` is writing, and missing ones that cannot wait. Sets counts, extents,
// mappings, bindings.
Result<Loaded> load_store(const std::shared_ptr<Env>& env, const Manifest& manifest,
                          const SegmentList& segments, OpenFor purpose, const NotesOfFiles& notes);

}  // namespace stave
