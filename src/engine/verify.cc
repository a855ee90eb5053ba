// Verify: reads every byte, compares the derived with what it is derived from, changes nothing.
//
// Writes, merges and refreshes go on meanwhile. So a slot that does not say what the snapshot
// says is judged by the record that it leads to: a merge keeps numbers, and what came later has
// a higher one.

#include "engine/verify.h"

#include <algorithm>

#include "engine/hint_file.h"
#include "engine/merging_cursor.h"
#include "engine/tail_index.h"
#include "engine/task_progress.h"

namespace stave {

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

void Verifier::problem(uint64_t* counter, const std::string& text) {
  ++*counter;
  if (report_.first_problem.empty()) report_.first_problem = text;
  store_.env_->log.write(LogLevel::error, "verify: " + text);
}

// Checksums, structure and the order of numbers, to the end of the file whatever is found.
Status Verifier::check_records(Segment& segment, uint64_t tail, std::vector<Damage>* damaged) {
  // The header was read at open, by us or by the writer; the disk's may have changed since.
  char bytes[kFileHeaderSize];
  STAVE_RETURN_IF_ERROR(segment.read_exact(0, bytes, sizeof bytes));
  FileHeader header;
  Status s = decode_file_header(Bytes(bytes, sizeof bytes), segment.path(), &header);
  if (!s.ok()) problem(&report_.bad_records, s.message());
  DamageScan scan(segment, tail);
  Scanned r;
  Damage damage;
  uint64_t last_seq = 0;
  uint64_t position = kFileHeaderSize;
  DamageScan::State state;
  while ((state = scan.next(&r, &damage)) != DamageScan::State::end) {
    if (state == DamageScan::State::error) return scan.status();
    const bool is_damage = state == DamageScan::State::damage;
    const uint64_t end = is_damage ? damage.offset + damage.length : r.frame_end;
    if (end > position) {
      store_.verify_done_.fetch_add(end - position, std::memory_order_relaxed);
      position = end;
    }
    if (is_damage) {
      damaged->push_back(damage);
      problem(&report_.bad_records,
              corrupt_at(segment, damage.offset,
                         "no valid record in " + std::to_string(damage.length) + " bytes")
                  .message());
      STAVE_RETURN_IF_ERROR(cancelled());
      continue;
    }
    ++report_.records;
    if (r.record.kind == Kind::mark || segment.header().origin == Origin::merge) continue;
    if (r.record.seq <= last_seq) {
      problem(&report_.bad_records,
              corrupt_at(segment, r.offset, "its sequence number does not rise").message());
    }
    last_seq = r.record.seq;
  }
  // A batch's header is told behind what stands in it.
  std::sort(damaged->begin(), damaged->end(),
            [](const Damage& a, const Damage& b) { return a.offset < b.offset; });
  return {};
}

void Verifier::take_ranges(const RangeList& ranges) {
  for (const HintRangeTombstone& r : ranges) {
    if (r.seq <= snapshot_.seq) ranges_.push_back(r);
  }
}

Status Verifier::check_file(const std::shared_ptr<Segment>& segment, uint64_t tail) {
  ++report_.files;
  report_.bytes += tail;
  std::vector<Damage> damaged;
  STAVE_RETURN_IF_ERROR(check_records(*segment, tail, &damaged));
  if (tail <= kFileHeaderSize) return {};
  // A file may have grown and been sealed since the snapshot: its hint is of no use then.
  const bool has_hint = segment->sealed() && segment->tail() == tail;
  std::unique_ptr<Cursor> sorted;
  if (!damaged.empty()) {
    if (has_hint) STAVE_RETURN_IF_ERROR(check_hint_of_damaged(segment, damaged, &sorted));
    if (sorted) {
      cursors_.push_back(std::move(sorted));
    } else {
      all_readable_ = false;
    }
    return {};
  }
  auto run = build_run(*segment, kFileHeaderSize, tail);
  if (!run.ok()) return run.status();
  take_ranges((*run)->ranges);
  if (has_hint) STAVE_RETURN_IF_ERROR(check_hint(segment, *run, &sorted));
  cursors_.push_back(sorted ? std::move(sorted) : run_cursor(segment, *run));
  return {};
}

// Whether the slot leads to the record of e, to a merged copy of it, or to a newer one; of what a
// range tombstone deletes, to a newer one than that, while the range is not waiting for its sweep.
bool Verifier::agrees(const HintEntry& e, uint64_t range_seq, const Segment& segment, bool* has) {
  const Epoch::Guard guard(store_.reads_);
  const Loaded& l = store_.view_.load(std::memory_order_acquire)->loaded;
  Slot slot;
  *has = l.keydir->find((*l.hasher)(e.key), &slot);
  const bool deleted = e.seq < range_seq;
  if (!*has) return (e.kind != Kind::put || deleted) && !l.keydir->damaged();
  const Segment* to = l.space->segment_at(slot.address);
  if (to == nullptr) return false;
  const uint64_t offset = to->offset_of(slot.address);
  // Another view has other segments and other addresses.
  if (to == &segment && e.kind == Kind::put && !deleted && offset == e.offset) return true;
  std::string bytes;
  Record r;
  if (!read_record(*to, offset, &bytes, &r)) return false;
  if (r.kind != Kind::put || r.key != e.key) return false;
  if (deleted) return r.seq > range_seq || r.seq < l.ranges->seq_over(e.key);
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
  if (agrees(e, cover_.seq_over(e.key), segment, &has)) return;
  // Without a slot: deleted since, or expired and merged away. Asked outside the guard, which a
  // refresh waits for with its mutex held.
  if (!has && e.kind == Kind::put) {
    if (store_.env_->expiry.expired(e.expires_at_ms)) return;
    if (newest_seq() > snapshot_.seq) return;
  }
  problem(&report_.bad_keys,
          corrupt_at(segment, e.offset, "the keydir does not lead to this newest record of its key")
              .message());
}

// Every key's newest operation, over all files, against its slot.
Status Verifier::check_keydir() {
  MergingCursor all(std::move(cursors_));
  cover_ = RangeCover(ranges_);
  std::string last_key;
  bool first = true;
  while (all.next()) {
    STAVE_RETURN_IF_ERROR(cancelled());
    const HintEntry& e = all.entry();
    if (e.seq > snapshot_.seq || (!first && e.key == last_key)) continue;
    first = false;
    last_key.assign(e.key);
    check_slot(e, all.segment());
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
  const TaskProgress shown(verify_done_, verify_total_, total);
  return Verifier(*this, std::move(snapshot), report).run();
}

}  // namespace stave
