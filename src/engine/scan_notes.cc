#include "engine/scan_notes.h"

#include <algorithm>

namespace stave {

namespace {
// Large enough that a part's own buffer is of no account.
constexpr uint64_t kPartBytes = 16 << 20;
}  // namespace

void ScanNotes::add(const Scanned& s) {
  const Record& r = s.record;
  if (s.frame_offset >= (parts.empty() ? from : parts.back()) + kPartBytes) {
    parts.push_back(s.frame_offset);
  }
  if (r.kind == Kind::mark) return;
  // In key order in a merge's output, so neither end has them for sure.
  if (first_seq == 0 || r.seq < first_seq) first_seq = r.seq;
  last_seq = std::max(last_seq, r.seq);
  if (r.kind == Kind::range_tombstone) {
    ranges.push_back({std::string(r.key), std::string(r.value), r.seq, s.offset});
    return;
  }
  ++operations;
  record_bytes += s.size;
  if (r.kind == Kind::tombstone) ++tombstones;
}

Status take_notes(const Segment& segment, uint64_t from, ScanNotes* out) {
  *out = ScanNotes{};
  out->from = from;
  Scanner scanner(segment.file(), segment.salt(), from, segment.tail());
  Scanned s;
  Scanner::State state;
  uint64_t end = from;
  while ((state = scanner.next(&s)) == Scanner::State::record) {
    end = s.frame_end;
    out->add(s);
  }
  if (state == Scanner::State::error) return scanner.status();
  return end == segment.tail() ? Status() : corrupt_at(segment, end, "no valid record");
}

}  // namespace stave
