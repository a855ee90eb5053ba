// Checkpoints of the keydir. A shard's image is a table of one capacity at full load, up to its
// last used cell: saving lays the keys out anew, in one sequential pass, so that the file is as
// small as can be wherever growth stands, and the table itself is not touched. The images stand
// in rows, as the tables do.
#include <algorithm>
#include <string>
#include <vector>

#include "base/check.h"
#include "engine/keydir.h"
#include "engine/keydir_shard.h"
#include "format/crc32c.h"

namespace stave {

// Below where growth begins, so that the first puts after an opening do not all begin one.
constexpr uint32_t kImageLoadPercent = 88;

// Lays a shard's image out, unit by unit. The shard must not change meanwhile.
class KeydirShard::ImageWriter {
 public:
  explicit ImageWriter(const KeydirShard& shard) : shard_(shard) {
    image_.count = shard.count();
    image_.capacity = static_cast<uint32_t>(uint64_t{image_.count} * 100 / kImageLoadPercent) + 1;
    ended_ = image_.count == 0;
  }
  [[nodiscard]] const Image& image() const { return image_; }
  [[nodiscard]] bool ended() const { return ended_; }
  // The next unit, into `to`, which is zeros. With the shard locked.
  void write_unit(uint64_t* to) STAVE_NO_TSA;

