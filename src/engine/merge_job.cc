#include "engine/merge_job.h"

#include <algorithm>

namespace stave {

MergeJob::MergeJob(const MergeParts& parts, MergeControl& control, RateLimiter& limiter,
                   MergeProgress& progress, std::shared_ptr<const Version> began,
                   SegmentList inputs, uint64_t before_id)
    : parts_(parts),
      control_(control),
      limiter_(limiter),
      progress_(progress),
      began_(std::move(began)),
      inputs_(std::move(inputs)),
      before_id_(before_id),
      unswept_(parts_.unswept()) {}

Status MergeJob::run() {
  {
    auto output = std::make_unique<MergeOutput>(parts_.env, parts_.catalog, parts_.space);
    STAVE_RETURN_IF_ERROR(copy(output));
    if (!output->files().empty()) STAVE_RETURN_IF_ERROR(parts_.env->fs.sync_dir(parts_.env->dir));
    // A damaged shard of the keydir answers "no slot" for keys that live: what was judged with
    // it must not be believed.
    if (parts_.keydir.damaged()) {
      return {Code::corrupt, "the keydir is damaged; nothing is merged until it is rebuilt"};
    }
    // M3. After the last liveness decision, before the inputs leave.
    STAVE_RETURN_IF_ERROR(parts_.make_log_durable());
    STAVE_RETURN_IF_ERROR(switch_manifest(*output));
  }
  return swing();
}

Status MergeJob::copy(std::unique_ptr<MergeOutput>& output) {
  Status s = copy_once(*output);
  if (!s.is(Code::corrupt) || damaged_ != 0) return s;
  // A hint let us down in the middle of the walk. It is derived: rebuilt, and all over again.
  STAVE_RETURN_IF_ERROR(repair_merge_hints(*parts_.env, inputs_, &damaged_));
  output = std::make_unique<MergeOutput>(parts_.env, parts_.catalog, parts_.space);
  return copy_once(*output);
}

Status MergeJob::copy_once(MergeOutput& output) {
  indexes_.clear();
  for (const auto& input : inputs_) {
    auto index = MergeIndex::open(*parts_.env, input, &damaged_);
    if (!index.ok()) return index.status();
    indexes_.push_back(index.take());
  }
  TombstoneRule rule(*parts_.env, staying());
  RangeList ranges;
  STAVE_RETURN_IF_ERROR(keep_ranges(rule, &ranges));
  STAVE_RETURN_IF_ERROR(output.add_ranges(ranges));
  MergeCopy copy(parts_, control_, limiter_, progress_, rule, output);
  const Status s = copy.run(inputs_, indexes_);
  expired_ = copy.expired();
  holders_ = rule.holders();
  if (damaged_ == 0) damaged_ = copy.damaged();
  return s;
}

Status MergeJob::keep_ranges(TombstoneRule& rule, RangeList* kept) {
  std::vector<uint64_t> unswept;
  unswept.reserve(unswept_.size());
  for (const HintRangeTombstone& r : unswept_) unswept.push_back(r.seq);
  std::sort(unswept.begin(), unswept.end());
  const auto stop = [this] { return control_.stopping(); };
  for (const MergeIndex& index : indexes_) {
    for (const HintRangeTombstone& r : index.ranges()) {
      STAVE_RETURN_IF_ERROR(control_.step(limiter_, 0));
      const bool swept = !std::binary_search(unswept.begin(), unswept.end(), r.seq);
      if (!swept || rule.must_keep(r, stop)) kept->push_back(r);
    }
  }
  return control_.step(limiter_, 0);
}

SegmentList MergeJob::staying() const {
  SegmentList list;
  for (const auto& segment : began_->segments) {
    if (std::find(inputs_.begin(), inputs_.end(), segment) == inputs_.end()) {
      list.push_back(segment);
    }
  }
  return list;
}

Status MergeJob::switch_manifest(MergeOutput& output) {
  SegmentList made = output.files();
  const Status s = parts_.catalog.replace(inputs_, made, *began_, before_id_);
  if (!s.ok()) {
    // The disk may hold the new MANIFEST all the same: then the outputs are the store.
    if (parts_.catalog.uncertain()) output.forget();
    return s;
  }
  outputs_ = std::move(made);
  output.take();
  switched_ = true;
  return {};
}

Status MergeJob::swing() {
  MergeSwing swing(parts_, inputs_);
  for (const auto& output : outputs_) {
    uint64_t damaged = 0;
    auto index = MergeIndex::open(*parts_.env, output, &damaged);
    if (!index.ok()) return index.status();
    // Written just now, so that most of it is in memory: no get shall pay for its first touch.
    if (output->mapping() != nullptr) output->mapping()->map_resident(output->tail());
    STAVE_RETURN_IF_ERROR(swing.to_output(*output, *index->cursor()));
  }
  for (size_t i = 0; expired_ > 0 && i < inputs_.size(); ++i) {
    STAVE_RETURN_IF_ERROR(swing.erase_expired(*inputs_[i], *indexes_[i].cursor()));
  }
  return retire(swing);
}

Status MergeJob::retire(MergeSwing& swing) {
  // Appends that read an old slot before the swing are over after this, and have counted.
  (void)parts_.oldest_unsealed_id();
  // Readers that read an old slot before the swing are gone after this.
  parts_.reads.synchronize();
  for (const auto& input : inputs_) {
    const uint64_t live = input->counts.live_records();
    if (live == 0) continue;
    parts_.env->log.write(LogLevel::error, input->path() + ": " + std::to_string(live) +
                                               " records count as live after their merge");
    if (const uint64_t left = swing.slots_left(); left > 0) {
      return {Code::internal, std::to_string(left) + " slots still point into merged files"};
    }
    break;  // only miscounted: nobody is led there
  }
  for (const auto& input : inputs_) {
    parts_.space.bind(input->extent(), nullptr);
    parts_.space.release(input->extent());
    input->set_obsolete();
  }
  retired_ = true;
  return {};
}

}  // namespace stave
