#include "engine/loader.h"

#include "engine/checkpoint_file.h"
#include "engine/load_tasks.h"

namespace stave {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

void restore_counts(Segment& segment, const CheckpointFile& f) {
  SegmentCounts& c = segment.counts;
  c.operations.store(f.operations, kRelaxed);
  c.record_bytes.store(f.record_bytes, kRelaxed);
  c.set_live(f.live_records, f.live_bytes);
  c.tombstones.store(f.tombstones, kRelaxed);
  c.first_seq.store(f.first_seq, kRelaxed);
  c.last_seq.store(f.last_seq, kRelaxed);
  for (size_t i = 0; i < kSizeClasses; ++i) {
    c.class_count[i].store(f.class_count[i], kRelaxed);
    c.class_bytes[i].store(f.class_bytes[i], kRelaxed);
  }
}

// Extents: those that the checkpoint's slots speak of, fresh ones for all other files. False: a
// checkpoint's extent is too small for its file now, or taken twice.
Result<bool> place_files(Env& env, const Manifest& m, const SegmentList& segments, OpenFor purpose,
                         const Checkpoint* checkpoint, AddressSpace& space) {
  const size_t given = checkpoint ? checkpoint->files.size() : 0;
  for (size_t i = 0; i < given; ++i) {
    const Extent e{checkpoint->files[i].extent, checkpoint->files[i].extent_count};
    if (e.count > kGranules || e.count * kGranuleBytes < address_bytes(env, m.files[i], purpose)) {
      return false;
    }
    if (!space.claim(e)) return false;
    segments[i]->set_extent(e);
  }
  for (size_t i = given; i < segments.size(); ++i) {
    auto e = space.allocate(address_bytes(env, m.files[i], purpose));
    if (!e.ok()) return e.status();
    segments[i]->set_extent(*e);
  }
  return true;
}

Status fresh_keydir(const Env& env, Loaded* out) {
  auto space = AddressSpace::create();
  if (!space.ok()) return space.status();
  out->space = space.take();
  auto keydir = Keydir::create();
  if (!keydir.ok()) return keydir.status();
  out->keydir = keydir.take();
  out->ranges = std::make_unique<RangeDeletes>();
  Secret secret;
  random_bytes(secret.data(), secret.size());
  out->hasher = std::make_unique<Hasher>(secret, env.options.test_hash_bits);
  return {};
}

// True: the checkpoint's tables are in the keydir, and `from` says what is left to load.
bool use_checkpoint(const std::shared_ptr<Env>& env, const Manifest& m, const SegmentList& segments,
                    OpenFor purpose, Loaded* out, std::vector<uint64_t>* from) {
  auto checkpoint = read_checkpoint(*env, m, segments);
  if (!checkpoint) return false;
  out->hasher = std::make_unique<Hasher>(checkpoint->secret, checkpoint->hash_bits,
                                         static_cast<HashKind>(checkpoint->hash_kind));
  auto placed = place_files(*env, m, segments, purpose, &*checkpoint, *out->space);
  Status s = placed.status();
  if (s.ok() && !*placed) s = Status(Code::corrupt, "its extents do not fit");
  if (s.ok()) s = adopt_tables(*env, *checkpoint, *out->keydir);
  if (!s.ok()) {
    env->log.write(LogLevel::info, "ignored " + env->path("KEYDIR") + ": " + s.message());
    return false;
  }
  for (size_t i = 0; i < checkpoint->files.size(); ++i) {
    (*from)[i] = checkpoint->files[i].covered;
    restore_counts(*segments[i], checkpoint->files[i]);
  }
  out->checkpoint_seq = checkpoint->last_seq;
  out->refill = std::make_shared<CheckpointRefill>(env, *checkpoint, *out->hasher, purpose);
  return true;
}

// What the checkpoint does not have, or everything, is loaded on top.
Status load_rest(const std::shared_ptr<Env>& env, const Manifest& manifest,
                 const SegmentList& segments, OpenFor purpose, const NotesOfFiles& notes,
                 const std::vector<uint64_t>& from, Loaded* out) {
  for (size_t i = 0; i < segments.size(); ++i) {
    segments[i]->load_rank = static_cast<uint32_t>(i);
    STAVE_RETURN_IF_ERROR(map_file(*env, manifest.files[i], purpose, *segments[i]));
    out->space->bind(segments[i]->extent(), segments[i].get());
  }
  LoadTasks tasks(env, segments, purpose, notes, out);
  return tasks.run(from);
}

}  // namespace

Result<Loaded> load_store(const std::shared_ptr<Env>& env, const Manifest& manifest,
                          const SegmentList& segments, OpenFor purpose, const NotesOfFiles& notes) {
  Loaded out;
  STAVE_RETURN_IF_ERROR(fresh_keydir(*env, &out));
  std::vector<uint64_t> from(segments.size(), kFileHeaderSize);
  if (use_checkpoint(env, manifest, segments, purpose, &out, &from)) {
    const Status s = load_rest(env, manifest, segments, purpose, notes, from, &out);
    if (!out.keydir->damaged()) return s.ok() ? Result<Loaded>(std::move(out)) : s;
    env->log.write(LogLevel::info, "ignored " + damaged_table(*env).message());
    out = {};
    for (const auto& segment : segments) segment->counts.clear();
  }
  STAVE_RETURN_IF_ERROR(fresh_keydir(*env, &out));
  from.assign(segments.size(), kFileHeaderSize);
  auto placed = place_files(*env, manifest, segments, purpose, nullptr, *out.space);
  if (!placed.ok()) return placed.status();
  STAVE_RETURN_IF_ERROR(load_rest(env, manifest, segments, purpose, notes, from, &out));
  return out;
}

}  // namespace stave
