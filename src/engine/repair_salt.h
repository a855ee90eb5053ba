// The salt of a data file whose header is damaged: without it no record of the file can be checked.
#pragma once

#include <cstdint>
#include <optional>

#include "base/status.h"
#include "io/fs.h"

namespace stave {

// A checksum tells what it was seeded with, so that two records that follow each other give the
// salt away: both name the same. *salt is empty if no two such records are found.
Status derive_salt(File& file, uint64_t size, std::optional<uint32_t>* salt);

}  // namespace stave
