// The survey's word on one file: how much of it can be read, and what becomes of it.

#include <algorithm>

#include "engine/log_scan.h"
#include "engine/repair_survey.h"

namespace stave {
namespace {

// Each is named in the report, until nobody would read on.
constexpr size_t kRegionsNamed = 1000;

// Zeros behind the last record are room that was allocated ahead.
Status drop_zeros_at_end(const Segment& segment, RepairFindings* found) {
  if (found->lost.empty() || found->lost.back().after != 0) return {};
  LostRegion& last = found->lost.back();
  uint64_t end = 0;
  STAVE_RETURN_IF_ERROR(
      find_nonzero_end(segment.file(), last.offset, last.offset + last.length, &end));
  last.length = align_up(end - last.offset, kRecordAlign);
  if (last.length == 0) found->lost.pop_back();
  return {};
}

std::string numbers_text(const RepairFile& f, size_t region) {
  uint64_t first = 0;
  uint64_t last = 0;
  if (!lost_numbers(f, region, &first, &last)) return "";
  return first == last ? ": operation " + std::to_string(first)
                       : ": operations " + std::to_string(first) + " to " + std::to_string(last);
}

}  // namespace

bool lost_numbers(const RepairFile& file, size_t region, uint64_t* first, uint64_t* last) {
  if (file.header.origin != Origin::log) return false;
  const LostRegion& r = file.found.lost[region];
  if (region > 0 && file.found.lost[region - 1].after == r.after) return false;
  *first = r.before != 0 ? r.before + 1 : file.seq_before + 1;
  if (r.before == 0 && file.hint && file.hint->first_seq != 0) *first = file.hint->first_seq;
  *last = r.after != 0 ? r.after - 1 : file.entry.last_seq;
  if (*last == 0 && file.seq_after != 0) *last = file.seq_after - 1;
  // More than the file has room for: there the numbers jump, as they do after an unclean end.
  return *first <= *last && *last - *first < file.size / kMarkSize;
}

// Numbers go on from one log to the next.
void RepairSurvey::find_neighbours() {
  std::vector<RepairFile*> logs;
  for (RepairFile& f : files) {
    if (f.header.origin == Origin::log && f.found.records != 0) logs.push_back(&f);
  }
  std::sort(logs.begin(), logs.end(), [](const RepairFile* a, const RepairFile* b) {
    return a->found.first_seq < b->found.first_seq;
  });
  for (size_t i = 0; i < logs.size(); ++i) {
    if (i > 0) logs[i]->seq_before = logs[i - 1]->found.last_seq;
    if (i + 1 < logs.size()) logs[i]->seq_after = logs[i + 1]->found.first_seq;
  }
}

// MANIFEST's length may be what is wrong: when a record reaches over it, or the last number that
// MANIFEST knows comes only behind it.
Status RepairSurvey::scan_further(const Segment& segment, RepairFile& file) const {
  RepairFindings& found = file.found;
  const uint64_t limit = file.length;
  if (file.size <= limit) return {};
  const bool lost_end =
      !found.lost.empty() && found.lost.back().offset + found.lost.back().length == limit;
  const bool short_of = found.last_seq < file.entry.last_seq;
  if (!lost_end && !short_of) return {};
  RepairFindings all;
  STAVE_RETURN_IF_ERROR(read_what_is_readable(segment, file.size, {}, &all));
  while (!all.lost.empty() && all.lost.back().offset >= std::max(limit, all.end)) {
    all.lost.pop_back();
  }
  const uint64_t broken_at = lost_end ? found.lost.back().offset : limit;
  const bool reaches_over =
      lost_end && all.end > limit &&
      std::none_of(all.lost.begin(), all.lost.end(), [&](const LostRegion& r) {
        return broken_at >= r.offset && broken_at < r.offset + r.length;
      });
  if (!reaches_over && !(short_of && all.last_seq == file.entry.last_seq)) return {};
  found = std::move(all);
  file.length = std::max(found.end, limit);
  if (found.whole()) file.length = found.end;
  return {};
}

Status RepairSurvey::scan(RepairFile& file) {
  const bool sealed = file.listed && (file.entry.sealed || file.entry.length != 0);
  if (sealed) {
    file.length = file.entry.length;
  } else if (!manifest_found && file.hint && file.hint->salt == file.header.salt) {
    file.length = file.hint->data_length;
    file.was_complete = true;
  }
  auto segment = open(file);
  if (!segment.ok()) return segment.status();
  STAVE_RETURN_IF_ERROR(read_what_is_readable(**segment, file.length, {}, &file.found));
  if (sealed) {
    STAVE_RETURN_IF_ERROR(scan_further(**segment, file));
  } else if (!file.was_complete) {
    STAVE_RETURN_IF_ERROR(drop_zeros_at_end(**segment, &file.found));
  }
  // Where records end without MANIFEST's word.
  if (!sealed && file.found.whole()) file.length = file.found.end;
  file.unreadable_blocks = static_cast<const ForgivingFile&>((*segment)->file()).unreadable();
  return {};
}

Status RepairSurvey::judge(RepairFile& file) {
  const std::string path = env_->path(data_file_name(file.id));
  if (!file.why.empty()) problems.push_back(file.why);
  if (file.fate != FileFate::keep) return {};
  if (file.unreadable_blocks != 0) {
    problems.push_back(path + ": " + std::to_string(file.unreadable_blocks) +
                       " reads of blocks failed");
  }
  const RepairFindings& found = file.found;
  for (size_t i = 0; i < found.lost.size(); ++i) {
    const LostRegion& r = found.lost[i];
    if (i == kRegionsNamed) {
      problems.push_back(path + ": and " + std::to_string(found.lost.size() - i) +
                         " further damaged places");
      break;
    }
    problems.push_back(path + " at offset " + std::to_string(r.offset) + ": no valid record in " +
                       std::to_string(r.length) + " bytes" + numbers_text(file, i));
  }
  if (!found.whole() && file.why.empty()) file.why = path + " is damaged";
  if (!file.why.empty()) {
    // Its kind shows in the numbers where the header does not tell.
    if (file.header_damaged && !file.listed && found.rising) file.header.origin = Origin::log;
    file.fate = found.records != 0 ? FileFate::rewrite : FileFate::leave_out;
    return {};
  }
  if (file.listed && (file.entry.sealed || file.entry.length != 0)) {
    if (file.length != file.entry.length || found.last_seq != file.entry.last_seq) {
      problems.push_back(path + ": MANIFEST says " + std::to_string(file.entry.length) +
                         " bytes up to operation " + std::to_string(file.entry.last_seq) +
                         ", the file has " + std::to_string(file.length) + " up to " +
                         std::to_string(found.last_seq));
    }
    return {};
  }
  if (found.records == 0) file.fate = FileFate::drop;
  return {};
}

}  // namespace stave
