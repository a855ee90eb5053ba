#include "engine/checkpoint_refill.h"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/hint_file.h"
#include "engine/range_cover.h"
#include "engine/scan.h"

namespace stave {

// One filling: the range tombstones of all files first, whole ones, then every file's operations,
// oldest file first.
class CheckpointRefill::Work {
 public:
  Work(const Hasher& hasher, KeydirPatch& patch) : hasher_(hasher), patch_(patch) {}

  Status run(const std::vector<Source>& sources) {
    std::vector<HintRangeTombstone> ranges;
    for (const Source& s : sources) STAVE_RETURN_IF_ERROR(find_ranges(s, &ranges));
    ranges_ = RangeCover(ranges);
    for (const Source& s : sources) {
      if (s.covered > kFileHeaderSize) STAVE_RETURN_IF_ERROR(take(s));
    }
    return {};
  }

 private:
  Status find_ranges(const Source& s, std::vector<HintRangeTombstone>* ranges) {
    if (s.hint) {
      ranges->insert(ranges->end(), s.hint->ranges().begin(), s.hint->ranges().end());
      return {};
    }
    return scan(s, s.segment->tail(), [&](const Scanned& at) -> Status {
      if (at.record.kind == Kind::range_tombstone) {
        ranges->push_back(
            {std::string(at.record.key), std::string(at.record.value), at.record.seq, at.offset});
      }
      return {};
    });
  }

  // A hint that turns out to be damaged half-way was right so far: the scan goes over it again.
  Status take(const Source& s) {
    if (s.hint) {
      const auto cursor = s.hint->cursor();
      std::string last;  // no key is empty
      while (cursor->next()) {
        const HintEntry& e = cursor->entry();
        // Of several operations on a key the newest comes first.
        if (e.key == last) continue;
        last = e.key;
        const uint64_t size = record_size(e.key.size(), e.value_length, e.expires_at_ms != 0);
        STAVE_RETURN_IF_ERROR(apply(*s.segment, e.key, e.kind, e.seq, e.offset, size));
      }
      if (cursor->status().ok()) return {};
    }
    return scan(s, s.covered, [&](const Scanned& at) -> Status {
      const Record& r = at.record;
      if (r.kind != Kind::put && r.kind != Kind::tombstone) return {};
      return apply(*s.segment, r.key, r.kind, r.seq, at.offset, at.size);
    });
  }

  Status apply(const Segment& segment, Bytes key, Kind kind, uint64_t seq, uint64_t offset,
               uint64_t size) {
    const Digest d = hasher_(key);
    if (!patch_.wants(d)) return {};
    if (!ranges_.empty() && seq < ranges_.seq_over(key)) return {};
    if (kind == Kind::put) return patch_.put(d, {segment.address_of(offset), size_class(size)});
    patch_.erase(d);
    return {};
  }

  template <class Visit>
  Status scan(const Source& s, uint64_t to, const Visit& visit) {
    Scanner scanner(s.segment->file(), s.segment->salt(), kFileHeaderSize, to);
    Scanned at;
    Scanner::State state;
    uint64_t end = kFileHeaderSize;
    while ((state = scanner.next(&at)) == Scanner::State::record) {
      end = at.frame_end;
      STAVE_RETURN_IF_ERROR(visit(at));
    }
    if (state == Scanner::State::error) return scanner.status();
    return end == to ? Status() : corrupt_at(*s.segment, end, "no valid record");
  }

  const Hasher& hasher_;
  KeydirPatch& patch_;
  RangeCover ranges_;
};

CheckpointRefill::CheckpointRefill(std::shared_ptr<Env> env, const Checkpoint& checkpoint,
                                   const Hasher& hasher, OpenFor purpose)
    : env_(std::move(env)), hasher_(hasher), purpose_(purpose) {
  for (const CheckpointFile& f : checkpoint.files) covered_[f.id] = f.covered;
}

Status CheckpointRefill::operator()(const SegmentList& now, KeydirPatch& patch) const {
  env_->log.write(LogLevel::warn,
                  "a table of " + env_->path("KEYDIR") + " is damaged: filling it from the files");
  std::vector<Source> sources;
  for (const auto& segment : now) {
    const auto covered = covered_.find(segment->id());
    // Of a file that is not the checkpoint's, the ranges that it deletes: those that a merge has
    // moved there had no need to touch the shards of all keys in them.
    Source source{segment, covered == covered_.end() ? 0 : covered->second, nullptr};
    if (segment->tail() <= kFileHeaderSize) continue;
    const bool whole = source.covered == 0 || source.covered >= segment->tail();
    if (segment->sealed() && whole) {
      auto hint = HintFile::open(*env_, segment);
      if (hint.ok()) source.hint = hint.take();
    }
    sources.push_back(std::move(source));
  }
  const Status s = Work(hasher_, patch).run(sources);
  if (s.ok()) return s;
  env_->log.write(LogLevel::error, "a damaged table of " + env_->path("KEYDIR") +
                                       " could not be filled again: " + s.message());
  // So that the next open loads the files themselves, and says which of them is damaged.
  if (purpose_ == OpenFor::writing) (void)env_->fs.unlink(env_->path("KEYDIR"));
  return s;
}

}  // namespace stave
