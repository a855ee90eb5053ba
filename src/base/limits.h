// Every limit of the store, once. docs/format.md and stave.h cite these names.
#pragma once

#include <cstdint>

namespace stave {

inline constexpr uint64_t kKeySizeMax = 65535;
inline constexpr uint64_t kValueSizeMax = (4ULL << 30) - (128ULL << 10) - 1;
// All records of one batch, headers and padding included.
inline constexpr uint64_t kBatchSizeMax = kValueSizeMax + 1;
// Records are addressed in units of 8 bytes: 41 bits of them in a keydir slot make 16 TiB.
inline constexpr uint64_t kRecordAlign = 8;
inline constexpr uint64_t kStoreSizeMax = 16ULL << 40;
inline constexpr uint64_t kFileSizeLimit = 4ULL << 30;
inline constexpr uint64_t kFileSizeMin = 4ULL << 10;
inline constexpr uint64_t kFileSizeDefault = 256ULL << 20;
inline constexpr uint64_t kFileEntriesDefault = 1ULL << 20;
// Rotations make files without bound only while this many wait to be sealed; then puts wait.
inline constexpr uint64_t kUnsealedFilesDefault = 4;
inline constexpr uint64_t kLogQueueEntries = 256;

}  // namespace stave
