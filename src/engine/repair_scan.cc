#include "engine/repair_scan.h"

#include <algorithm>
#include <string>

namespace stave {
namespace {

void note(const Scanned& s, RepairFindings* out) {
  const Record& r = s.record;
  out->end = std::max(out->end, s.frame_end);
  if (r.kind == Kind::mark) {
    out->claim = std::max(out->claim, r.seq);
    return;
  }
  if (r.flags & kFlagDurable) out->claim = std::max(out->claim, r.seq - 1);
  auto& lost = out->lost;
  for (size_t i = lost.size(); i > 0 && lost[i - 1].after == 0; --i) lost[i - 1].after = r.seq;
  if (r.seq <= out->last_seq) out->rising = false;
  if (out->first_seq == 0 || r.seq < out->first_seq) out->first_seq = r.seq;
  out->last_seq = std::max(out->last_seq, r.seq);
  ++out->records;
  out->bytes += s.size;
}

}  // namespace

Status read_what_is_readable(const Segment& segment, uint64_t to, const OnReadable& on_record,
                             RepairFindings* out) {
  RepairFindings scratch;
  RepairFindings& found = out != nullptr ? *out : scratch;
  found = {};
  DamageScan scan(segment, to);
  Scanned s;
  Damage damage;
  std::string bytes;
  uint64_t newest = 0;  // the operation before
  DamageScan::State state;
  while ((state = scan.next(&s, &damage)) != DamageScan::State::end) {
    if (state == DamageScan::State::error) return scan.status();
    if (state == DamageScan::State::damage) {
      found.lost.push_back({damage.offset, damage.length, newest, 0});
      continue;
    }
    // The scan lends no key and value of a record in a damaged batch.
    const bool torn = (s.record.flags & kFlagInner) && s.frame_offset == s.offset;
    if (torn) {
      bytes.resize(s.size);
      STAVE_RETURN_IF_ERROR(segment.read_exact(s.offset, bytes.data(), s.size));
      uint64_t size = 0;
      if (parse_record(bytes.data(), s.size, segment.salt(), &s.record, &size) != Parse::ok) {
        found.lost.push_back({s.offset, s.size, newest, 0});  // read differently this time
        continue;
      }
      ++found.inner;
      found.inner_seq_max = std::max(found.inner_seq_max, s.record.seq);
    }
    note(s, &found);
    if (s.record.kind == Kind::mark) continue;
    newest = s.record.seq;
    if (on_record) STAVE_RETURN_IF_ERROR(on_record({s.record, s.offset, torn}));
  }
  // A batch's header is told behind what stands in it.
  std::sort(found.lost.begin(), found.lost.end(),
            [](const LostRegion& a, const LostRegion& b) { return a.offset < b.offset; });
  return {};
}

}  // namespace stave
