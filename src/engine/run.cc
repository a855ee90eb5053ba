#include "engine/run.h"

#include <algorithm>
#include <utility>

#include "engine/scan.h"
#include "engine/tail_index.h"

namespace stave {
namespace {

// Walks frames in a mapping as Scanner does in a file, without checksums.
class MappedScanner {
 public:
  MappedScanner(const char* base, uint64_t from, uint64_t to)
      : base_(base), to_(to), position_(from) {}

  Scanner::State next(Scanned* out) {
    if (inner_left_ != 0) return next_inner(out);
    if (position_ == to_) return Scanner::State::end;
    if (parse(position_, to_, out) != Parse::ok || (out->record.flags & kFlagInner)) {
      return Scanner::State::invalid;
    }
    if (out->record.kind != Kind::batch) {
      position_ += out->size;
      return Scanner::State::record;
    }
    inner_left_ = load_le<uint32_t>(out->record.value.data());
    if (inner_left_ == 0) return Scanner::State::invalid;
    frame_ = position_;
    inner_ = position_ + kBatchHeaderSize;
    position_ += out->size;
    return next_inner(out);
  }
  [[nodiscard]] uint64_t position() const { return position_; }
  [[nodiscard]] Status status() const { return {}; }

 private:
  Parse parse(uint64_t at, uint64_t end, Scanned* out) const {
    out->offset = at;
    __builtin_prefetch(base_ + at + kReadAhead);
    return parse_record_unchecked(base_ + at, end - at, &out->record, &out->size);
  }

  Scanner::State next_inner(Scanned* out) {
    if (parse(inner_, position_, out) != Parse::ok || !(out->record.flags & kFlagInner)) {
      position_ = frame_;
      inner_left_ = 0;
      return Scanner::State::invalid;
    }
    inner_ += out->size;
    --inner_left_;
    return Scanner::State::record;
  }

  static constexpr uint64_t kReadAhead = 1024;
  const char* const base_;
  const uint64_t to_;
  uint64_t position_;
  uint64_t frame_ = 0, inner_ = 0, inner_left_ = 0;
};

bool has_mapping(const Segment& segment, uint64_t to) { return segment.map_length() >= to; }

class RunBuilder {
 public:
  RunBuilder(const Segment& segment, uint64_t from, uint64_t to, RunSort* room)
      : mapped_(has_mapping(segment, to) ? segment.mapped() : nullptr),
        sort_(room != nullptr ? *room : own_sort_) {
    sort_.clear();
    run_->from = from;
    run_->copied = mapped_ == nullptr;
  }

  // Growing them instead would copy, and touch fresh pages, twice over. What is not used of it
  // costs address space alone.
  void expect(uint64_t operations) {
    constexpr uint64_t kUsualHead = 64;
    if (operations > kRunOperations) return;
    sort_.reserve(operations);
    if (mapped_ == nullptr) run_->arena.reserve(operations * kUsualHead);
  }

  [[nodiscard]] uint64_t operations() const { return sort_.items().size() + run_->ranges.size(); }

  void add(const Scanned& s) {
    const Record& r = s.record;
    if (r.kind == Kind::mark) return;
    // In key order in a merge's output, so neither end of the run has them for sure.
    if (run_->first_seq == 0 || r.seq < run_->first_seq) run_->first_seq = r.seq;
    if (r.seq > run_->last_seq) run_->last_seq = r.seq;
    if (r.kind == Kind::range_tombstone) {
      run_->ranges.push_back({std::string(r.key), std::string(r.value), r.seq, s.offset});
      return;
    }
    const bool expiry = r.flags & kFlagExpiry;
    auto place = static_cast<uint32_t>(s.offset / kRecordAlign);
    if (mapped_ == nullptr) place = copy_head(r, place);
    sort_.add(r.key, expiry, place);
    run_->record_bytes += s.size;
  }

  std::shared_ptr<const Run> finish(uint64_t to) {
    sort_.sort(mapped_ != nullptr ? mapped_ : run_->arena.data());
    const PageVector<SortItem>& items = sort_.items();
    run_->to = to;
    run_->operations = items.size();
    run_->places.reserve(items.size());
    for (const SortItem& i : items) run_->places.push_back(i.place);
    run_->arena.shrink_to_fit();
    return std::move(run_);
  }

 private:
  // The key is the end of what precedes the value, so the head is one piece of the record.
  uint32_t copy_head(const Record& r, uint32_t place) {
    PageString& arena = run_->arena;
    const size_t start = arena.size();
    const size_t head = kRecordHeaderSize + (r.flags & kFlagExpiry ? kExpirySize : 0);
    arena.append(r.key.data() - head, head + r.key.size());
    arena.append(align_up(arena.size(), kRecordAlign) - arena.size(), '\0');
    store_le(arena.data() + start, place);
    return static_cast<uint32_t>(start / kRecordAlign);
  }

  const char* const mapped_;
  RunSort own_sort_;
  RunSort& sort_;
  std::shared_ptr<Run> run_ = std::make_shared<Run>();
};

template <class Source>
Result<std::shared_ptr<const Run>> collect(const Segment& segment, Source& source, uint64_t from,
                                           uint64_t to, uint64_t operations_max, bool whole,
                                           RunSort* room) {
  RunBuilder builder(segment, from, to, room);
  builder.expect(std::min(operations_max, (to - from) / kRecordHeaderSize));
  Scanned s;
  uint64_t frame_end = from;
  for (;;) {
    // A batch's operations all have its end as position: the run ends where position changes.
    const bool full = builder.operations() >= operations_max;
    const Scanner::State state = source.next(&s);
    if (state == Scanner::State::error) return source.status();
    if (state == Scanner::State::end && source.position() == to) break;
    if (state != Scanner::State::record) {
      return corrupt_at(segment, source.position(), "no valid record");
    }
    if (full && source.position() != frame_end) return builder.finish(frame_end);
    frame_end = source.position();
    builder.add(s);
  }
  if (whole && builder.operations() < operations_max) return std::shared_ptr<const Run>();
  return builder.finish(to);
}

}  // namespace

uint64_t Run::memory_bytes() const {
  uint64_t bytes = sizeof *this + places.capacity() * sizeof places[0] + arena.capacity();
  for (const HintRangeTombstone& r : ranges) bytes += sizeof r + r.from.size() + r.to.size();
  return bytes;
}

RunHeads::RunHeads(const Segment& segment, const Run& run)
    : base_(run.copied ? run.arena.data() : segment.mapped()),
      limit_(run.copied ? run.arena.size() : run.to),
      copied_(run.copied) {}

Result<std::shared_ptr<const Run>> make_run(const Segment& segment, uint64_t from, uint64_t to,
                                            uint64_t operations_max, bool whole, Trust trust,
                                            RunSort* room) {
  if (trust == Trust::written && has_mapping(segment, to)) {
    MappedScanner source(segment.mapped(), from, to);
    return collect(segment, source, from, to, operations_max, whole, room);
  }
  Scanner source(segment.file(), segment.salt(), from, to);
  return collect(segment, source, from, to, operations_max, whole, room);
}

}  // namespace stave
