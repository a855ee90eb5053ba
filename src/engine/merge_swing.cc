#include "engine/merge_swing.h"

#include <vector>

namespace stave {
namespace {

constexpr size_t kBatch = 64;

}  // namespace

MergeSwing::MergeSwing(const MergeParts& parts, const SegmentList& inputs) : parts_(parts) {
  for (const auto& input : inputs) inputs_.insert(input.get());
}

Segment* MergeSwing::input_at(uint64_t address) const {
  // Compared, not followed, until it is known to be ours.
  Segment* const segment = parts_.space.segment_at(address);
  return inputs_.count(segment) != 0 ? segment : nullptr;
}

Status MergeSwing::to_output(Segment& output, Cursor& cursor) {
  return each_put(output, cursor, false, [&](const Put& put) {
    Slot old;
    if (parts_.keydir.find(put.digest, &old)) {
      Segment* const input = input_at(old.address);
      if (input != nullptr &&
          parts_.keydir.replace_if(put.digest, old.address, {put.address, put.size_class})) {
        input->counts.move_live(old.size_class);
        return;
      }
    }
    output.counts.move_live(put.size_class);
  });
}

Status MergeSwing::erase_expired(const Segment& input, Cursor& cursor) {
  return each_put(input, cursor, true, [&](const Put& put) {
    if (parts_.keydir.erase_if(put.digest, put.address)) {
      input_at(put.address)->counts.move_live(put.size_class);
    }
  });
}

uint64_t MergeSwing::slots_left() {
  uint64_t left = 0;
  parts_.keydir.for_each([&](const Slot& slot) {
    if (input_at(slot.address) != nullptr) ++left;
    return true;
  });
  return left;
}

Status MergeSwing::each_put(const Segment& segment, Cursor& cursor, bool only_expiring,
                            Callback<void(const Put&)> act) {
  // In batches, so that many slots are on their way from memory at once.
  std::vector<Put> batch;
  batch.reserve(kBatch);
  const auto act_on_batch = [&] {
    for (const Put& put : batch) act(put);
    batch.clear();
  };
  while (cursor.next()) {
    const HintEntry& e = cursor.entry();
    const bool expires = e.expires_at_ms != 0;
    if (e.kind != Kind::put || (only_expiring && !expires)) continue;
    const Digest digest = parts_.hasher(e.key);
    parts_.keydir.prefetch(digest);
    batch.push_back({digest, segment.address_of(e.offset),
                     size_class(record_size(e.key.size(), e.value_length, expires))});
    if (batch.size() == kBatch) act_on_batch();
  }
  act_on_batch();
  return cursor.status();
}

}  // namespace stave
