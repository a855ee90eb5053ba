// What a repaired store must hold, and what its report must say.
#include <algorithm>

#include "unit/engine/repair_world.h"

namespace stave::test {

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

bool RepairWorld::same_file(const std::string& name) const {
  const auto then = before.find(name);
  const auto now = damaged.find(name);
  return then != before.end() && now != damaged.end() && then->second == now->second;
}

// A delete that must be made again wherever its record is lost. Of a key a hint has the newest
// operation in its file.
bool RepairWorld::known_by_hint(const Place& p) const {
  if (p.put || !same_file(hint_of(p.file)) || !same_file("MANIFEST")) return false;
  return p.range || std::none_of(places.begin(), places.end(), [&](const Place& other) {
           return other.file == p.file && !other.range && other.key == p.key && other.seq > p.seq;
         });
}

// What the newest operation on the key made; where that is damaged, or may be, also what it was
// before.
std::set<Outcome> RepairWorld::outcomes(const std::string& key) const {
  std::vector<const Place*> newest_first;
  for (const Place& p : places) {
    if (p.covers(key)) newest_first.push_back(&p);
  }
  std::sort(newest_first.begin(), newest_first.end(),
            [](const Place* a, const Place* b) { return a->seq > b->seq; });
  std::set<Outcome> allowed;
  for (const Place* p : newest_first) {
    const bool there = p->put && (p->expires_at_ms == 0 || p->expires_at_ms > now_ms_);
    allowed.insert(there ? Outcome(p->value) : Outcome());
    if (readable(*p) || known_by_hint(*p)) return allowed;
  }
  allowed.insert(Outcome());
  return allowed;
}

void RepairWorld::check_contents(Store& store) const {
  if (before.empty()) return;
  std::set<std::string> keys;
  for (const Place& p : places) {
    if (!p.range) keys.insert(p.key);
  }
  uint64_t there = 0;
  for (const std::string& key : keys) {
    std::string value;
    const Status s = store.get(key, &value);
    if (!s.ok() && !s.is(Code::not_found)) fail_msg("%s: %s", key.c_str(), s.message().c_str());
    there += s.ok() ? 1 : 0;
    if (outcomes(key).contains(s.ok() ? Outcome(value) : Outcome())) continue;
    if (!s.ok()) fail_msg("%s is lost", key.c_str());
    fail_msg("%s has a value that it should not have: %.20s", key.c_str(), value.c_str());
  }
  uint64_t count = 0;
  assert_true(store.count_range("", "", &count).ok());
  assert_int_equal(count, there);
}

// The report's numbers, as far as the damage says what they must be.
void RepairWorld::check_report() const {
  if (before.empty()) return;
  uint64_t readable_now = 0;
  uint64_t readable_bytes = 0;
  uint64_t all_bytes = 0;
  uint64_t newest = 0;
  uint64_t lost_deletes = 0;
  for (const Place& p : places) {
    all_bytes += p.size;
    if (!readable(p)) {
      lost_deletes += p.put ? 0 : 1;
      continue;
    }
    ++readable_now;
    readable_bytes += p.size;
    newest = std::max(newest, p.seq);
  }
  assert_in_range(report.records, readable_now, places.size());
  assert_in_range(report.bytes, readable_bytes, all_bytes);
  assert_true(report.last_seq >= newest);
  assert_true(report.tombstones_restored <= lost_deletes);
  const auto whole = [&](const auto& file) {
    return !is_data(file.first) || same_file(file.first);
  };
  if (std::all_of(before.begin(), before.end(), whole)) {
    assert_int_equal(report.lost_regions + report.lost_bytes + report.lost_operations, 0);
    assert_int_equal(report.files_rewritten + report.files_missing + report.files_left_out, 0);
    assert_int_equal(report.lost_keys + report.tombstones_restored, 0);
    assert_int_equal(report.records, places.size());
  }
  if (!same_file("MANIFEST")) return;
  const auto missing = [&](const auto& file) {
    return is_data(file.first) && !damaged.contains(file.first);
  };
  assert_int_equal(report.files_missing, std::count_if(before.begin(), before.end(), missing));
}

// Every data file is as it was, or its bytes are in quarantine.
void RepairWorld::check_originals(FaultFs& on) const {
  const Image now = image_of(on, kDir);
  const Image kept = report.quarantine.empty() ? Image() : image_of(on, report.quarantine);
  for (const auto& [name, bytes] : damaged) {
    if (!is_data(name) || bytes.find_first_not_of('\0', 64) == std::string::npos) continue;
    // Zeros at the end are room that was allocated ahead, for all that a repair knows.
    const std::string used = bytes.substr(0, bytes.find_last_not_of('\0') + 1);
    const auto has = [&used, &name = name](const Image& image) {
      return image.contains(name) && image.at(name).starts_with(used);
    };
    if (has(now) || has(kept)) continue;
    fail_msg("%s is neither where it was nor in quarantine", name.c_str());
  }
  if (report.changed) assert_true(kept.contains("report.txt"));
}

void RepairWorld::check_repair(FaultFs& on) {
  if (damaged.empty()) damaged = image_of(on, kDir);
  const bool untouched = image_of(on, kDir) == damaged;  // else a repair was cut short
  const Status s = repair_store(on, system_clock(), kDir, options, &report);
  if (!s.ok()) fail_msg("%s", s.message().c_str());
  check_originals(on);
  if (untouched) check_report();
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
