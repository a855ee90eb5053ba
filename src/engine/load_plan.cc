// What there is to load: every file cut into tasks, by its hint, or by its records.
#include <algorithm>

#include "engine/hint_file.h"
#include "engine/load_tasks.h"

namespace stave {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;
constexpr uint64_t kBlocksPerTask = 512;

}  // namespace

void LoadTasks::take_summary(Segment& segment, const HintSummary& s) {
  SegmentCounts& c = segment.counts;
  c.operations.store(s.operations, kRelaxed);
  c.record_bytes.store(s.record_bytes, kRelaxed);
  c.tombstones.store(s.tombstones, kRelaxed);
  c.first_seq.store(s.first_seq, kRelaxed);
  c.last_seq.store(s.last_seq, kRelaxed);
}

// Makes the hint anew; *made is false where the loading can do without.
Status LoadTasks::remake_hint(Segment& segment, const Status& why, bool* made) {
  *made = false;
  const std::string& text = why.message();
  if (purpose_ == OpenFor::reading) {
    env_->log.write(LogLevel::info, "no index of " + segment.path() + " (" + text + ")");
    return {};
  }
  if (why.is(Code::not_found) && hint_can_wait(*env_, segment)) {
    env_->log.write(LogLevel::info, segment.hint_path() + ": not there; it is made later");
    return {};
  }
  env_->log.write(LogLevel::info, "rebuilding " + segment.hint_path() + " (" + text + ")");
  Status s = rebuild_hint(*env_, segment);
  *made = s.ok();
  // The hint is derived: without room for it the store still opens, from the data.
  if (s.is(Code::no_space) || s.is(Code::permission) || s.is(Code::too_many_files)) {
    env_->log.write(LogLevel::warn, "no hint for " + segment.path() + ": " + s.message());
    return {};
  }
  if (s.is(Code::corrupt)) {
    return {Code::corrupt, s.message() + " (found while making its index anew: " + text + ")"};
  }
  return s;
}

Status LoadTasks::plan_hint(const std::shared_ptr<Segment>& segment) {
  auto hint = HintFile::open(*env_, segment);
  if (!hint.ok()) {
    if (hint.status().is(Code::io)) return hint.status();
    bool made = false;
    STAVE_RETURN_IF_ERROR(remake_hint(*segment, hint.status(), &made));
    if (!made) return plan_records(*segment, kFileHeaderSize);
    hint = HintFile::open(*env_, segment);
    if (!hint.ok()) return hint.status();
  }
  segment->set_has_hint(true);
  take_summary(*segment, (*hint)->summary());
  ranges_.insert(ranges_.end(), (*hint)->ranges().begin(), (*hint)->ranges().end());
  const uint64_t blocks = (*hint)->blocks();
  for (uint64_t b = 0; b < blocks; b += kBlocksPerTask) {
    const uint64_t end = std::min(b + kBlocksPerTask, blocks);
    tasks_.push_back(Task{segment.get(), std::make_unique<HintCursor>(*hint, b, end), 0, 0});
  }
  return {};
}

// For a file that the checkpoint spared us loading: merges and iterators will want its hint.
Status LoadTasks::check_hint(Segment& segment) {
  auto there = env_->fs.exists(segment.hint_path());
  if (!there.ok()) return there.status();
  segment.set_has_hint(*there);
  if (*there || purpose_ == OpenFor::reading) return {};
  bool made = false;
  return remake_hint(segment, Status(Code::not_found, "it is missing"), &made);
}

Status LoadTasks::plan_records(Segment& segment, uint64_t from) {
  SegmentCounts& c = segment.counts;
  if (const auto known = notes_.find(segment.id()); known != notes_.end()) {
    const ScanNotes& all = known->second;
    take_summary(segment, {.first_seq = all.first_seq,
                           .last_seq = all.last_seq,
                           .operations = all.operations,
                           .record_bytes = all.record_bytes,
                           .tombstones = all.tombstones});
    plan_parts(segment, from, all);
    return {};
  }
  ScanNotes rest;
  STAVE_RETURN_IF_ERROR(take_notes(segment, from, &rest));
  c.operations.fetch_add(rest.operations, kRelaxed);
  c.record_bytes.fetch_add(rest.record_bytes, kRelaxed);
  c.tombstones.fetch_add(rest.tombstones, kRelaxed);
  if (c.first_seq.load(kRelaxed) == 0) c.first_seq.store(rest.first_seq, kRelaxed);
  c.last_seq.store(std::max(c.last_seq.load(kRelaxed), rest.last_seq), kRelaxed);
  plan_parts(segment, from, rest);
  return {};
}

void LoadTasks::plan_parts(Segment& segment, uint64_t from, const ScanNotes& notes) {
  ranges_.insert(ranges_.end(), notes.ranges.begin(), notes.ranges.end());
  for (const uint64_t part : notes.parts) {
    if (part <= from) continue;
    tasks_.push_back(Task{&segment, nullptr, from, part});
    from = part;
  }
  tasks_.push_back(Task{&segment, nullptr, from, segment.tail()});
}

Status LoadTasks::plan(const std::shared_ptr<Segment>& segment, uint64_t from) {
  const bool scanned = notes_.count(segment->id()) != 0;
  if (segment->sealed() && from > kFileHeaderSize) STAVE_RETURN_IF_ERROR(check_hint(*segment));
  if (from <= kFileHeaderSize) segment->expiry.set_complete();
  if (from >= segment->tail()) return {};
  const bool hint = segment->sealed() && from <= kFileHeaderSize && !scanned;
  return hint ? plan_hint(segment) : plan_records(*segment, from);
}

}  // namespace stave
