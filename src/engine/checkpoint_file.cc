#include "engine/checkpoint_file.h"

#include <algorithm>

namespace stave {
namespace {

constexpr uint64_t kHeaderMax = 256ULL << 20;
constexpr auto kRelaxed = std::memory_order_relaxed;

Result<Checkpoint> read_header(Env& env, const std::string& path) {
  auto file = env.fs.open(path, Access::read);
  if (!file.ok()) return file.status();
  auto size = (*file)->size();
  if (!size.ok()) return size.status();
  char first[16];
  size_t got = 0;
  STAVE_RETURN_IF_ERROR((*file)->read(0, first, sizeof first, &got));
  const uint64_t need = got == sizeof first ? checkpoint_header_bytes(Bytes(first, got)) : 0;
  if (need == 0 || need > *size || need > kHeaderMax) {
    return Status(Code::corrupt, path + " at offset 0: not a keydir checkpoint");
  }
  std::string bytes(need, '\0');
  STAVE_RETURN_IF_ERROR((*file)->read(0, bytes.data(), bytes.size(), &got));
  bytes.resize(got);
  Checkpoint c;
  STAVE_RETURN_IF_ERROR(decode_checkpoint(bytes, *size, path, &c));
  return c;
}

// Why the checkpoint does not fit the files; "" if it does.
std::string misfit(const Env& env, const Checkpoint& c, const Manifest& m,
                   const SegmentList& segments) {
  if (!Hasher::can_compute(static_cast<HashKind>(c.hash_kind))) {
    return "its hash needs instructions that this processor has not";
  }
  if (c.uuid != m.uuid) return "it belongs to another store";
  if (c.hash_bits != env.options.test_hash_bits) return "it was made with another hash";
  if (c.shards.size() != kShards) return "it has another number of shards";
  if (c.files.size() > segments.size()) return "files that it covers are gone";
  for (size_t i = 0; i < c.files.size(); ++i) {
    const CheckpointFile& f = c.files[i];
    const Segment& s = *segments[i];
    if (f.id != s.id() || f.salt != s.salt()) return "files that it covers are gone";
    if (f.covered > s.tail()) return "a file ends before what it covers";
    if (m.files[i].sealed && f.covered < s.tail() && f.last_seq > m.files[i].last_seq) {
      return "it covers operations that were cut away";
    }
  }
  return "";
}

CheckpointFile describe(const Segment& s) {
  CheckpointFile f;
  f.id = s.id();
  f.salt = s.salt();
  f.extent = s.extent().first;
  f.extent_count = s.extent().count;
  f.covered = s.tail();
  f.first_seq = s.counts.first_seq.load(kRelaxed);
  f.last_seq = s.counts.last_seq.load(kRelaxed);
  f.operations = s.counts.operations.load(kRelaxed);
  f.record_bytes = s.counts.record_bytes.load(kRelaxed);
  f.live_records = s.counts.live_records();
  f.live_bytes = s.counts.live_bytes();
  f.tombstones = s.counts.tombstones.load(kRelaxed);
  for (size_t c = 0; c < kSizeClasses; ++c) {
    f.class_count[c] = s.counts.class_count[c].load(kRelaxed);
    f.class_bytes[c] = s.counts.class_bytes[c].load(kRelaxed);
  }
  return f;
}

KeydirCover covered_by(const Checkpoint& checkpoint) {
  KeydirCover cover;
  for (const CheckpointFile& f : checkpoint.files) {
    const uint64_t base = Extent{f.extent, f.extent_count}.base_units();
    cover.add(f.extent, f.extent_count, base + kFileHeaderSize / kRecordAlign,
              base + f.covered / kRecordAlign);
  }
  return cover;
}

}  // namespace

std::optional<Checkpoint> read_checkpoint(Env& env, const Manifest& manifest,
                                          const SegmentList& segments) {
  const std::string path = env.path("KEYDIR");
  auto c = read_header(env, path);
  if (c.status().is(Code::not_found)) return std::nullopt;
  const std::string why = c.ok() ? misfit(env, *c, manifest, segments) : c.status().message();
  if (why.empty()) return c.take();
  env.log.write(LogLevel::info, "ignored " + path + ": " + why);
  return std::nullopt;
}

Status adopt_tables(Env& env, const Checkpoint& checkpoint, Keydir& keydir) {
  const std::string path = env.path("KEYDIR");
  auto file = env.fs.open(path, Access::read);
  if (!file.ok()) return file.status();
  const uint64_t tables = checkpoint_header_size(checkpoint.files.size(), checkpoint.shards.size());
  const bool mapped = env.options.io == Io::mapped;
  STAVE_RETURN_IF_ERROR(keydir.adopt(
      checkpoint.shards,
      [&](void* to, uint64_t length) -> Status {
        if (mapped) return (*file)->load_pages(to, tables, length);
        size_t got = 0;
        STAVE_RETURN_IF_ERROR((*file)->read(tables, to, length, &got));
        return got == length ? Status() : Status(Code::corrupt, path + " ends early");
      },
      covered_by(checkpoint)));
  if (mapped || keydir.verify_all()) return {};
  return damaged_table(env);
}

Status damaged_table(const Env& env) {
  return {Code::corrupt,
          env.path("KEYDIR") + ": a table is damaged or leads out of the files that it covers"};
}

Status write_checkpoint(Env& env, const Manifest& manifest, const SegmentList& segments,
                        Keydir& keydir, const Hasher& hasher, uint64_t last_seq) {
  const std::string path = env.path("KEYDIR");
  const std::string tmp = path + ".tmp";
  Checkpoint c;
  c.uuid = manifest.uuid;
  c.lineage = manifest.lineage;
  c.generation = manifest.generation;
  c.secret = hasher.secret();
  c.hash_bits = hasher.hash_bits();
  c.hash_kind = static_cast<uint32_t>(hasher.kind());
  c.last_seq = last_seq;
  for (const auto& s : segments) c.files.push_back(describe(*s));
  Status s = [&]() -> Status {
    (void)env.fs.unlink(tmp);
    auto file = env.fs.create(tmp, 0600);
    if (!file.ok()) return file.status();
    const uint64_t header = checkpoint_header_size(c.files.size(), kShards);
    STAVE_RETURN_IF_ERROR(keydir.save(&c.shards, [&](uint64_t offset, Bytes bytes) -> Status {
      return (*file)->write(header + offset, bytes);
    }));
    STAVE_RETURN_IF_ERROR((*file)->write(0, encode_checkpoint(c)));
    STAVE_RETURN_IF_ERROR((*file)->sync());
    return env.fs.rename(tmp, path);
  }();
  if (!s.ok()) (void)env.fs.unlink(tmp);
  return s;
}

}  // namespace stave
