// Verify: reads every byte, compares the derived with what it is derived from, changes nothing.
//
// Writes, merges and refreshes go on meanwhile. So a slot that does not say what the snapshot
// says is judged by the record that it leads to: a merge keeps numbers, and what came later has
// a higher one.

#include <algorithm>

#include "engine/hint_file.h"
#include "engine/run.h"
#include "engine/scan.h"
#include "engine/store.h"
#include "engine/tail_index.h"

namespace stave {
namespace {

// Sorted hints stand in for runs in memory, at the price of a descriptor each.
constexpr size_t kHintCursorsMax = 128;

// The record at `offset`, checked.
bool read_record(const Segment& s, uint64_t offset, std::string* bytes, Record* r) {
  const uint64_t tail = s.tail();
  if (offset >= tail || tail - offset < kRecordHeaderSize) return false;
  bytes->resize(kRecordHeaderSize);
  if (!s.read_exact(offset, bytes->data(), bytes->size()).ok()) return false;
  const char* head = bytes->data();
  uint64_t size = record_size(load_le<uint16_t>(head + 6), load_le<uint32_t>(head + 8),
                              static_cast<uint8_t>(head[5]) & kFlagExpiry);
  if (size > tail - offset) return false;
  bytes->resize(size);
  if (!s.read_exact(offset, bytes->data(), size).ok()) return false;
  return parse_record(bytes->data(), bytes->size(), s.salt(), r, &size) == Parse::ok;
}

}  // namespace

class Verifier {
 public:
  Verifier(Store& store, Snapshot snapshot, VerifyReport* report)
      : store_(store), snapshot_(std::move(snapshot)), report_(*report) {}

  Status run();

 private:
  Status check_file(const std::shared_ptr<Segment>& segment, uint64_t tail);
  Status check_records(Segment& segment, uint64_t tail, bool* whole);
  // *sorted: the hint's cursor if it may stand in for the run.
  Status check_hint(const std::shared_ptr<Segment>& segment, const std::shared_ptr<const Run>& run,
                    std::unique_ptr<Cursor>* sorted);
  Status check_keydir();
  void check_slot(const HintEntry& e, const Segment& segment);
  bool agrees(const HintEntry& e, const Segment& segment, bool* has);
  uint64_t newest_seq();
  [[nodiscard]] Status cancelled() const;
  void problem(uint64_t* counter, const std::string& text);
  void no_hint(const std::string& text);
  void lying_hint(const std::string& text);

