#include "format/file_header.h"

#include "base/check.h"
#include "format/crc32c.h"

namespace stave {
namespace {

constexpr size_t kVersionAt = 8;
constexpr size_t kOriginAt = 12;
constexpr size_t kUuidAt = 16;
constexpr size_t kLineageAt = 32;
constexpr size_t kFileIdAt = 40;
constexpr size_t kSaltAt = 48;
constexpr size_t kReservedAt = 52;
constexpr size_t kCrcAt = 60;
static_assert(kCrcAt + 4 == kFileHeaderSize, "docs/format.md, \"Data file\"");

Status corrupt(const std::string& name, const char* what) {
  return {Code::corrupt, name + " at offset 0: file header: " + what};
}

}  // namespace

void encode_file_header(char* to, const FileHeader& h) {
  STAVE_CHECK(h.salt != 0 && h.file_id >= 1 && h.file_id <= kFileIdMax);
  std::memset(to, 0, kFileHeaderSize);
  std::memcpy(to, kDataMagic, sizeof kDataMagic);
  store_le(to + kVersionAt, kFormatVersion);
  store_le(to + kOriginAt, static_cast<uint32_t>(h.origin));
  std::memcpy(to + kUuidAt, h.uuid.data(), h.uuid.size());
  store_le(to + kLineageAt, h.lineage);
  store_le(to + kFileIdAt, h.file_id);
  store_le(to + kSaltAt, h.salt);
  store_le(to + kCrcAt, crc32c(0, to, kCrcAt));
}

Status decode_file_header(Bytes from, const std::string& name, FileHeader* out) {
  if (from.size() < kFileHeaderSize) return corrupt(name, "shorter than 64 bytes");
  const char* p = from.data();
  if (std::memcmp(p, kDataMagic, sizeof kDataMagic) != 0) return corrupt(name, "wrong magic");
  if (load_le<uint32_t>(p + kCrcAt) != crc32c(0, p, kCrcAt)) return corrupt(name, "wrong checksum");
  const uint32_t version = load_le<uint32_t>(p + kVersionAt);
  if (version > kFormatVersion) {
    return {Code::unsupported, name + ": data file format " + std::to_string(version) +
                                   "; this library reads up to " + std::to_string(kFormatVersion) +
                                   ": use a newer one"};
  }
  if (version != kFormatVersion) return corrupt(name, "format version 0");
  const uint32_t origin = load_le<uint32_t>(p + kOriginAt);
  if (origin != static_cast<uint32_t>(Origin::log) &&
      origin != static_cast<uint32_t>(Origin::merge)) {
    return corrupt(name, "unknown origin");
  }
  if (load_le<uint64_t>(p + kReservedAt) != 0) return corrupt(name, "reserved bytes are not zero");
  FileHeader h;
  h.origin = static_cast<Origin>(origin);
  std::memcpy(h.uuid.data(), p + kUuidAt, h.uuid.size());
  h.lineage = load_le<uint64_t>(p + kLineageAt);
  h.file_id = load_le<uint64_t>(p + kFileIdAt);
  h.salt = load_le<uint32_t>(p + kSaltAt);
  if (h.file_id < 1 || h.file_id > kFileIdMax) return corrupt(name, "file id out of range");
  if (h.salt == 0) return corrupt(name, "salt 0");
  *out = h;
  return {};
}

}  // namespace stave
