#include "unit/engine/repair_world.h"

#include <algorithm>
#include <cstring>

namespace stave::test {
namespace {

constexpr const char* kDir = "/s";

std::string path(const std::string& name) { return std::string(kDir) + "/" + name; }

bool is_data(const std::string& name) { return name.ends_with(".log"); }

std::string hint_of(const std::string& data) { return data.substr(0, 10) + ".hint"; }

template <typename T>
T number(const std::string& bytes, uint64_t at) {
  T n;
  std::memcpy(&n, bytes.data() + at, sizeof n);
  return n;
}

// The operations of a whole file, batches opened.
void walk(const std::string& name, const std::string& bytes, std::vector<Place>* out) {
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
    if (kind == 1 || kind == 2) {
      const bool inner = at < frame_end;
      out->push_back({name, at, size, inner ? frame : at, inner ? frame_size : size,
                      number<uint64_t>(bytes, at + 12), kind == 1, bytes.substr(start, key),
                      bytes.substr(start + key, value)});
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

RepairWorld::RepairWorld(uint64_t seed) : random_(seed) {
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

void RepairWorld::fill(unsigned operations) {
  auto store = open(fs);
  for (unsigned i = 0; i < operations; ++i) {
    const auto key = [&] { return "key" + std::to_string(random_() % 40); };
    const auto value = [&] {
      return "value " + std::to_string(i) + std::string(random_() % 90, 'x');
    };
    const unsigned what = random_() % 40;
    if (what < 26) {
      assert_true(store->put(key(), value()).ok());
    } else if (what < 32) {
      const Status s = store->remove(key());
      assert_true(s.ok() || s.is(Code::not_found));
    } else if (what < 37) {
      const std::string keys[] = {key(), key(), key()};
      const std::string values[] = {value(), value() + "b", value() + "c"};
      assert_true(store
                      ->write({{Kind::put, keys[0], values[0]},
                               {Kind::tombstone, keys[1], {}},
                               {Kind::put, keys[2], values[2]}})
                      .ok());
    } else if (what == 37 && i % 3 == 0) {
      assert_true(store->merge(false).ok());
    } else if (what == 38) {
      assert_true(store->close().ok());
      store = open(fs);
    }
  }
  assert_true(store->close().ok());
  note();
}

void RepairWorld::note() {
  before = image_of(fs, kDir);
  places.clear();
  ever_.clear();
  for (const auto& [name, bytes] : before) {
    if (is_data(name)) walk(name, bytes, &places);
  }
  for (const Place& p : places) {
    if (p.put) ever_[p.key].insert(p.value);
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

bool RepairWorld::same_bytes(const std::string& file, uint64_t offset, uint64_t size) const {
  const auto then = before.find(file);
  const auto now = damaged.find(file);
  if (then == before.end() || now == damaged.end()) return false;
  if (offset + size > now->second.size()) return false;
  return then->second.compare(offset, size, now->second, offset, size) == 0;
}

// Else no record of the file can be checked by anyone.
bool RepairWorld::salt_known(const std::string& file) const {
  if (same_bytes(file, 48, 4)) return true;
  const std::string hint = hint_of(file);
  const auto whole = before.find(hint);
  if (whole != before.end() && same_bytes(hint, 0, whole->second.size())) return true;
  for (size_t i = 0; i + 1 < places.size(); ++i) {
    const Place& a = places[i];
    const Place& b = places[i + 1];
    if (a.file == file && b.file == file && a.offset + a.size == b.offset &&
        same_bytes(file, a.offset, a.size + b.size)) {
      return true;
    }
  }
  return false;
}

// Whether a repair must find the record. A record of a torn batch need not be found where nothing
// may say any more that the batch had been whole.
bool RepairWorld::readable(const Place& p) const {
  if (!same_bytes(p.file, p.offset, p.size) || !salt_known(p.file)) return false;
  if (same_bytes(p.file, p.frame, p.frame_size)) return true;
  return same_bytes("MANIFEST", 0, before.at("MANIFEST").size());
}

void RepairWorld::check_contents(Store& store) const {
  std::map<std::string, const Place*> newest;
  for (const Place& p : places) {
    const Place*& n = newest[p.key];
    if (n == nullptr || p.seq > n->seq) n = &p;
  }
  for (const auto& [key, place] : newest) {
    std::string value;
    const Status s = store.get(key, &value);
    if (!s.ok() && !s.is(Code::not_found)) fail_msg("%s: %s", key.c_str(), s.message().c_str());
    if (s.ok() && !ever_.contains(key)) fail_msg("%s is there, and never was", key.c_str());
    if (s.ok() && !ever_.at(key).contains(value)) fail_msg("%s never was that", key.c_str());
    if (!readable(*place)) continue;
    if (s.ok() != place->put || (s.ok() && value != place->value)) {
      fail_msg("%s: operation %llu in %s at %llu is lost", key.c_str(),
               static_cast<unsigned long long>(place->seq), place->file.c_str(),
               static_cast<unsigned long long>(place->offset));
    }
  }
}

// Every data file is as it was, or its bytes are in quarantine.
void RepairWorld::check_originals(FaultFs& on) const {
  const Image now = image_of(on, kDir);
  const Image kept = report.quarantine.empty() ? Image() : image_of(on, report.quarantine);
  for (const auto& [name, bytes] : damaged) {
    if (!is_data(name) || bytes.find_first_not_of('\0', 64) == std::string::npos) continue;
    const bool same = now.contains(name) && now.at(name) == bytes;
    if (same || (kept.contains(name) && kept.at(name) == bytes)) continue;
    fail_msg("%s is neither where it was nor in quarantine", name.c_str());
  }
  if (report.changed) assert_true(kept.contains("report.txt"));
}

void RepairWorld::check_repair(FaultFs& on) {
  if (damaged.empty()) damaged = image_of(on, kDir);
  const Status s = repair_store(on, system_clock(), kDir, options, &report);
  if (!s.ok()) fail_msg("%s", s.message().c_str());
  check_originals(on);
  for (int i = 0; i < 2; ++i) {
    auto store = open(on);
    StoreStatistics statistics;
    assert_true(store->statistics(&statistics).ok());
    assert_true(statistics.opened_clean);
    check_contents(*store);
    VerifyReport verified;
    const Status v = store->verify(&verified);
    if (!v.ok()) fail_msg("%s", v.message().c_str());
    assert_int_equal(verified.bad_hints, 0);
    if (i == 1) assert_true(store->put("after", "wards").ok());
    assert_true(store->close().ok());
  }
  RepairReport again;
  assert_true(repair_store(on, system_clock(), kDir, options, &again).ok());
  assert_false(again.changed);
}

}  // namespace stave::test