  Store& store_;
  const Snapshot snapshot_;
  VerifyReport& report_;
  std::vector<std::unique_ptr<Cursor>> cursors_;  // of all files, for the keydir
  size_t hint_cursors_ = 0;                       // of those
  bool all_readable_ = true;
};

void Verifier::problem(uint64_t* counter, const std::string& text) {
  ++*counter;
  if (report_.first_problem.empty()) report_.first_problem = text;
  store_.env_->log.write(LogLevel::error, "verify: " + text);
}

// Derived and made again: told, but no damage.
void Verifier::no_hint(const std::string& text) {
  ++report_.bad_hints;
  store_.env_->log.write(LogLevel::warn, "verify: " + text + " (an index, to be made again)");
}

// Its checksums hold, so it would be believed: no less a problem than bad data.
void Verifier::lying_hint(const std::string& text) {
  ++report_.bad_hints;
  problem(&report_.lying_hints, text + " (remove it: it is made again from the data)");
}

// Checksums, structure and the order of numbers.
Status Verifier::check_records(Segment& segment, uint64_t tail, bool* whole) {
  *whole = true;
  // The header was read at open, by us or by the writer; the disk's may have changed since.
  char bytes[kFileHeaderSize];
  STAVE_RETURN_IF_ERROR(segment.read_exact(0, bytes, sizeof bytes));
  FileHeader header;
  Status s = decode_file_header(Bytes(bytes, sizeof bytes), segment.path(), &header);
  if (!s.ok()) problem(&report_.bad_records, s.message());
  Scanner scanner(segment.file(), segment.salt(), kFileHeaderSize, tail);
  Scanned r;
  uint64_t last_seq = 0;
  uint64_t position = kFileHeaderSize;
  Scanner::State state;
  while ((state = scanner.next(&r)) == Scanner::State::record) {
    ++report_.records;
    if (r.frame_end > position) {
      store_.verify_done_.fetch_add(r.frame_end - position, std::memory_order_relaxed);
      position = r.frame_end;
    }
    if (r.record.kind == Kind::mark || segment.header().origin == Origin::merge) continue;
    if (r.record.seq <= last_seq) {
      problem(&report_.bad_records,
              corrupt_at(segment, r.offset, "its sequence number does not rise").message());
    }
    last_seq = r.record.seq;
  }
  if (state == Scanner::State::error) return scanner.status();
  if (position == tail) return {};
  *whole = false;
  problem(&report_.bad_records, corrupt_at(segment, position, "no valid record").message());
  return {};
}

// Entry by entry against the newest operation on each key in the data.
Status Verifier::check_hint(const std::shared_ptr<Segment>& segment,
                            const std::shared_ptr<const Run>& run,
                            std::unique_ptr<Cursor>* sorted) {
  auto hint = HintFile::open(*store_.env_, segment);
  if (hint.status().is(Code::too_many_files) || hint.status().is(Code::no_memory)) {
    return hint.status();
  }
  if (!hint.ok()) {
    // A writer at work may have merged the file away, and its hint with it.
    auto data = store_.env_->fs.exists(segment->path());
    if (!hint.status().is(Code::not_found) || !data.ok() || *data) {
      no_hint(hint.status().message());
    }
    return {};
  }
  ++report_.hints;
  auto data = run_cursor(segment, run);
  auto entries = (*hint)->cursor();
  std::string last_key;
  bool first = true;
  while (data->next()) {
    const HintEntry& d = data->entry();
    if (!first && d.key == last_key) continue;  // an older operation on the same key
    first = false;
    last_key.assign(d.key);
    const bool there = entries->next();
    const HintEntry e = there ? entries->entry() : HintEntry{};
    if (!there || e.key != d.key || e.kind != d.kind || e.seq != d.seq || e.offset != d.offset ||
        e.value_length != d.value_length || e.expires_at_ms != d.expires_at_ms) {
      if (!there && !entries->status().ok()) {
        no_hint(entries->status().message());
      } else {
        lying_hint(segment->hint_path() + ": differs from the data for the record at offset " +
                   std::to_string(d.offset));
      }
      return {};
    }
  }
  if (!data->status().ok()) return data->status();
  if (entries->next()) {
    lying_hint(segment->hint_path() + ": has entries that the data has not");
  } else if (!entries->status().ok()) {
    no_hint(entries->status().message());
  } else if (hint_cursors_ < kHintCursorsMax) {
    ++hint_cursors_;
    *sorted = (*hint)->cursor();
  }
  return {};
}

Status Verifier::check_file(const std::shared_ptr<Segment>& segment, uint64_t tail) {
  ++report_.files;
  report_.bytes += tail;
  bool whole = true;
  STAVE_RETURN_IF_ERROR(check_records(*segment, tail, &whole));
  if (!whole) {
    all_readable_ = false;
    return {};
  }
  if (tail <= kFileHeaderSize) return {};
  auto run = build_run(*segment, kFileHeaderSize, tail);
  if (!run.ok()) return run.status();
  std::unique_ptr<Cursor> sorted;
  // A file may have grown and been sealed since the snapshot: its hint is of no use then.
  if (segment->sealed() && segment->tail() == tail) {
    STAVE_RETURN_IF_ERROR(check_hint(segment, *run, &sorted));
  }
  cursors_.push_back(sorted ? std::move(sorted) : run_cursor(segment, *run));
  return {};
}

// Whether the slot leads to the record of e, to a merged copy of it, or to a newer one.
bool Verifier::agrees(const HintEntry& e, const Segment& segment, bool* has) {
  const Epoch::Guard guard(store_.reads_);
  const Loaded& l = store_.view_.load(std::memory_order_acquire)->loaded;
  Slot slot;
  *has = l.keydir->find((*l.hasher)(e.key), &slot);
  if (!*has) return e.kind != Kind::put && !l.keydir->damaged();
  const Segment* to = l.space->segment_at(slot.address);
  if (to == nullptr) return false;
  const uint64_t offset = to->offset_of(slot.address);
  // Another view has other segments and other addresses.
  if (to == &segment && e.kind == Kind::put && offset == e.offset) return true;
  std::string bytes;
  Record r;
  if (!read_record(*to, offset, &bytes, &r)) return false;
  if (r.kind != Kind::put || r.key != e.key) return false;
  return e.kind == Kind::put ? r.seq >= e.seq : r.seq > e.seq;
}

// Not below any operation that the keydir shows.
uint64_t Verifier::newest_seq() {
  uint64_t seq = 0;
  if (store_.writer_) {
    store_.writer_->while_still([&](uint64_t last_seq) { seq = last_seq; });
  } else {
    MutexLock lock(store_.refresh_mutex_);
    seq = store_.view_.load(std::memory_order_acquire)->last_seq;
  }
  return seq;
}

void Verifier::check_slot(const HintEntry& e, const Segment& segment) {
  bool has = false;
  if (agrees(e, segment, &has)) return;
  // Without a slot: deleted since, or expired and merged away. Asked outside the guard, which a
  // refresh waits for with its mutex held.
  if (!has && e.kind == Kind::put) {
    if (e.expires_at_ms != 0 && e.expires_at_ms <= store_.env_->clock.now_ms()) return;
    if (newest_seq() > snapshot_.seq) return;
  }
  problem(&report_.bad_keys,
          corrupt_at(segment, e.offset, "the keydir does not lead to this newest record of its key")
              .message());
}

// Every key's newest operation, over all files, against its slot.
Status Verifier::check_keydir() {
  MergingCursor all(std::move(cursors_));
  std::string last_key;
  bool first = true;
  while (all.next()) {
    STAVE_RETURN_IF_ERROR(cancelled());
    const HintEntry& e = all.entry();
    if (e.seq > snapshot_.seq || (!first && e.key == last_key)) continue;
    first = false;
    last_key.assign(e.key);
    check_slot(e, *all.segment());
  }
  return all.status();
}

Status Verifier::cancelled() const {
  if (!store_.closed_.load(std::memory_order_relaxed)) return {};
  return {Code::cancelled, "the store is being closed"};
}

Status Verifier::run() {
  for (size_t i = 0; i < snapshot_.version->segments.size(); ++i) {
    STAVE_RETURN_IF_ERROR(cancelled());
    STAVE_RETURN_IF_ERROR(check_file(snapshot_.version->segments[i], snapshot_.tails[i]));
  }
  // With records missing, older ones of their keys would look like the newest.
  if (all_readable_ && store_.env_->options.test_hash_bits == 0) {
    STAVE_RETURN_IF_ERROR(check_keydir());
  }
  if (report_.problems() == 0) return {};
  return {Code::corrupt, report_.first_problem};
}

Status Store::verify(VerifyReport* report) {
  *report = {};
  const Epoch::Guard call(calls_);
  if (closed_.load(std::memory_order_seq_cst)) return closed_status();
  Snapshot snapshot = snapshot_now();
  uint64_t total = 0;
  for (uint64_t tail : snapshot.tails) total += tail;
  verify_done_.store(0, std::memory_order_relaxed);
  verify_total_.store(total, std::memory_order_relaxed);
  Status s = Verifier(*this, std::move(snapshot), report).run();
  verify_total_.store(0, std::memory_order_relaxed);
  return s;
}

}  // namespace stave
