#include "engine/recovery.h"

#include <algorithm>

#include "engine/hint_file.h"
#include "engine/load_threads.h"
#include "engine/log_scan.h"

namespace stave {
namespace {

constexpr uint64_t kCopyChunk = 4 << 20;

// Copies [from, last byte that is not zero) to quarantine/, under a name that a second try
// overwrites. *bytes: how much there was.
Status quarantine(Env& env, const Segment& segment, uint64_t from, uint64_t* bytes) {
  *bytes = 0;
  auto size = segment.file().size();
  if (!size.ok()) return size.status();
  uint64_t end = 0;
  STAVE_RETURN_IF_ERROR(find_nonzero_end(segment.file(), from, *size, &end));
  if (end == from) return {};
  const std::string dir = env.path("quarantine");
  STAVE_RETURN_IF_ERROR(env.fs.make_dir(dir));
  const std::string path = dir + "/" + data_file_name(segment.id()) + "-at-" + std::to_string(from);
  (void)env.fs.unlink(path);
  auto to = env.fs.create(path, 0644);
  if (!to.ok()) return to.status();
  std::string chunk;
  for (uint64_t at = from; at < end; at += chunk.size()) {
    chunk.resize(std::min(kCopyChunk, end - at));
    STAVE_RETURN_IF_ERROR(segment.read_exact(at, chunk.data(), chunk.size()));
    STAVE_RETURN_IF_ERROR((*to)->write(at - from, chunk));
  }
  STAVE_RETURN_IF_ERROR((*to)->sync());
  STAVE_RETURN_IF_ERROR(env.fs.sync_dir(dir));
  *bytes = end - from;
  env.log.write(LogLevel::warn, "recovery cut " + std::to_string(*bytes) + " bytes off " +
                                    segment.path() + " at offset " + std::to_string(from) +
                                    "; they are in " + path);
  return {};
}

// Everything after the log's end, in the file that is cut and all later ones.
Status quarantine_rest(Env& env, const SegmentList& unsealed, const LogScan& scan,
                       uint64_t* total) {
  for (size_t i = scan.cut_file; i < unsealed.size(); ++i) {
    const bool whole = i > scan.cut_file || scan.files[i].operations == 0;
    uint64_t bytes = 0;
    Status s = quarantine(env, *unsealed[i], whole ? kFileHeaderSize : scan.files[i].end, &bytes);
    // A full disk must not keep the store shut: what was cut was never promised to be durable.
    if (s.is(Code::no_space)) {
      env.log.write(LogLevel::error, "no room to keep what recovery cuts off " +
                                         unsealed[i]->path() + ": " + s.message());
      continue;
    }
    STAVE_RETURN_IF_ERROR(s);
    *total += bytes;
  }
  return {};
}

// Makes a crashed file's valid bytes durable, and its hint where nobody will do that later.
Status settle(Env& env, Segment& segment, const FileScan& scan) {
  // After kill -9 the bytes may be in the page cache alone.
  STAVE_RETURN_IF_ERROR(segment.file().sync());
  segment.publish_tail(scan.end);
  segment.counts.last_seq.store(scan.last_seq, std::memory_order_relaxed);
  if (hint_can_wait(env, segment)) return {};
  Status s = rebuild_hint(env, segment);
  if (s.is(Code::no_space)) {
    env.log.write(LogLevel::warn, "no hint for " + segment.path() + ": " + s.message());
    return {};
  }
  return s;
}

}  // namespace

Status recover_log(Env& env, Manifest* manifest, SegmentList* segments, Recovered* out) {
  SegmentList unsealed;
  SegmentList kept;
  Manifest next = *manifest;
  next.files.clear();
  for (size_t i = 0; i < segments->size(); ++i) {
    if (!manifest->files[i].sealed) {
      unsealed.push_back((*segments)[i]);
      continue;
    }
    kept.push_back((*segments)[i]);
    next.files.push_back(manifest->files[i]);
    out->last_seq = std::max(out->last_seq, manifest->files[i].last_seq);
  }
  LogScan scan;
  STAVE_RETURN_IF_ERROR(scan_log(unsealed, out->last_seq, manifest->seq_floor, LogWriter::gone,
                                 &scan, load_threads(env.options)));
  out->last_seq = scan.last_seq;
  if (scan.cut) {
    STAVE_RETURN_IF_ERROR(quarantine_rest(env, unsealed, scan, &out->quarantined_bytes));
  }
  SegmentList cut_short;
  for (size_t i = 0; i < unsealed.size(); ++i) {
    FileScan& f = scan.files[i];
    if (f.operations == 0) continue;  // unused, or cut away whole: a leftover from now on
    STAVE_RETURN_IF_ERROR(settle(env, *unsealed[i], f));
    unsealed[i]->set_sealed();
    out->notes[unsealed[i]->id()] = std::move(f.notes);
    next.files.push_back({unsealed[i]->id(), Origin::log, true, f.end, f.last_seq});
    kept.push_back(unsealed[i]);
    cut_short.push_back(unsealed[i]);
  }
  next.generation = manifest->generation + 1;
  next.clean = true;  // all is sealed; seq_floor stands until a session moves it
  bool uncertain = false;
  STAVE_RETURN_IF_ERROR(save_manifest(env, next, &uncertain));
  *manifest = std::move(next);
  *segments = std::move(kept);
  // Blocks allocated ahead, and what was cut: MANIFEST's lengths exclude them already.
  for (const auto& s : cut_short) {
    auto file = env.fs.open(s->path(), Access::write);
    if (file.ok()) (void)(*file)->truncate(s->tail());
  }
  return {};
}

Status remove_leftovers(Env& env, const Manifest& manifest) {
  auto names = env.fs.list(env.dir);
  if (!names.ok()) return names.status();
  for (const std::string& name : *names) {
    uint64_t id = 0;
    Bytes base = name;
    constexpr Bytes kTmp = ".tmp";
    const bool tmp = base.ends_with(kTmp);
    if (tmp) base.remove_suffix(kTmp.size());
    const bool ours = parse_data_file_name(base, &id) || parse_hint_file_name(base, &id) ||
                      (tmp && base == "KEYDIR");
    if (!ours) continue;
    const bool listed = !tmp && std::any_of(manifest.files.begin(), manifest.files.end(),
                                            [&](const ManifestFile& f) { return f.id == id; });
    if (listed) continue;
    STAVE_RETURN_IF_ERROR(env.fs.unlink(env.path(name)));
    env.log.write(LogLevel::info, "removed the leftover " + env.path(name));
  }
  return {};
}

}  // namespace stave
