#include "engine/merge_output.h"

#include "engine/digest.h"
#include "engine/hint_writer.h"
#include "engine/keydir.h"

namespace stave {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;
constexpr uint64_t kSyncStep = 16 << 20;

// Records come in key order, not in order of seq as in a log.
void note_number(SegmentCounts* counts, uint64_t seq) {
  const uint64_t first = counts->first_seq.load(kRelaxed);
  if (first == 0 || seq < first) counts->first_seq.store(seq, kRelaxed);
  if (seq > counts->last_seq.load(kRelaxed)) counts->last_seq.store(seq, kRelaxed);
}

void count_operation(SegmentCounts* counts, uint64_t size, uint64_t seq) {
  bump(&counts->operations, 1);
  bump(&counts->record_bytes, size);
  note_number(counts, seq);
}

HintSummary summary_of(const SegmentCounts& counts) {
  HintSummary s;
  s.first_seq = counts.first_seq.load(kRelaxed);
  s.last_seq = counts.last_seq.load(kRelaxed);
  s.operations = counts.operations.load(kRelaxed);
  s.record_bytes = counts.record_bytes.load(kRelaxed);
  return s;
}

}  // namespace

// The file being written.
struct MergeOutput::Current {
  Current(const std::shared_ptr<Env>& env, const FileHeader& header)
      : segment(std::make_shared<Segment>(env, header, Extent{})), hint(*env, *segment) {}
  std::shared_ptr<Segment> segment;
  std::unique_ptr<File> file;
  HintWriter hint;
  uint64_t placed = 0;   // length with all records that were given a place
  uint64_t written = 0;  // of them, in the file
  uint64_t synced = 0;
};

MergeOutput::MergeOutput(std::shared_ptr<Env> env, Catalog& catalog, AddressSpace& space)
    : env_(std::move(env)), catalog_(catalog), space_(space) {}

MergeOutput::~MergeOutput() {
  release(finished_);
  for (const auto& segment : finished_) segment->set_obsolete();
  if (!current_) return;
  current_->file.reset();
  current_->segment->set_obsolete();
}

void MergeOutput::forget() {
  release(finished_);
  finished_.clear();
}

void MergeOutput::release(const SegmentList& files) {
  // No slot ever named these addresses: there are no readers to wait for.
  for (const auto& segment : files) {
    space_.bind(segment->extent(), nullptr);
    space_.release(segment->extent());
  }
}

bool MergeOutput::is_full(uint64_t size) const {
  const Options& o = env_->options;
  const uint64_t entries = current_->segment->counts.operations.load(kRelaxed);
  return current_->placed > kFileHeaderSize &&
         (current_->placed + size > o.max_file_size || entries >= o.max_file_entries);
}

Status MergeOutput::begin() {
  auto id = catalog_.new_file_id();
  if (!id.ok()) return id.status();
  const Manifest m = catalog_.manifest();
  FileHeader header{Origin::merge, m.uuid, m.lineage, *id, 0};
  while (header.salt == 0) random_bytes(&header.salt, sizeof header.salt);
  current_ = std::make_unique<Current>(env_, header);
  Current& c = *current_;
  c.segment->expiry.set_complete();
  auto file = env_->fs.create(c.segment->path(), 0644);
  if (!file.ok()) return file.status();
  c.file = file.take();
  STAVE_RETURN_IF_ERROR(c.hint.create());
  char bytes[kFileHeaderSize];
  encode_file_header(bytes, header);
  c.placed = kFileHeaderSize;
  return write_run(bytes, sizeof bytes);
}

Status MergeOutput::add_ranges(const RangeList& ranges) {
  for (const HintRangeTombstone& r : ranges) STAVE_RETURN_IF_ERROR(add_range(r));
  return {};
}

