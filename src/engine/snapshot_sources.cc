#include "engine/snapshot_sources.h"

#include <algorithm>
#include <utility>

#include "engine/plain_get.h"
#include "engine/repairing_cursor.h"
#include "engine/run.h"
#include "engine/tail_index.h"

namespace stave {

Result<std::shared_ptr<const SnapshotSources>> SnapshotSources::open(std::shared_ptr<Env> env,
                                                                     Snapshot snapshot) {
  const size_t n = snapshot.version->segments.size();
  STAVE_CHECK(snapshot.tails.size() == n);
  std::shared_ptr<SnapshotSources> sources(new SnapshotSources());
  sources->env_ = std::move(env);
  sources->snapshot_ = std::move(snapshot);
  const uint64_t taken_at_ms = sources->snapshot_.taken_at_ms;
  sources->opened_at_ms_ = taken_at_ms != 0 ? taken_at_ms : sources->env_->expiry.now_ms();
  Ranges ranges;
  for (size_t i = 0; i < n; ++i) STAVE_RETURN_IF_ERROR(sources->add(i, &ranges));
  auto& covers = sources->ranges_;
  if (!ranges.shared.empty()) {
    covers.push_back(sources->snapshot_.version->hints->cover(std::move(ranges.shared)));
  }
  if (!ranges.own.empty()) covers.push_back(std::make_shared<const RangeCover>(ranges.own));
  sources->make_chains();
  return std::shared_ptr<const SnapshotSources>(std::move(sources));
}

Status SnapshotSources::add(size_t index, Ranges* ranges) {
  if (snapshot_.tails[index] <= kFileHeaderSize) return {};
  FileSource file;
  file.segment = snapshot_.version->segments[index];
  const Segment& segment = *file.segment;
  if (segment.has_hint() || (segment.sealed() && segment.tail_index == nullptr)) {
    auto hint = snapshot_.version->hints->open(*env_, file.segment);
    // A hint has only the newest operation on each key, so all must be within the snapshot.
    if (hint.ok() && (*hint)->summary().last_seq <= snapshot_.seq) {
      file.hint = hint.take();
      const auto& list = file.hint->ranges();
      if (!list.empty()) ranges->shared.push_back({segment.id(), 0, 0, &list});
    } else if (!hint.ok()) {
      if (!replaceable(hint.status())) return hint.status();
      tell_no_hint(*env_, segment, hint.status());
    }
  }
  if (!file.hint) STAVE_RETURN_IF_ERROR(add_runs(&file, index, ranges));
  files_.push_back(std::move(file));
  return {};
}

Status SnapshotSources::add_runs(FileSource* file, size_t index, Ranges* ranges) {
  const uint64_t tail = snapshot_.tails[index];
  std::vector<std::shared_ptr<const Run>> published;
  if (!snapshot_.runs.empty()) published = snapshot_.runs[index];
  if (const std::shared_ptr<TailIndex> tail_index = file->segment->tail_index) {
    std::vector<std::shared_ptr<const Run>> now = tail_index->runs();
    if (now.size() > published.size()) published = std::move(now);
  }
  uint64_t covered = kFileHeaderSize;
  for (const std::shared_ptr<const Run>& run : published) {
    if (run->from >= tail) break;
    add_run(file, run, ranges);
    covered = run->to;
  }
  return covered < tail ? add_recent_runs(file, covered, tail, ranges) : Status();
}

Status SnapshotSources::add_recent_runs(FileSource* file, uint64_t covered, uint64_t tail,
                                        Ranges* ranges) {
  // A sealed file without a hint gets one before long.
  if (file->segment->sealed()) {
    auto rest = build_run(*file->segment, covered, tail);
    if (!rest.ok()) return rest.status();
    add_run(file, rest.take(), ranges);
    return {};
  }
  auto rest = snapshot_.version->hints->runs(*file->segment, covered, tail);
  if (!rest.ok()) return rest.status();
  for (const RangedRun& recent : *rest) {
    file->runs.push_back(recent.run);
    if (recent.run->last_seq > snapshot_.seq) {
      add_own(*recent.run, ranges);
    } else if (recent.ranges) {
      ranges_.push_back(recent.ranges);
    }
  }
  return {};
}

void SnapshotSources::add_run(FileSource* file, const std::shared_ptr<const Run>& run,
                              Ranges* ranges) const {
  file->runs.push_back(run);
  if (run->last_seq > snapshot_.seq) {
    add_own(*run, ranges);
  } else if (!run->ranges.empty()) {
    ranges->shared.push_back({file->segment->id(), run->from, run->to, &run->ranges});
  }
}

void SnapshotSources::add_own(const Run& run, Ranges* ranges) const {
  for (const HintRangeTombstone& r : run.ranges) {
    if (r.seq <= snapshot_.seq) ranges->own.push_back(r);
  }
}

void SnapshotSources::make_chains() {
  std::vector<std::shared_ptr<HintFile>> hints;
  hints.reserve(files_.size());
  for (const FileSource& file : files_) {
    if (file.hint) hints.push_back(file.hint);
  }
  chains_ = snapshot_.version->hints->chains(std::move(hints));
}

std::unique_ptr<MergingCursor> SnapshotSources::cursor() const {
  std::vector<std::unique_ptr<Cursor>> cursors;
  for (const HintChain& chain : *chains_) {
    // Shares in the ownership of them all.
    cursors.push_back(chain_cursor(env_, {chains_, &chain}));
  }
  for (const FileSource& file : files_) {
    for (const auto& run : file.runs) cursors.push_back(run_cursor(file.segment, run));
  }
  return std::make_unique<MergingCursor>(std::move(cursors));
}

bool SnapshotSources::still_live(const HintEntry& newest) const {
  if (newest.expires_at_ms != 0) {
    env_->expiry.note_use();
    if (newest.expires_at_ms <= opened_at_ms_) return false;
  }
  return std::all_of(ranges_.begin(), ranges_.end(),
                     [&](const auto& ranges) { return ranges->seq_over(newest.key) < newest.seq; });
}

namespace {

Status find_in_run(const std::shared_ptr<Segment>& segment, const std::shared_ptr<const Run>& run,
                   Bytes key, uint64_t seq, std::string* storage, HintEntry* out) {
  const auto cursor = run_cursor(segment, run);
  cursor->seek(key);
  while (cursor->next() && cursor->entry().key == key) {
    if (cursor->entry().seq > seq) continue;
    *out = cursor->entry();
    storage->assign(out->key);
    out->key = *storage;
    return {};
  }
  return cursor->status().ok() ? Status::answer(Code::not_found) : cursor->status();
}

bool missing(const Status& s) { return s.is(Code::not_found) && s.system_errno() == 0; }

}  // namespace

Result<std::shared_ptr<const Run>> SnapshotSources::stand_in(const FileSource& file,
                                                             const Status& why) const {
  MutexLock lock(mutex_);
  std::shared_ptr<const Run>& run = stand_ins_[file.segment->id()];
  if (!run) {
    tell_no_hint(*env_, *file.segment, why);
    auto made = build_run(*file.segment, kFileHeaderSize, file.segment->tail());
    if (!made.ok()) return made.status();
    run = made.take();
  }
  return run;
}

// The newest entry on the key in this file within the snapshot; not_found.
Status SnapshotSources::find_in(const FileSource& file, Bytes key, std::string* storage,
                                HintEntry* out) const {
  const uint64_t seq = snapshot_.seq;
  for (auto run = file.runs.rbegin(); run != file.runs.rend(); ++run) {
    const Status s = find_in_run(file.segment, *run, key, seq, storage, out);
    if (!missing(s)) return s;
  }
  if (!file.hint) return Status::answer(Code::not_found);
  const Result<bool> maybe = file.hint->may_contain(key);
  if (maybe.ok() && !*maybe) return Status::answer(Code::not_found);
  const Status s = file.hint->find(key, storage, out);
  if (s.ok() || missing(s) || !replaceable(s)) return s;
  auto run = stand_in(file, s);
  return run.ok() ? find_in_run(file.segment, *run, key, seq, storage, out) : run.status();
}

Status SnapshotSources::get(Bytes key, std::string* buffer, Bytes* value) const {
  std::string storage;
  // The newest operation stands in the last file that has one (catalog.h, C3).
  for (size_t i = files_.size(); i-- > 0;) {
    const FileSource& file = files_[i];
    HintEntry entry;
    const Status s = find_in(file, key, &storage, &entry);
    if (missing(s)) continue;
    STAVE_RETURN_IF_ERROR(s);
    if (!live(entry)) return Status::answer(Code::not_found);
    return read_indexed(*env_, *file.segment, entry, buffer, value);
  }
  return Status::answer(Code::not_found);
}

namespace {
// The put of nearly every entry: in a mapping, without expiry. False: something else, or damaged.
inline bool read_plain(const Segment& segment, const HintEntry& entry, bool verify, Bytes* value) {
  PlainRecord r;
  if (entry.expires_at_ms != 0 || !plain_record(segment, entry.offset, entry.key, &r) ||
      r.value.size() != entry.value_length || r.seq() != entry.seq || !r.padding_is_zero()) {
    return false;
  }
  const uint32_t salt = segment.salt();
  if (verify && !(fast_cpu() ? checksum_matches_fast(r, salt) : checksum_matches(r, salt))) {
    return false;
  }
  *value = r.value;
  return true;
}
}  // namespace

Status read_indexed(const Env& env, const Segment& segment, const HintEntry& entry,
                    std::string* buffer, Bytes* value) {
  if (read_plain(segment, entry, env.options.verify_reads, value)) return {};
  *value = Bytes();
  const uint64_t n = record_size(entry.key.size(), entry.value_length, entry.expires_at_ms != 0);
  const char* at = nullptr;
  if (segment.map_length() >= entry.offset + n) {
    at = segment.mapped() + entry.offset;
  } else {
    buffer->resize(n);
    STAVE_RETURN_IF_ERROR(segment.read_exact(entry.offset, buffer->data(), n));
    at = buffer->data();
  }
  Record r;
  uint64_t size = 0;
  const Parse parsed = env.options.verify_reads ? parse_record(at, n, segment.salt(), &r, &size)
                                                : parse_record_unchecked(at, n, &r, &size);
  if (parsed != Parse::ok) return corrupt_at(segment, entry.offset, "a damaged record");
  if (r.kind != Kind::put || r.seq != entry.seq || r.key != entry.key) {
    return corrupt_at(segment, entry.offset, "not the record that the index names");
  }
  *value = r.value;
  return {};
}

}  // namespace stave
