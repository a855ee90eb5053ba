// The first 64 bytes of a data file. docs/format.md, section "Data file".
//
//   0 magic[8]  8 format_version u32  12 origin u32  16 uuid[16]  32 lineage u64
//  40 file_id u64  48 salt u32  52 reserved[8] = 0  60 crc32c u32 over bytes 0..59
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/status.h"

namespace stave {

using Uuid = std::array<uint8_t, 16>;

inline constexpr uint32_t kFormatVersion = 1;
inline constexpr size_t kFileHeaderSize = 64;
inline constexpr uint64_t kFileIdMax = 9'999'999'999;  // ten digits; ids start at 1
inline constexpr char kDataMagic[8] = {'\x89', 'S', 'T', 'A', 'V', 'E', 'L', '\n'};

enum class Origin : uint32_t { log = 1, merge = 2 };

struct FileHeader {
  Origin origin = Origin::log;
  Uuid uuid{};
  uint64_t lineage = 0;
  uint64_t file_id = 0;
  uint32_t salt = 0;  // never 0
};

void encode_file_header(char* to, const FileHeader& h);
// corrupt: magic, checksum, a field out of range. unsupported: a higher format version (judged
// only when magic and checksum are right: they stand where they stand in every version, so that
// a damaged version number is not taken for a newer library's).
// `name` is put into the message.
Status decode_file_header(Bytes from, const std::string& name, FileHeader* out);

// "0000000012.log" and back; false when the name is not exactly of that form.
std::string data_file_name(uint64_t id);
std::string hint_file_name(uint64_t id);
bool parse_data_file_name(Bytes name, uint64_t* id);
bool parse_hint_file_name(Bytes name, uint64_t* id);

std::string uuid_text(const Uuid& u);
bool parse_uuid(Bytes text, Uuid* out);

}  // namespace stave
