#include "engine/merge_hints.h"

#include "engine/hint_check.h"
#include "engine/run.h"
#include "engine/tail_index.h"

namespace stave {
namespace {

bool useless(const Status& hint) {
  return hint.is(Code::not_found) || hint.is(Code::corrupt) || hint.is(Code::unsupported);
}

// Makes the hint from the data, because of `why`. no_space: there is none now, bad or good.
Status rebuild(Env& env, Segment& segment, const Status& why, uint64_t* damaged) {
  const bool missing = why.is(Code::not_found);
  env.log.write(missing ? LogLevel::info : LogLevel::warn,
                missing ? segment.hint_path() + ": not there; it is made from the data now"
                        : why.message() + "; it is made again from the data");
  Status s = rebuild_hint(env, segment);
  if (s.is(Code::no_space) && !missing) {
    segment.set_has_hint(false);
    STAVE_RETURN_IF_ERROR(env.fs.unlink(segment.hint_path()));
    s = rebuild_hint(env, segment);
  }
  if (s.is(Code::corrupt)) *damaged = segment.id();
  return s;
}

}  // namespace

Result<MergeIndex> MergeIndex::open(Env& env, const std::shared_ptr<Segment>& segment,
                                    uint64_t* damaged) {
  MergeIndex index;
  index.segment_ = segment;
  auto hint = HintFile::open(env, segment);
  if (useless(hint.status())) {
    const Status s = rebuild(env, *segment, hint.status(), damaged);
    if (s.is(Code::no_space)) {
      env.log.write(LogLevel::info,
                    segment->hint_path() + ": no space for it; the merge indexes in memory");
      auto run = build_run(*segment, kFileHeaderSize, segment->tail());
      if (run.status().is(Code::corrupt)) *damaged = segment->id();
      if (!run.ok()) return run.status();
      index.run_ = run.take();
    } else if (!s.ok()) {
      return s;
    } else {
      hint = HintFile::open(env, segment);
    }
  }
  if (!index.run_) {
    if (!hint.ok()) return hint.status();
    index.hint_ = hint.take();
  }
  return index;
}

std::unique_ptr<Cursor> MergeIndex::cursor() const {
  return run_ ? run_cursor(segment_, run_) : hint_->cursor();
}

const RangeList& MergeIndex::ranges() const { return run_ ? run_->ranges : hint_->ranges(); }

uint64_t MergeIndex::record_bytes() const {
  return run_ ? run_->record_bytes : hint_->summary().entry_bytes;
}

Status repair_merge_hints(Env& env, const std::vector<std::shared_ptr<Segment>>& segments,
                          uint64_t* damaged) {
  for (const auto& segment : segments) {
    auto index = MergeIndex::open(env, segment, damaged);
    if (!index.ok()) return index.status();
    const auto cursor = index->cursor();
    while (cursor->next()) continue;
    Status s = cursor->status();
    if (s.is(Code::corrupt)) s = rebuild(env, *segment, s, damaged);
    if (!s.ok() && !s.is(Code::no_space)) return s;
  }
  return {};
}

Status write_missing_hints(Env& env, const std::vector<std::shared_ptr<Segment>>& segments,
                           const std::function<bool()>& stop, std::set<uint64_t>* damaged) {
  for (const auto& segment : segments) {
    if (!segment->sealed() || segment->has_hint() || segment->tail() <= kFileHeaderSize) continue;
    if (damaged->count(segment->id()) != 0) continue;
    const Status s = rebuild_hint(env, *segment, stop);
    if (s.is(Code::corrupt)) {
      damaged->insert(segment->id());
      env.log.write(LogLevel::error, "no hint for " + segment->path() + ": " + s.message());
      continue;
    }
    STAVE_RETURN_IF_ERROR(s);
    env.log.write(LogLevel::info, segment->hint_path() + ": written now");
    if (segment->tail_index) segment->tail_index->release();
  }
  return {};
}

Status remake_hints(Env& env, const std::vector<std::shared_ptr<Segment>>& segments,
                    const std::function<bool()>& stop) {
  Status damaged;
  for (const auto& segment : segments) {
    if (!segment->sealed() || segment->tail() <= kFileHeaderSize) continue;
    std::string why;
    Status s = check_hint(env, segment, &why);
    if (s.ok() && stop()) s = Status(Code::cancelled, "the store is being closed");
    if (s.ok()) s = rebuild_hint(env, *segment, stop);
    if (s.is(Code::corrupt)) {
      env.log.write(LogLevel::error, "no hint for " + segment->path() + ": " + s.message());
      if (damaged.ok()) damaged = s;
      continue;
    }
    STAVE_RETURN_IF_ERROR(s);
    if (!why.empty()) env.log.write(LogLevel::warn, why + "; it was made again from the data");
    if (segment->tail_index) segment->tail_index->release();
  }
  if (!damaged.ok()) return damaged;
  return env.fs.sync_dir(env.dir);
}

}  // namespace stave
