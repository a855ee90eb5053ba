#include "engine/merge_copy.h"

#include <algorithm>

#include "engine/merging_cursor.h"

namespace stave {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;
constexpr uint64_t kHintEntryBytes = 12;  // without the key, about
constexpr uint64_t kHintCharge = 256 << 10;

// Under a rate cap a step must not move a second's worth at once: readers would feel it.
uint64_t window_bytes(const RateLimiter& limiter) {
  if (!limiter.limits()) return kWindowBytes;
  return std::clamp<uint64_t>(limiter.bytes_per_second() / 16, 64 << 10, kWindowBytes);
}

bool may_use_thread(const MergeParts& parts, const RateLimiter& limiter) {
  return !limiter.limits() && parts.env->options.background &&
         std::thread::hardware_concurrency() > 1;
}

}  // namespace

MergeCopy::MergeCopy(const MergeParts& parts, MergeControl& control, RateLimiter& limiter,
                     MergeProgress& progress, TombstoneRule& tombstones, MergeOutput& output)
    : parts_(parts),
      control_(control),
      limiter_(limiter),
      progress_(progress),
      tombstones_(tombstones),
      pipe_(output, window_bytes(limiter), may_use_thread(parts, limiter), limiter.limits()) {
  batch_.reserve(kBatch);
}

Status MergeCopy::run(const SegmentList& inputs, const std::vector<MergeIndex>& indexes) {
  uint64_t total = 0;
  std::vector<std::unique_ptr<Cursor>> sources;
  for (const MergeIndex& index : indexes) {
    total += index.record_bytes();
    sources.push_back(index.cursor());
  }
  progress_.done.store(0, kRelaxed);
  progress_.total.store(total, kRelaxed);
  for (const auto& input : inputs) pipe_.add_input(*input);
  MergingCursor cursor(std::move(sources));
  std::string last_key;
  while (cursor.next()) {
    const HintEntry& e = cursor.entry();
    const uint64_t size = record_size(e.key.size(), e.value_length, e.expires_at_ms != 0);
    progress_.done.store(progress_.done.load(kRelaxed) + size, kRelaxed);
    hint_bytes_ += kHintEntryBytes + e.key.size();
    if (e.key == last_key) continue;  // keys are never empty
    last_key.assign(e.key);
    note(e, &cursor.segment());
    if (batch_.size() == kBatch) STAVE_RETURN_IF_ERROR(judge_batch());
  }
  STAVE_RETURN_IF_ERROR(cursor.status());
  STAVE_RETURN_IF_ERROR(judge_batch());
  STAVE_RETURN_IF_ERROR(flush());
  return pipe_.finish();
}

void MergeCopy::note(const HintEntry& e, Segment* segment) {
  const Digest digest = parts_.hasher(e.key);
  parts_.keydir.prefetch(digest);
  batch_.push_back({segment, e, batch_keys_.size(), e.key.size(), digest});
  batch_keys_.append(e.key);
}

Status MergeCopy::judge_batch() {
  const uint64_t reclaim_ms = parts_.env->expiry.reclaim_ms();
  for (Candidate& c : batch_) {
    c.entry.key = Bytes(batch_keys_).substr(c.key_at, c.key_length);
    STAVE_RETURN_IF_ERROR(judge(c, reclaim_ms));
  }
  batch_.clear();
  batch_keys_.clear();
  const uint64_t charge = hint_bytes_ >= kHintCharge ? hint_bytes_ : 0;
  hint_bytes_ -= charge;
  return control_.step(limiter_, charge);
}

Status MergeCopy::judge(const Candidate& c, uint64_t reclaim_ms) {
  Slot slot;
  const bool has_slot = parts_.keydir.find(c.digest, &slot);
  if (c.entry.kind == Kind::tombstone) {
    // A slot belongs to a newer put then: every tombstone erases the slot of older ones.
    return has_slot ? Status() : keep_tombstone(c);
  }
  if (!has_slot || slot.address != c.segment->address_of(c.entry.offset)) return {};
  if (c.entry.expires_at_ms == 0 || c.entry.expires_at_ms > reclaim_ms) return copy(c);
  ++expired_;
  return keep_tombstone(c);
}

Status MergeCopy::copy(const Candidate& c) {
  const HintEntry& e = c.entry;
  const uint64_t size = record_size(e.key.size(), e.value_length, e.expires_at_ms != 0);
  if (!pipe_.window().has_room(size)) STAVE_RETURN_IF_ERROR(flush());
  pipe_.window().add_copy(*c.segment, e);
  return {};
}

Status MergeCopy::keep_tombstone(const Candidate& c) {
  if (!tombstones_.must_keep(c.entry.key, c.entry.seq)) return {};
  const uint64_t size = record_size(c.entry.key.size(), 0, false);
  if (!pipe_.window().has_room(size)) STAVE_RETURN_IF_ERROR(flush());
  pipe_.window().add_tombstone(c.entry.key, c.entry.seq);
  return {};
}

Status MergeCopy::flush() {
  MergeWindow& window = pipe_.window();
  if (window.empty()) return {};
  STAVE_RETURN_IF_ERROR(pipe_.make_way());
  uint64_t read = 0;
  const Status fetched = window.fetch(&read, &damaged_);
  progress_.bytes_read.fetch_add(read, kRelaxed);
  STAVE_RETURN_IF_ERROR(fetched);
  const uint64_t written = window.bytes();
  STAVE_RETURN_IF_ERROR(pipe_.pass_on());
  progress_.bytes_written.fetch_add(written, kRelaxed);
  return control_.step(limiter_, read + written);
}

}  // namespace stave
