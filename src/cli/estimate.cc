#include "cli/estimate.h"

#include <algorithm>

namespace stave::cli {
namespace {

constexpr uint64_t kMiB = 1 << 20;
constexpr uint64_t kKeydirPerKey = 20;
constexpr uint64_t kKeydirBlock = 2 * kMiB;
constexpr uint64_t kBeside = 32 * kMiB;  // runs of the unsealed tail, buffers
constexpr uint64_t kRecordHeader = 20;
constexpr uint64_t kExpiry = 8;
constexpr uint64_t kFileHeader = 64;
constexpr uint64_t kHintBlock = 4096;
constexpr uint64_t kHintFooter = 192;
// On two processors (docs/performance.md), per key: from hints, and from records without one.
constexpr double kOpenHintedSeconds = 0.04e-6;
constexpr double kOpenUnsealedSeconds = 0.1e-6;
constexpr uint64_t kUnsealedFiles = 2;  // about, when a writer is killed

uint64_t round_up(uint64_t n, uint64_t step) { return (n + step - 1) / step * step; }

uint64_t varint_bytes(uint64_t n) {
  uint64_t bytes = 1;
  while (n >= 128) {
    n >>= 7;
    ++bytes;
  }
  return bytes;
}

// Keys in one file, which stand in no order: neighbours share what log256 of their number gives.
uint64_t hint_bytes(const StoreShape& s, uint64_t keys, uint64_t record) {
  uint64_t shared = 0;
  for (uint64_t n = keys; n >= 256; n >>= 8) ++shared;
  const uint64_t rest = s.key_bytes > shared ? s.key_bytes - shared : 1;
  const uint64_t entry = 1 + varint_bytes(shared) + varint_bytes(rest) + varint_bytes(keys) +
                         varint_bytes(keys * record / 16) + varint_bytes(s.value_bytes) +
                         (s.expiry ? 6 : 0) + rest;
  const uint64_t blocks = keys * entry / kHintBlock + 1;
  const uint64_t index =
      blocks * (4 + varint_bytes(kHintBlock) + varint_bytes(s.key_bytes) + s.key_bytes);
  const uint64_t filter = round_up(keys * 10, 512) / 8;
  return keys * entry + index + filter + kHintFooter;
}

}  // namespace

StoreNeeds estimate(const StoreShape& s) {
  StoreNeeds n;
  n.record_bytes =
      round_up(kRecordHeader + (s.expiry ? kExpiry : 0) + s.key_bytes + s.value_bytes, 8);
  n.keydir_bytes = round_up(kKeydirPerKey * s.keys, kKeydirBlock);
  n.memory_bytes = n.keydir_bytes + kBeside;
  const uint64_t records = s.keys * n.record_bytes;
  const uint64_t file_bytes = std::max(s.file_bytes, n.record_bytes + kFileHeader);
  const uint64_t in_file = std::max<uint64_t>(1, (file_bytes - kFileHeader) / n.record_bytes);
  n.files = (s.keys + in_file - 1) / in_file;
  n.live_bytes = records + n.files * kFileHeader;
  const uint64_t full = s.keys / in_file;
  n.hint_bytes = full * hint_bytes(s, in_file, n.record_bytes);
  if (s.keys % in_file != 0) n.hint_bytes += hint_bytes(s, s.keys % in_file, n.record_bytes);
  n.keydir_file_bytes = round_up(kKeydirPerKey * s.keys, kMiB);
  n.disk_bytes = n.live_bytes + n.hint_bytes + n.keydir_file_bytes;
  n.disk_bytes_most = (n.live_bytes + n.hint_bytes) / 100 * s.space_percent + n.keydir_file_bytes;
  const auto unsealed = static_cast<double>(std::min(s.keys, kUnsealedFiles * in_file));
  n.open_killed_seconds = kOpenHintedSeconds * (static_cast<double>(s.keys) - unsealed) +
                          kOpenUnsealedSeconds * unsealed;
  return n;
}

}  // namespace stave::cli
