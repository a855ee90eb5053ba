#include "format/manifest.h"

#include <cinttypes>
#include <cstdio>

#include "format/crc32c.h"

namespace stave {
namespace {

void line(std::string* out, const char* key, uint64_t value) {
  out->append(key).append(" ").append(std::to_string(value)).append("\n");
}

std::string hex(const char* format, uint64_t value) {
  char text[17];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

}  // namespace

std::string encode_manifest(const Manifest& m) {
  std::string out;
  out.reserve(512 + m.files.size() * 64);
  line(&out, "stave-manifest", kFormatVersion);
  out.append("uuid ").append(uuid_text(m.uuid)).append("\n");
  out.append("lineage ").append(hex("%016" PRIx64, m.lineage)).append("\n");
  line(&out, "lock_inode", m.lock_inode);
  line(&out, "generation", m.generation);
  line(&out, "next_file_id", m.next_file_id);
  line(&out, "clean", m.clean ? 1 : 0);
  line(&out, "seq_floor", m.seq_floor);
  line(&out, "feed_floor", m.feed_floor);
  line(&out, "clock_high_ms", m.clock_high_ms);
  line(&out, "files", m.files.size());
  for (const ManifestFile& f : m.files) {
    out.append("file ").append(std::to_string(f.id));
    out.append(f.origin == Origin::merge ? " merge " : " log ");
    if (f.sealed || f.length != 0) {
      out.append(f.sealed ? "sealed " : "closed ").append(std::to_string(f.length)).append(" ");
      out.append(std::to_string(f.last_seq)).append("\n");
    } else {
      out.append("open\n");
    }
  }
  const uint32_t crc = crc32c(0, out.data(), out.size());
  return out.append("crc32c ").append(hex("%08" PRIx64, crc)).append("\n");
}

}  // namespace stave
