#include "engine/open_files.h"

#include <algorithm>

namespace stave {
namespace {

constexpr uint64_t kPage = 4096;

bool will_grow(const ManifestFile& file, OpenFor purpose) {
  return purpose == OpenFor::writing && !file.sealed;
}

Status check_identity(const FileHeader& h, const Manifest& m, const ManifestFile& f,
                      const std::string& path) {
  if (h.uuid != m.uuid) {
    return {Code::corrupt, path + " at offset 16: belongs to another store (" + uuid_text(h.uuid) +
                               ", this one is " + uuid_text(m.uuid) + ")"};
  }
  if (h.file_id != f.id || h.origin != f.origin) {
    return {Code::corrupt, path + " at offset 40: the header is another file's (id " +
                               std::to_string(h.file_id) + ")"};
  }
  return {};
}

Result<std::shared_ptr<Segment>> open_one(const std::shared_ptr<Env>& env, const Manifest& m,
                                          const ManifestFile& f, OpenFor purpose) {
  const std::string path = env->path(data_file_name(f.id));
  auto file = env->fs.open(path, will_grow(f, purpose) ? Access::write : Access::read);
  if (!file.ok()) return file.status();
  auto size = (*file)->size();
  if (!size.ok()) return size.status();
  if (*size < f.length) {
    return Status(Code::corrupt, path + " at offset " + std::to_string(*size) +
                                     ": the file ends before its recorded length of " +
                                     std::to_string(f.length) + " bytes");
  }
  char bytes[kFileHeaderSize] = {};
  size_t got = 0;
  STAVE_RETURN_IF_ERROR((*file)->read(0, bytes, sizeof bytes, &got));
  FileHeader header{f.origin, m.uuid, m.lineage, f.id, 0};
  Status s = decode_file_header(Bytes(bytes, got), path, &header);
  // No tear either: a file's header was synced before MANIFEST listed the file.
  STAVE_RETURN_IF_ERROR(s);
  STAVE_RETURN_IF_ERROR(check_identity(header, m, f, path));
  auto segment = std::make_shared<Segment>(env, header, Extent{});
  STAVE_RETURN_IF_ERROR(segment->attach(file.take(), 0, Access::read));
  segment->publish_tail(std::max<uint64_t>(f.length, kFileHeaderSize));
  segment->counts.last_seq.store(f.last_seq, std::memory_order_relaxed);
  if (f.sealed) {
    segment->set_sealed();
    // Now, so that no more than one descriptor is held for all sealed files.
    STAVE_RETURN_IF_ERROR(map_file(*env, f, purpose, *segment));
  }
  return segment;
}

}  // namespace

Result<SegmentList> open_files(const std::shared_ptr<Env>& env, const Manifest& manifest,
                               OpenFor purpose) {
  SegmentList list;
  for (const ManifestFile& f : manifest.files) {
    auto segment = open_one(env, manifest, f, purpose);
    if (!segment.ok()) return segment.status();
    list.push_back(segment.take());
  }
  return list;
}

uint64_t address_bytes(const Env& env, const ManifestFile& file, OpenFor purpose) {
  const uint64_t length = std::max<uint64_t>(file.length, kFileHeaderSize);
  // A reader follows a growing file as far as the writer may take it. (Not a closed one: should
  // a writer go on in it, the reader makes a new view.)
  if (!file.sealed && file.length == 0 && purpose == OpenFor::reading) return kFileSizeLimit;
  if (!will_grow(file, purpose)) return length;
  return align_up(std::max(env.options.max_file_size, length), kPage);
}

Status map_file(const Env& env, const ManifestFile& file, OpenFor purpose, Segment& segment) {
  if (env.options.io == Io::positional || segment.mapped() != nullptr) return {};
  const bool grows = will_grow(file, purpose);
  // Tails that another process extends are read by pread only.
  if (!file.sealed && !grows) return {};
  return segment.map(address_bytes(env, file, purpose), grows ? Access::write : Access::read);
}

}  // namespace stave
