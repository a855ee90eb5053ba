#include "engine/repair_salt.h"

#include <algorithm>
#include <string>

#include "format/crc32c_shift.h"
#include "format/file_header.h"
#include "format/record.h"

namespace stave {
namespace {

constexpr uint64_t kWindow = 1 << 20;
// Longer ones are left out: a damaged header must not make us read gigabytes again and again.
constexpr uint64_t kRecordMax = 16 << 20;
// x has this order modulo CRC-32C's polynomial, so shifting by so many bytes changes nothing.
constexpr uint64_t kOrder = (1ULL << 31) - 1;

// 0: no record can begin so.
uint64_t size_by_header(const char* p, uint64_t available) {
  if (available < kRecordHeaderSize) return 0;
  const auto kind = static_cast<Kind>(static_cast<uint8_t>(p[4]));
  const auto flags = static_cast<uint8_t>(p[5]);
  const uint64_t key_length = load_le<uint16_t>(p + 6);
  const uint64_t value_length = load_le<uint32_t>(p + 8);
  if (!record_shape_valid(kind, flags, key_length, value_length, load_le<uint64_t>(p + 12))) {
    return 0;
  }
  const uint64_t size = record_size(key_length, value_length, flags & kFlagExpiry);
  return size <= std::min(available, kRecordMax) ? size : 0;
}

// The one seed with which the record's checksum is right.
uint32_t seed_of(const char* record, uint64_t size) {
  const uint64_t n = size - 4;
  const uint32_t seeded = load_le<uint32_t>(record) ^ crc32c(0, record + 4, n);
  return crc32c_shift(seeded, kOrder - n % kOrder);
}

// 0: the two are no records of one file.
Status common_salt(File& file, uint64_t at, uint64_t size, uint64_t end, uint32_t* salt) {
  *salt = 0;
  std::string bytes(std::min(size + kRecordHeaderSize, end - at), '\0');
  size_t got = 0;
  STAVE_RETURN_IF_ERROR(file.read(at, bytes.data(), bytes.size(), &got));
  if (got != bytes.size()) return {};
  const uint64_t next = size_by_header(
      bytes.data() + size, bytes.size() - size < kRecordHeaderSize ? 0 : end - at - size);
  if (next == 0) return {};
  const uint32_t first = seed_of(bytes.data(), size);
  bytes.resize(next);
  STAVE_RETURN_IF_ERROR(file.read(at + size, bytes.data(), next, &got));
  if (got == next && seed_of(bytes.data(), next) == first) *salt = first;
  return {};
}

}  // namespace

Status derive_salt(File& file, uint64_t size, std::optional<uint32_t>* salt) {
  salt->reset();
  std::string bytes;
  uint64_t budget = 4 * size + (64 << 20);  // bytes to be read for what only looks like a record
  for (uint64_t at = kFileHeaderSize; at + kRecordHeaderSize <= size; at += kWindow) {
    bytes.resize(std::min(kWindow + kRecordHeaderSize, size - at));
    size_t got = 0;
    STAVE_RETURN_IF_ERROR(file.read(at, bytes.data(), bytes.size(), &got));
    for (uint64_t i = 0; i < kWindow && i + kRecordHeaderSize <= got; i += kRecordAlign) {
      const uint64_t record = size_by_header(bytes.data() + i, size - at - i);
      if (record == 0) continue;
      if (record > budget) return {};
      budget -= record;
      uint32_t found = 0;
      STAVE_RETURN_IF_ERROR(common_salt(file, at + i, record, size, &found));
      if (found == 0) continue;
      *salt = found;
      return {};
    }
  }
  return {};
}

}  // namespace stave
