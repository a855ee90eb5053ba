// DIR/KEYDIR: the keydir's checkpoint on disk. Derived: whatever is wrong with it means "there
// is none". Written whole by rename, mode 0600 (it holds the hash's secret), never in place.
#pragma once

#include <memory>
#include <optional>

#include "engine/catalog.h"
#include "engine/digest.h"
#include "engine/env.h"
#include "engine/keydir.h"
#include "format/checkpoint.h"

namespace stave {

// Reads and checks header and file table. The tables fit if every file that they speak of is
// still listed, in the same order, before all others: then the rest is replayed on top.
// nullopt: none that fits, with the reason in the log.
std::optional<Checkpoint> read_checkpoint(Env& env, const Manifest& manifest,
                                          const SegmentList& segments);

// Takes the checkpoint's tables into an empty keydir, which verifies each of them (checksum,
// order, and that each slot leads into what is covered of one of the checkpoint's files, whose
// extents are claimed). Mapped mode: at its first touch, so that this takes as long for any number
// of keys. Positional mode: reads and verifies all now; corrupt.
Status adopt_tables(Env& env, const Checkpoint& checkpoint, Keydir& keydir);

Status damaged_table(const Env& env);

// Everything in `segments` up to their tails is in the keydir, and durable.
Status write_checkpoint(Env& env, const Manifest& manifest, const SegmentList& segments,
                        Keydir& keydir, const Hasher& hasher, uint64_t last_seq);

}  // namespace stave
