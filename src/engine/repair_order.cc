#include "engine/repair_order.h"

#include <algorithm>
#include <list>

#include "engine/forgiving_file.h"
#include "engine/hint_file.h"
#include "engine/merging_cursor.h"

namespace stave {
namespace {

// Data files held open while records are copied in key order.
constexpr size_t kOpenFiles = 64;

struct Hints {
  std::vector<std::unique_ptr<Cursor>> cursors;
  std::vector<HintRangeTombstone> ranges;
};

Status open_hints(Env& env, const OrderedFiles& files, Hints* out) {
  for (size_t i = 0; i < files.size(); ++i) {
    files[i]->load_rank = static_cast<uint32_t>(i);
    if (files[i]->tail() <= kFileHeaderSize) continue;
    auto hint = HintFile::open(env, files[i]);
    if (!hint.ok()) return hint.status();
    const auto& ranges = (*hint)->ranges();
    out->ranges.insert(out->ranges.end(), ranges.begin(), ranges.end());
    out->cursors.push_back((*hint)->cursor());
  }
  return {};
}

// Records at places that hints name, in any file.
class Fetcher {
 public:
  explicit Fetcher(std::shared_ptr<Env> env) : env_(std::move(env)) {}

  Status fetch(const Segment& from, const HintEntry& e, Record* out) {
    std::shared_ptr<Segment> segment;
    STAVE_RETURN_IF_ERROR(open(from, &segment));
    const uint64_t size = record_size(e.key.size(), e.value_length, e.expires_at_ms != 0);
    bytes_.resize(size);
    STAVE_RETURN_IF_ERROR(segment->read_exact(e.offset, bytes_.data(), size));
    uint64_t parsed = 0;
    if (parse_record(bytes_.data(), size, segment->salt(), out, &parsed) == Parse::ok) return {};
    return corrupt_at(*segment, e.offset, "no valid record");
  }

 private:
  Status open(const Segment& from, std::shared_ptr<Segment>* out) {
    const auto there = std::find_if(open_.begin(), open_.end(),
                                    [&](const auto& s) { return s->id() == from.id(); });
    if (there != open_.end()) {
      open_.splice(open_.begin(), open_, there);
    } else {
      auto file = env_->fs.open(from.path(), Access::read);
      if (!file.ok()) return file.status();
      auto segment = hint_only(env_, from.header(), from.tail());
      STAVE_RETURN_IF_ERROR(
          segment->attach(std::make_unique<ForgivingFile>(file.take()), 0, Access::read));
      open_.push_front(std::move(segment));
      if (open_.size() > kOpenFiles) open_.pop_back();
    }
    *out = open_.front();
    return {};
  }

  const std::shared_ptr<Env> env_;
  std::list<std::shared_ptr<Segment>> open_;  // last used first
  std::string bytes_;
};

}  // namespace

Status check_order(Env& env, const OrderedFiles& files, std::string* broken_by) {
  broken_by->clear();
  Hints hints;
  STAVE_RETURN_IF_ERROR(open_hints(env, files, &hints));
  MergingCursor all(std::move(hints.cursors));
  std::string key;
  uint64_t newest = 0;
  uint32_t rank = 0;  // of the last file with the newest
  bool first = true;
  while (all.next()) {
    const HintEntry& e = all.entry();
    const uint32_t r = all.segment().load_rank;
    if (first || e.key != key) {
      key.assign(e.key);
      newest = e.seq;
      rank = r;
      first = false;
    } else if (e.seq == newest) {
      rank = std::max(rank, r);
    } else if (r > rank) {
      *broken_by = files[r]->path() + " stands behind " + files[rank]->path() +
                   " and has an older operation on a key (" + std::to_string(e.seq) +
                   " instead of " + std::to_string(newest) + ")";
      return {};
    }
  }
  return all.status();
}

namespace {

Status write_ranges(const std::shared_ptr<Env>& env, std::vector<HintRangeTombstone> ranges,
                    const std::function<FileHeader(Origin)>& new_header,
                    const std::function<void(const FileHeader&, const ManifestFile&)>& made) {
  std::sort(ranges.begin(), ranges.end(),
            [](const HintRangeTombstone& a, const HintRangeTombstone& b) { return a.seq < b.seq; });
  const FileHeader header = new_header(Origin::log);
  RepairOutput output(env, header);
  STAVE_RETURN_IF_ERROR(output.create());
  for (const HintRangeTombstone& r : ranges) {
    if (r.seq == output.last_seq()) continue;  // the same, out of another file
    STAVE_RETURN_IF_ERROR(output.add(Record{Kind::range_tombstone, 0, r.seq, 0, r.from, r.to}));
  }
  ManifestFile entry;
  STAVE_RETURN_IF_ERROR(output.finish(&entry));
  made(header, entry);
  return {};
}

}  // namespace

Status merge_by_key(const std::shared_ptr<Env>& env, const OrderedFiles& files,
                    const std::function<FileHeader(Origin)>& new_header,
                    const std::function<void(const FileHeader&, const ManifestFile&)>& made) {
  Hints hints;
  STAVE_RETURN_IF_ERROR(open_hints(*env, files, &hints));
  if (!hints.ranges.empty()) {
    STAVE_RETURN_IF_ERROR(write_ranges(env, std::move(hints.ranges), new_header, made));
  }
  MergingCursor all(std::move(hints.cursors));
  Fetcher fetcher(env);
  std::unique_ptr<RepairOutput> output;
  FileHeader header;
  const auto finish = [&]() -> Status {
    ManifestFile entry;
    STAVE_RETURN_IF_ERROR(output->finish(&entry));
    made(header, entry);
    output.reset();
    return {};
  };
  std::string key;
  bool first = true;
  while (all.next()) {
    const HintEntry& e = all.entry();
    if (!first && e.key == key) continue;  // older
    first = false;
    key.assign(e.key);
    Record record{Kind::tombstone, 0, e.seq, 0, key, {}};
    if (e.kind == Kind::put) {
      STAVE_RETURN_IF_ERROR(fetcher.fetch(all.segment(), e, &record));
    }
    const uint64_t size = record_size(record);
    if (output && (output->length() + size > env->options.max_file_size ||
                   output->records() >= env->options.max_file_entries)) {
      STAVE_RETURN_IF_ERROR(finish());
    }
    if (!output) {
      header = new_header(Origin::merge);
      output = std::make_unique<RepairOutput>(env, header);
      STAVE_RETURN_IF_ERROR(output->create());
    }
    STAVE_RETURN_IF_ERROR(output->add(record));
  }
  STAVE_RETURN_IF_ERROR(all.status());
  return output ? finish() : Status();
}

}  // namespace stave
