// Opening the files of a MANIFEST: headers read and held against it. Sealed files are mapped at
// once (mapped mode), the others by the loader.
#pragma once

#include "engine/catalog.h"
#include "engine/env.h"
#include "engine/segment.h"
#include "format/manifest.h"

namespace stave {

// How the files will be used, which decides what is mapped and with what access.
enum class OpenFor : uint8_t { reading, writing };

// Opens every listed file in order. tail() of sealed and closed files is what MANIFEST says
// (and the file is at least that long, else corrupt); of open ones it is the header's end.
// A missing file is not_found with its name: for a reader
// beside a writer that means "read MANIFEST again", else the caller makes it corrupt.
Result<SegmentList> open_files(const std::shared_ptr<Env>& env, const Manifest& manifest,
                               OpenFor purpose);

// Bytes of address space that the file needs in use.
uint64_t address_bytes(const Env& env, const ManifestFile& file, OpenFor purpose);

// Maps the file unless it is (mapped mode; else nothing).
Status map_file(const Env& env, const ManifestFile& file, OpenFor purpose, Segment& segment);

}  // namespace stave
