// Checkpoints of the keydir. A shard's image is a table of one capacity at full load, up to its
// last used cell: saving lays the keys out anew, in one sequential pass, so that the file is as
// small as can be wherever growth stands, and the table itself is not touched.
#include <algorithm>
#include <string>

#include "base/check.h"
#include "engine/keydir.h"
#include "engine/keydir_memory.h"
#include "engine/keydir_shard.h"
#include "format/crc32c.h"

namespace stave {

// Below where growth begins, so that the first puts after an opening do not all begin one.
constexpr uint32_t kImageLoadPercent = 88;

static_assert(kMemoryUnit % kCheckpointAlign == 0);

KeydirShard::Image KeydirShard::write_image(std::vector<uint64_t>* buffer) const {
  Image image;
  image.count = count();
  image.capacity = static_cast<uint32_t>(uint64_t{image.count} * 100 / kImageLoadPercent) + 1;
  buffer->assign(2 * (uint64_t{image.capacity} + kSlack), 0);
  uint64_t next = 0;
  for (uint32_t at = 0; at < end_; ++at) {
    if (word0(at) == 0) continue;
    const uint64_t to = std::max<uint64_t>(scale(word1(at), image.capacity), next);
    if (2 * to >= buffer->size()) buffer->resize(2 * (to + kSlack), 0);
    (*buffer)[2 * to] = word0(at);
    (*buffer)[2 * to + 1] = word1(at);
    next = to + 1;
  }
  image.bytes = next * sizeof(KeydirCell);
  image.crc = crc32c(0, buffer->data(), image.bytes);
  return image;
}

Status KeydirShard::prepare_adoption(uint64_t bytes, uint64_t capacity) {
  STAVE_CHECK(high_.load(kRelaxed) == 0 && adopted_ == 0);
  // Beyond the homes and beyond the image there must be a free cell (S3).
  const uint64_t cells = std::max(capacity, align_up(bytes, kMemoryUnit) / sizeof(KeydirCell));
  STAVE_RETURN_IF_ERROR(ensure_accessible(cells + kMemoryUnit / sizeof(KeydirCell)));
  // Before the pages come: if mapping them fails half-way, clear() must take them for a file's.
  adopted_ = static_cast<uint32_t>(align_up(bytes, kCheckpointAlign) / sizeof(KeydirCell));
  return {};
}

void KeydirShard::adopt(const Image& image) STAVE_NO_TSA {
  expected_ = image;
  end_ = static_cast<uint32_t>(image.bytes / sizeof(KeydirCell));
  touched_.store(end_, kRelaxed);
  count_.store(image.count, kRelaxed);
  set_shape(image.capacity, image.capacity, 0);
  room_.store(0, kRelaxed);  // whoever wants to put locks, and so verifies
  sequence_.store(kUnverified, std::memory_order_release);
}

void KeydirShard::verify() {
  if (crc32c(0, cells_, expected_.bytes) == expected_.crc && image_in_order()) {
    // What follows the image in its last page is the file's, not ours to trust.
    for (uint32_t i = end_; i < adopted_; ++i) {
      if (word0(i) != 0 || word1(i) != 0) store(i, 0, 0);
    }
    refresh_limits();
    return;
  }
  damaged_->store(true, std::memory_order_release);  // before unlock: whoever misses sees it
  clear();
}

bool KeydirShard::image_in_order() {
  uint32_t used = 0;
  bool after_used = false;
  for (uint32_t i = 0; i < end_; ++i) {
    if (word0(i) == 0) {
      if (word1(i) != 0) return false;
      after_used = false;
      continue;
    }
    const uint32_t h = home(word1(i));
    if (h > i || (h < i && !after_used)) return false;
    if (after_used && word1(i - 1) > word1(i)) return false;
    const Slot slot = unpack_slot(word0(i));
    if (slot.address == 0 || slot.size_class == kTombstoneClass) return false;
    after_used = true;
    ++used;
  }
  return used == expected_.count;
}

Status Keydir::save(uint64_t first_offset, std::vector<CheckpointShard>* shards,
                    const std::function<Status(const CheckpointShard&, Bytes)>& write) {
  shards->assign(kShards, {});
  uint64_t offset = align_up(first_offset, kCheckpointAlign);
  std::vector<uint64_t> buffer;
  for (unsigned i = 0; i < kShards; ++i) {
    if (shards_[i].count() == 0) continue;
    KeydirShard::Image image;
    {
      ShardLock lock(shards_[i]);
      image = shards_[i].write_image(&buffer);
    }
    if (damaged()) return Status(Code::corrupt, "the keydir's checkpoint is damaged");
    CheckpointShard& c = (*shards)[i];
    c = {offset, image.bytes, image.capacity, image.count, image.crc};
    STAVE_RETURN_IF_ERROR(
        write(c, Bytes(reinterpret_cast<const char*>(buffer.data()), image.bytes)));
    offset += align_up(c.length, kCheckpointAlign);
  }
  return {};
}

Status Keydir::adopt(const std::vector<CheckpointShard>& shards,
                     const std::function<Status(void*, uint64_t, uint64_t)>& load_pages) {
  STAVE_CHECK(size() == 0);
  if (shards.size() != kShards) return Status(Code::corrupt, "keydir checkpoint: shard count");
  for (unsigned i = 0; i < kShards; ++i) {
    if (shards[i].count == 0) continue;
    if (Status s = adopt_shard(i, shards[i], load_pages); !s.ok()) {
      clear();
      return s.with_context("keydir checkpoint: shard " + std::to_string(i));
    }
  }
  return {};
}

Status Keydir::adopt_shard(unsigned index, const CheckpointShard& from,
                           const std::function<Status(void*, uint64_t, uint64_t)>& load_pages) {
  const uint64_t cells_max = memory_.size() / kShards / sizeof(KeydirCell);
  if (from.length % sizeof(KeydirCell) != 0 || from.length / sizeof(KeydirCell) < from.count ||
      from.length / sizeof(KeydirCell) > cells_max || from.capacity == 0 ||
      from.capacity > cells_max || from.offset % kCheckpointAlign != 0) {
    return Status(Code::corrupt, "impossible numbers");
  }
  KeydirShard& s = shards_[index];
  s.lock();
  Status st = s.prepare_adoption(from.length, from.capacity);
  if (st.ok()) {
    st = load_pages(s.memory(), from.offset, align_up(from.length, kCheckpointAlign));
  }
  if (!st.ok()) {
    s.unlock();
    return st;
  }
  s.adopt({from.length, static_cast<uint32_t>(from.capacity), static_cast<uint32_t>(from.count),
           from.crc});
  return {};
}

bool Keydir::verify_all() {
  for (unsigned i = 0; i < kShards; ++i) ShardLock verifies(shards_[i]);
  return !damaged();
}

}  // namespace stave