Status MergeOutput::add_range(const HintRangeTombstone& range) {
  const Record record{Kind::range_tombstone, 0, range.seq, 0, range.from, range.to};
  const uint64_t size = record_size(record);
  if (current_ && is_full(size)) STAVE_RETURN_IF_ERROR(finish_current());
  if (!current_) STAVE_RETURN_IF_ERROR(begin());
  Current& c = *current_;
  std::string bytes(size, '\0');
  encode_record(bytes.data(), c.segment->salt(), record);
  c.hint.add_range_tombstone({range.from, range.to, range.seq, c.placed});
  note_number(&c.segment->counts, range.seq);
  c.placed += size;
  return write_run(bytes.data(), size);
}

Status MergeOutput::append(MergeWindow& window, bool sync_often) {
  const char* run = nullptr;
  uint64_t run_length = 0;
  for (const WindowEntry& e : window.entries()) {
    if (current_ && is_full(e.size)) {
      STAVE_RETURN_IF_ERROR(write_run(run, run_length));
      run_length = 0;
      STAVE_RETURN_IF_ERROR(finish_current());
    }
    if (!current_) STAVE_RETURN_IF_ERROR(begin());
    if (run_length == 0) run = window.record(e);
    STAVE_RETURN_IF_ERROR(place(window, e));
    run_length += e.size;
  }
  STAVE_RETURN_IF_ERROR(write_run(run, run_length));
  if (!current_) return {};
  if (sync_often && current_->written - current_->synced >= kSyncStep) {
    current_->synced = current_->written;
    return current_->file->sync();
  }
  // So that the disk is at work while the next window is collected, and the last sync is short.
  current_->file->start_writeback(current_->synced, current_->written - current_->synced);
  if (!sync_often) current_->synced = current_->written;
  return {};
}

Status MergeOutput::place(MergeWindow& window, const WindowEntry& e) {
  Current& c = *current_;
  const bool put = e.from != nullptr;
  HintEntry hint;
  hint.key = window.key(e);
  hint.kind = put ? Kind::put : Kind::tombstone;
  hint.seq = e.seq;
  hint.offset = c.placed;
  hint.value_length = e.value_length;
  hint.expires_at_ms = e.expires_at_ms;
  if (put && e.expires_at_ms != 0) {
    c.segment->expiry.add(e.expires_at_ms, env_->expiry.now_ms());
  }
  STAVE_RETURN_IF_ERROR(c.hint.add(hint));
  SegmentCounts& counts = c.segment->counts;
  count_operation(&counts, e.size, e.seq);
  if (put) {
    resalt_record(window.record(e), e.size, c.segment->salt());
    counts.add_live(e.size, size_class(e.size));
  } else {
    encode_record(window.record(e), c.segment->salt(),
                  Record{Kind::tombstone, 0, e.seq, 0, hint.key, {}});
    bump(&counts.tombstones, 1);
  }
  c.placed += e.size;
  return {};
}

Status MergeOutput::write_run(const char* from, uint64_t length) {
  if (length == 0) return {};
  STAVE_RETURN_IF_ERROR(current_->file->write(current_->written, Bytes(from, length)));
  current_->written += length;
  return {};
}

Status MergeOutput::finish() { return current_ ? finish_current() : Status(); }

Status MergeOutput::finish_current() {
  Current& c = *current_;
  Segment& segment = *c.segment;
  const uint64_t length = c.written;
  STAVE_RETURN_IF_ERROR(c.file->sync());
  segment.publish_tail(length);
  STAVE_RETURN_IF_ERROR(c.hint.finish(summary_of(segment.counts), true));
  const bool mapped = env_->options.io == Io::mapped;
  STAVE_RETURN_IF_ERROR(segment.attach(std::move(c.file), mapped ? length : 0, Access::read));
  segment.set_has_hint(true);
  segment.set_sealed();
  auto extent = space_.allocate(length);
  if (!extent.ok()) return extent.status();
  segment.set_extent(*extent);
  // Before any slot can name it (M5).
  space_.bind(*extent, &segment);
  finished_.push_back(std::move(c.segment));
  current_.reset();
  return {};
}

}  // namespace stave
