#include "unit/engine/repair_world.h"

#include <algorithm>
#include <cstring>

namespace stave::test {
namespace {

constexpr uint64_t kHour = 3600 * 1000;

std::string path(const std::string& name) { return std::string(kDir) + "/" + name; }

template <typename T>
T number(const std::string& bytes, uint64_t at) {
  T n;
  std::memcpy(&n, bytes.data() + at, sizeof n);
  return n;
}

// The operations of a whole file, batches opened.
void walk(const std::string& name, const std::string& bytes, std::vector<Place>* out) {
  const bool merged = number<uint32_t>(bytes, 12) == 2;
  uint64_t frame_end = 0;
  uint64_t frame = 0;
  uint64_t frame_size = 0;
  for (uint64_t at = 64; at + 20 <= bytes.size();) {
    const auto kind = static_cast<uint8_t>(bytes[at + 4]);
    if (kind == 0) break;
    const auto flags = static_cast<uint8_t>(bytes[at + 5]);
    const uint64_t key = number<uint16_t>(bytes, at + 6);
    const uint64_t value = number<uint32_t>(bytes, at + 8);
    const uint64_t start = at + 20 + ((flags & 1) != 0 ? 8 : 0);
    const uint64_t size = (start - at + key + value + 7) / 8 * 8;
    if (kind == 4) {
      frame = at;
      frame_size = size;
      frame_end = at + size;
      at += 24;
      continue;
    }
    if (kind >= 1 && kind <= 3) {
      const bool inner = at < frame_end;
      out->push_back({name, at, size, inner ? frame : at, inner ? frame_size : size,
                      number<uint64_t>(bytes, at + 12), kind == 1, bytes.substr(start, key),
                      bytes.substr(start + key, value), kind == 3, merged,
                      start > at + 20 ? number<uint64_t>(bytes, at + 20) : 0});
    }
    at += size;
  }
}

}  // namespace

Image image_of(Fs& fs, const std::string& dir) {
  Image image;
  auto names = fs.list(dir);
  if (!names.ok()) return image;
  for (const std::string& name : *names) {
    auto bytes = read_file(fs, dir + "/" + name, 1ULL << 30);
    if (bytes.ok()) image[name] = bytes.take();
  }
  return image;
}

RepairWorld::RepairWorld(uint64_t seed) : random_(seed), now_ms_(system_clock().now_ms()) {
  options.background = false;
  options.load_threads = 1;
  options.io = Io::positional;
  options.max_file_size = 4096;
  options.preallocate = 64 << 10;
  options.checkpoint_min_ops = 1;
}

std::unique_ptr<Store> RepairWorld::open(FaultFs& on) const {
  auto store = Store::open(on, system_clock(), kDir, options);
  if (!store.ok()) fail_msg("%s", store.status().message().c_str());
  return store.take();
}

// The file of these keys never has a dead record, so no merge takes it.
constexpr const char* kBase = "0000000001";

void RepairWorld::put_something(Store& store, unsigned i) {
  const std::string key = random_key();
  const std::string value = "value " + std::to_string(i) + std::string(random_() % 90, 'x');
  const unsigned what = random_() % 12;
  const uint64_t when = what == 0 ? now_ms_ - kHour : what == 1 ? now_ms_ + kHour : 0;
  assert_true(store.put_until(key, value, when, SyncWish::store_default).ok());
}

void RepairWorld::delete_something(Store& store) {
  const unsigned what = random_() % 16;
  if (what == 0) return assert_true(store.delete_range("key", "", SyncWish::store_default).ok());
  if (what < 6) {
    const std::string from = random_key();
    return assert_true(store.delete_range(from, from + "5", SyncWish::store_default).ok());
  }
  const Status s = store.remove(random_key());
  assert_true(s.ok() || s.is(Code::not_found));
}

// Where a merge cannot look into a file that stays, it keeps all tombstones.
void RepairWorld::merge(Store& store) {
  if (random_() % 2 == 0) fs.inject({.op = Op::open, .for_ever = true, .path_part = kBase});
  assert_true(store.merge(false).ok());
  fs.clear_faults();
}

void RepairWorld::fill(unsigned operations) {
  auto store = open(fs);
  for (unsigned i = 0; i < 30; ++i) {
    assert_true(store->put("base" + std::to_string(i), std::string(200, 'b')).ok());
  }
  for (unsigned i = 0; i < operations; ++i) {
    const unsigned what = random_() % 40;
    if (what < 26) {
      put_something(*store, i);
    } else if (what < 32) {
      delete_something(*store);
    } else if (what < 37) {
      const std::string keys[] = {random_key(), random_key(), random_key()};
      const std::string value = "value " + std::to_string(i) + std::string(random_() % 90, 'x');
      const std::string other = value + "c";
      assert_true(store
                      ->write({{Kind::put, keys[0], value},
                               {Kind::tombstone, keys[1], {}},
                               {Kind::put, keys[2], other}})
                      .ok());
    } else if (what == 37 && i % 3 == 0) {
      merge(*store);
    } else if (what == 38) {
      assert_true(store->close().ok());
      store = open(fs);
    }
  }
  assert_true(store->close().ok());
  note();
  // What was cut off files may come back in a power cut, else.
  for (const auto& [name, bytes] : before) {
    assert_true((*fs.open(path(name), Access::write))->sync().ok());
  }
}

void RepairWorld::note() {
  before = image_of(fs, kDir);
  places.clear();
  for (const auto& [name, bytes] : before) {
    if (is_data(name)) walk(name, bytes, &places);
  }
}

std::string RepairWorld::data_file(size_t index) const {
  std::vector<std::string> names;
  for (const auto& [name, bytes] : before) {
    if (is_data(name)) names.push_back(name);
  }
  assert_false(names.empty());
  return names[index % names.size()];
}

void RepairWorld::write(const std::string& name, uint64_t offset, const std::string& bytes) {
  auto file = fs.open(path(name), Access::write);
  if (!file.ok()) return;  // removed by an earlier damage
  assert_true((*file)->write(offset, bytes).ok());
  assert_true((*file)->sync().ok());
}

void RepairWorld::truncate(const std::string& name, uint64_t length) {
  auto file = fs.open(path(name), Access::write);
  if (!file.ok()) return;
  assert_true((*file)->truncate(length).ok());
  assert_true((*file)->sync().ok());
}

void RepairWorld::damage_manifest() {
  const std::string& text = before["MANIFEST"];
  switch (random_() % 3) {
    case 0:
      (void)fs.unlink(path("MANIFEST"));
      break;
    case 1:
      write("MANIFEST", random_() % text.size(), "?");
      break;
    default:
      truncate("MANIFEST", random_() % text.size());
  }
  assert_true(fs.sync_dir(kDir).ok());
}

void RepairWorld::damage_once() {
  const std::string name = data_file(random_());
  const uint64_t size = before[name].size();
  const uint64_t at = random_() % size;
  switch (random_() % 9) {
    case 0:
    case 1:
    case 2:
      (void)fs.flip_bit(path(name), at, random_() % 8);
      break;
    case 3:
      write(name, at / 512 * 512,
            std::string(std::min<uint64_t>(512, size - at / 512 * 512), '\0'));
      break;
    case 4:
      write(name, at, std::string(std::min<uint64_t>(random_() % 200 + 1, size - at), '\xa5'));
      break;
    case 5:
      truncate(name, at);
      break;
    case 6:
      (void)fs.unlink(path(random_() % 3 == 0 ? name : hint_of(name)));
      break;
    case 7:
      (void)fs.flip_bit(path(name), random_() % 64, random_() % 8);
      break;
    default:
      (void)fs.flip_bit(path(hint_of(name)), random_() % 200, random_() % 8);
  }
  assert_true(fs.sync_dir(kDir).ok());
}

void RepairWorld::damage(unsigned times) {
  for (unsigned i = 0; i < times; ++i) damage_once();
}

}  // namespace stave::test