 private:
  const KeydirShard& shard_;
  Image image_;
  uint32_t at_ = 0;     // in the table
  uint64_t next_ = 0;   // in the image
  uint64_t first_ = 0;  // of the unit
  bool ended_ = false;
};

void KeydirShard::ImageWriter::write_unit(uint64_t* to) {
  const uint64_t stop = first_ + kUnitCells;
  ended_ = true;
  for (; at_ < shard_.end_; ++at_) {
    const uint64_t w0 = shard_.word0(at_);
    if (w0 == 0) continue;
    const uint64_t w1 = shard_.word1(at_);
    const uint64_t target = std::max<uint64_t>(scale(w1, image_.capacity), next_);
    if (target >= stop) {
      ended_ = false;
      break;
    }
    to[2 * (target - first_)] = w0;
    to[2 * (target - first_) + 1] = w1;
    next_ = target + 1;
  }
  const uint64_t bytes = ((ended_ ? next_ : stop) - first_) * sizeof(KeydirCell);
  image_.crc = crc32c(image_.crc, to, bytes);
  image_.bytes += bytes;
  first_ = stop;
}

void KeydirShard::adopt(const Image& image, uint32_t cells) STAVE_NO_TSA {
  lock();
  expected_ = image;
  end_ = static_cast<uint32_t>(image.bytes / sizeof(KeydirCell));
  touch(cells);
  (void)ensure_accessible(touched_);  // they are
  count_.store(image.count, kRelaxed);
  set_shape(image.capacity, image.capacity, 0);
  room_.store(0, kRelaxed);  // whoever wants to put locks, and so verifies
  sequence_.store(kUnverified, std::memory_order_release);
}

bool KeydirShard::verify() {
  uint32_t crc = 0;
  for (uint64_t at = 0; at < expected_.bytes; at += kUnitBytes) {
    crc = crc32c(crc, cell(static_cast<uint32_t>(at / sizeof(KeydirCell))),
                 std::min(expected_.bytes - at, kUnitBytes));
  }
  if (crc != expected_.crc || !image_in_order()) return false;
  // What follows the image in its rows is the file's, not ours to trust.
  for (uint32_t i = end_; i < touched_; ++i) {
    if (word0(i) != 0 || word1(i) != 0) store(i, 0, 0);
  }
  refresh_limits();
  return true;
}

bool KeydirShard::image_in_order() {
  uint32_t used = 0;
  uint64_t last = 0;
  bool after_used = false;
  for (uint32_t i = 0; i < end_; ++i) {
    const uint64_t w0 = word0(i);
    const uint64_t w1 = word1(i);
    if (w0 == 0) {
      if (w1 != 0) return false;
      after_used = false;
      continue;
    }
    const uint32_t h = home(w1);
    if (h > i || (h < i && !after_used)) return false;
    if (after_used && last > w1) return false;
    const Slot slot = unpack_slot(w0);
    if (slot.address == 0 || slot.size_class == kTombstoneClass) return false;
    if (!health_->cover().holds(slot.address)) return false;
    after_used = true;
    last = w1;
    ++used;
  }
  return used == expected_.count;
}

Status Keydir::save(std::vector<CheckpointShard>* shards,
                    const std::function<Status(uint64_t offset, Bytes)>& write) {
  std::vector<KeydirShard::ImageWriter> images;
  for (unsigned i = 0; i < kShards; ++i) {
    ShardLock lock(shards_[i]);
    images.emplace_back(shards_[i]);
  }
  if (damaged()) return Status(Code::corrupt, "the keydir's checkpoint is damaged");
  std::vector<uint64_t> row;
  for (uint64_t offset = 0;; offset += kRowBytes) {
    row.assign(kRowBytes / sizeof(uint64_t), 0);
    bool any = false;
    for (unsigned i = 0; i < kShards; ++i) {
      if (images[i].ended()) continue;
      any = true;
      ShardLock lock(shards_[i]);
      images[i].write_unit(&row[i * kUnitBytes / sizeof(uint64_t)]);
    }
    if (!any) break;
    STAVE_RETURN_IF_ERROR(
        write(offset, Bytes(reinterpret_cast<const char*>(row.data()), kRowBytes)));
  }
  shards->clear();
  for (const auto& writer : images) {
    const KeydirShard::Image& image = writer.image();
    shards->push_back({image.bytes, image.count == 0 ? 0 : image.capacity, image.count, image.crc});
  }
  return {};
}

Status Keydir::adopt(const std::vector<CheckpointShard>& shards,
                     const std::function<Status(void* to, uint64_t length)>& load,
                     KeydirCover cover) {
  STAVE_CHECK(size() == 0);
  if (shards.size() != kShards) return Status(Code::corrupt, "keydir checkpoint: shard count");
  uint64_t homes = 0;
  for (unsigned i = 0; i < kShards; ++i) {
    const CheckpointShard& s = shards[i];
    const bool possible =
        s.length % sizeof(KeydirCell) == 0 && s.length / sizeof(KeydirCell) >= s.count &&
        s.length / sizeof(KeydirCell) < rows_.reserved() && s.capacity < rows_.reserved() &&
        (s.count == 0) == (s.length == 0) && (s.count == 0) == (s.capacity == 0);
    if (!possible) {
      return Status(Code::corrupt,
                    "keydir checkpoint: shard " + std::to_string(i) + ": impossible numbers");
    }
    homes = std::max(homes, s.capacity);
  }
  const uint64_t rows = checkpoint_rows(shards);
  if (rows == 0) return {};
  health_.set_cover(std::move(cover));
  Status s = rows_.begin_adoption(rows, std::max(homes, rows * kUnitCells) + kSlack);
  if (s.ok()) s = load(rows_.data(), rows * kRowBytes);
  if (!s.ok()) {
    clear();
    return s.with_context("keydir checkpoint");
  }
  for (unsigned i = 0; i < kShards; ++i) {
    const CheckpointShard& c = shards[i];
    shards_[i].adopt(
        {c.length, static_cast<uint32_t>(c.capacity), static_cast<uint32_t>(c.count), c.crc},
        static_cast<uint32_t>(rows * kUnitCells));
  }
  return {};
}

void Keydir::verify(unsigned shard) { const ShardLock verifies(shards_[shard]); }

bool Keydir::verify_all() {
  for (unsigned i = 0; i < kShards; ++i) verify(i);
  return !damaged();
}

}  // namespace stave
