#include "unit/engine/merge_world.h"

#include <algorithm>
#include <set>

#include "engine/scan.h"

namespace stave::test {

MergeWorld::MergeWorld(Options o) {
  // The clock stands still, so a rate cap would never end.
  if (o.merge_rate == Options().merge_rate) o.merge_rate = 0;
  env = std::make_shared<Env>(fs, clock, "/s", std::move(o));
  assert_true(fs.make_dir("/s").ok());
  assert_true(fs.sync_dir("/").ok());
  space = AddressSpace::create().take();
  keydir = Keydir::create(1 << 20).take();
  Manifest m;
  m.uuid.fill(7);
  m.lineage = 1;
  catalog = std::make_unique<Catalog>(env, m, SegmentList{});
  assert_true(catalog->begin_session(0).ok());
  begin_file();
  const auto make_log_durable = [this] {
    if (before_durable) before_durable();
    return sync();
  };
  const auto oldest_unsealed_id = [this] {
    const std::lock_guard lock(writing_);
    for (const auto& s : files()) {
      if (!s->sealed()) return s->id();
    }
    return uint64_t{0};
  };
  parts = std::make_unique<MergeParts>(MergeParts{env, *catalog, *space, *keydir, hasher, reads,
                                                  make_log_durable, oldest_unsealed_id});
  merger = std::make_unique<Merger>(*parts);
}

void MergeWorld::begin_file() {
  auto id = catalog->new_file_id();
  assert_true(id.ok());
  auto log = std::make_unique<LogMaker>(*id, next_seq_);
  const Extent extent = space->allocate(1 << 20).take();
  auto segment = std::make_shared<Segment>(env, log->header(), extent);
  auto file = fs.create(segment->path(), 0644);
  assert_true(file.ok());
  assert_true((*file)->write(0, log->bytes()).ok());
  assert_true((*file)->sync().ok());
  assert_true(fs.sync_dir("/s").ok());
  assert_true(segment->attach(file.take(), 0, Access::write).ok());
  segment->publish_tail(log->size());
  assert_true(catalog->add(segment, next_seq_ - 1).ok());
  space->bind(extent, segment.get());
  // Only now, not across the catalog's calls: the clock may interrupt those with operations.
  const std::lock_guard lock(writing_);
  active_ = std::move(segment);
  log_ = std::move(log);
}

bool MergeWorld::append(const std::function<void(LogMaker&)>& add) {
  const std::lock_guard lock(writing_);
  const uint64_t old_size = log_->size();
  const size_t old_count = log_->operations().size();
  add(*log_);
  const Bytes fresh = Bytes(log_->bytes()).substr(old_size);
  if (!active_->file().write(old_size, fresh).ok()) return false;
  active_->publish_tail(log_->size());
  next_seq_ = log_->next_seq();
  for (size_t i = old_count; i < log_->operations().size(); ++i) {
    const Operation& op = log_->operations()[i];
    const bool is_put = op.kind == Kind::put;
    active_->counts.add_operation(op.size, op.seq);
    if (!is_put) ++active_->counts.tombstones;
    const Digest d = hasher(op.key);
    const unsigned cls = size_class(op.size);
    Slot old;
    bool had = false;
    if (is_put) {
      active_->counts.add_live(op.size, cls);
      assert_true(keydir->make_room(d).ok());
      had = keydir->put(d, {active_->address_of(op.offset), cls}, &old);
    } else {
      had = keydir->erase(d, &old);
    }
    if (had) space->segment_at(old.address)->counts.remove_live(old.size_class);
    history.push_back({op.key, is_put ? std::optional(op.value) : std::nullopt, op.expires_at_ms});
  }
  return true;
}

bool MergeWorld::put(const std::string& key, const std::string& value, uint64_t expires_at_ms) {
  return append([&](LogMaker& log) { log.put(key, value, expires_at_ms); });
}

bool MergeWorld::erase(const std::string& key) {
  return append([&](LogMaker& log) { log.erase(key); });
}

bool MergeWorld::batch(const std::vector<std::pair<std::string, std::string>>& puts) {
  return append([&](LogMaker& log) { log.batch(puts); });
}

Status MergeWorld::sync() {
  const std::lock_guard lock(writing_);
  STAVE_RETURN_IF_ERROR(active_->file().sync());
  synced = history.size();
  return {};
}

std::shared_ptr<Segment> MergeWorld::rotate() {
  assert_true(sync().ok());
  const auto sealed = active_;
  begin_file();
  if (hints) assert_true(rebuild_hint(*env, *sealed).ok());
  sealed->set_sealed();
  assert_true(catalog->seal(*sealed).ok());
  return sealed;
}

std::unique_ptr<MergeJob> MergeWorld::job(SegmentList inputs) {
  const auto began = catalog->version();
  if (inputs.empty()) {
    for (const auto& s : began->segments) {
      if (s->sealed()) inputs.push_back(s);
    }
  }
  return std::make_unique<MergeJob>(*parts, control, unlimited, progress, began, std::move(inputs),
                                    active_->id());
}

std::shared_ptr<Segment> MergeWorld::file(uint64_t id) {
  for (const auto& s : files()) {
    if (s->id() == id) return s;
  }
  return nullptr;
}

State MergeWorld::expected(size_t n) const {
  std::map<std::string, Past> newest;
  for (size_t i = 0; i < n; ++i) newest[history[i].key] = history[i];
  State state;
  for (const auto& [key, past] : newest) {
    const bool expired = past.expires_at_ms != 0 && past.expires_at_ms <= clock.ms;
    if (past.value && !expired) state[key] = *past.value;
  }
  return state;
}

std::optional<std::string> MergeWorld::get(const std::string& key) {
  Slot slot;
  if (!keydir->find(hasher(key), &slot)) return {};
  const Segment* segment = space->segment_at(slot.address);
  assert_non_null(segment);
  const uint64_t offset = segment->offset_of(slot.address);
  assert_true(offset < segment->tail());
  std::string bytes(std::min(segment->tail() - offset, size_class_max(slot.size_class)), '\0');
  assert_true(segment->read_exact(offset, bytes.data(), bytes.size()).ok());
  Record r;
  uint64_t size = 0;
  assert_true(parse_record(bytes.data(), bytes.size(), segment->salt(), &r, &size) == Parse::ok);
  assert_true(r.kind == Kind::put && r.key == key);
  assert_int_equal(size_class(size), slot.size_class);
  if (r.expires_at_ms != 0 && r.expires_at_ms <= clock.ms) return {};
  return std::string(r.value);
}

State MergeWorld::read_all() {
  std::set<std::string> keys;
  for (const Past& past : history) keys.insert(past.key);
  State state;
  for (const std::string& key : keys) {
    if (auto value = get(key)) state[key] = *value;
  }
  return state;
}

State MergeWorld::load(Fs& disk) const {
  Env other(disk, clock, "/s", env->options);
  auto manifest = load_manifest(other);
  assert_true(manifest.ok());
  std::map<std::string, std::pair<std::string, uint64_t>> found;
  for (const ManifestFile& f : manifest->files) {
    const std::string path = other.path(data_file_name(f.id));
    auto file = disk.open(path, Access::read);
    assert_true(file.ok());  // listed and missing would be corruption
    char head[kFileHeaderSize];
    size_t got = 0;
    assert_true((*file)->read(0, head, sizeof head, &got).ok());
    FileHeader header;
    assert_true(decode_file_header(Bytes(head, got), path, &header).ok());
    assert_true(header.file_id == f.id && header.origin == f.origin);
    const uint64_t length = f.sealed ? f.length : (*file)->size().take();
    Scanner scanner(**file, header.salt, kFileHeaderSize, length);
    Scanned s;
    Scanner::State state;
    while ((state = scanner.next(&s)) == Scanner::State::record) {
      if (s.record.kind == Kind::put) {
        found[std::string(s.record.key)] = {std::string(s.record.value), s.record.expires_at_ms};
      } else if (s.record.kind == Kind::tombstone) {
        found.erase(std::string(s.record.key));
      }
    }
    if (f.sealed) assert_int_equal(scanner.position(), f.length);
  }
  State result;
  for (const auto& [key, value] : found) {
    if (value.second == 0 || value.second > clock.ms) result[key] = value.first;
  }
  return result;
}

std::vector<std::string> MergeWorld::leftovers() {
  std::set<std::string> listed;
  for (const auto& s : files()) {
    listed.insert(data_file_name(s->id()));
    listed.insert(hint_file_name(s->id()));
  }
  std::vector<std::string> left;
  for (const std::string& name : fs.list("/s").take()) {
    if (name.starts_with("0") && listed.count(name) == 0) left.push_back(name);
  }
  return left;
}

void MergeWorld::check() {
  assert_true(read_all() == expected());
  const auto survivor = fs.after_kill9();
  assert_true(load(*survivor) == expected());
}

void MergeWorld::check_counts() {
  std::map<const Segment*, uint64_t> slots;
  keydir->for_each([&](const Slot& slot) {
    ++slots[space->segment_at(slot.address)];
    return true;
  });
  uint64_t listed = 0;
  for (const auto& s : files()) {
    assert_int_equal(live(*s), slots[s.get()]);
    listed += slots[s.get()];
  }
  assert_int_equal(listed, keydir->size());  // none points to a file that left
  LogEvent event;
  uint64_t dropped = 0;
  while (env->log.next(&event, &dropped)) {
    assert_null(strstr(event.message.c_str(), "count as live after their merge"));
  }
}

}  // namespace stave::test
