#include "engine/repair.h"

#include <algorithm>

#include "engine/catalog.h"
#include "engine/digest.h"
#include "engine/hint_check.h"
#include "engine/hint_file.h"
#include "engine/recovery.h"
#include "engine/repair_order.h"

namespace stave {
namespace {

// Numbers that a lost MANIFEST may have promised: the distances that a writer keeps (catalog.cc),
// and more.
constexpr uint64_t kSeqAhead = 1ULL << 32;
constexpr uint64_t kIdsAhead = 1024;
constexpr uint64_t kIdsWanted = 1 << 20;

std::string name_of(const RepairFile& f) { return data_file_name(f.id); }

}  // namespace

void Repair::say(const std::string& line) {
  report_.lines.push_back(line);
  env_->log.write(LogLevel::info, "repair: " + line);
}

FileHeader Repair::new_header(Origin origin) {
  FileHeader header{origin, next_.uuid, next_.lineage, next_.next_file_id++, 0};
  while (header.salt == 0) random_bytes(&header.salt, sizeof header.salt);
  return header;
}

Status Repair::run(RepairReport* report) {
  const Status s = repair();
  *report = report_;
  return s;
}

Status Repair::repair() {
  STAVE_RETURN_IF_ERROR(survey_.run());
  for (const RepairFile& f : survey_.files) note_lost(f);
  if (!survey_.broken()) STAVE_RETURN_IF_ERROR(settle_hints());
  for (const std::string& problem : survey_.problems) say(problem);
  for (const std::string& note : survey_.notes) say(note);
  if (!survey_.problems.empty()) report_.first_problem = survey_.problems.front();
  if (!survey_.broken()) {
    report_.files = survey_.manifest.files.size();
    report_.files_kept = report_.files;
    report_.files_left_out = 0;
    for (const RepairFile& f : survey_.files) {
      report_.last_seq = std::max(report_.last_seq, f.found.last_seq);
    }
    say("the store needs no repair");
    return {};
  }
  report_.changed = true;
  report_.manifest_rebuilt = !survey_.manifest_found;
  next_ = survey_.manifest;
  next_.files.clear();
  while (next_.uuid == Uuid{}) random_bytes(next_.uuid.data(), next_.uuid.size());
  // Another history from now on: what goes by numbers of the old one must not go on with it.
  random_bytes(&next_.lineage, sizeof next_.lineage);
  next_.next_file_id = std::max(next_.next_file_id, survey_.id_max + 1);
  if (!survey_.manifest_found) next_.next_file_id += kIdsAhead;
  if (next_.next_file_id > kFileIdMax - kIdsWanted) {
    return {Code::store_full, env_->dir + " has used up its file numbers"};
  }
  STAVE_RETURN_IF_ERROR(open_quarantine());
  STAVE_RETURN_IF_ERROR(quarantine_files());
  STAVE_RETURN_IF_ERROR(make_files());
  STAVE_RETURN_IF_ERROR(settle_hints());
  STAVE_RETURN_IF_ERROR(settle_order());
  return switch_manifest();
}

Status Repair::make_files() {
  for (RepairFile& f : survey_.files) {
    if (f.fate == FileFate::keep) {
      STAVE_RETURN_IF_ERROR(keep_file(f));
    } else if (f.fate == FileFate::rewrite || (f.listed && f.fate == FileFate::leave_out) ||
               (!survey_.manifest_found && f.header_damaged)) {
      STAVE_RETURN_IF_ERROR(rewrite_file(f));
    } else if (f.fate == FileFate::leave_out) {
      ++report_.files_left_out;
      say(name_of(f) + ": left out");
    }
  }
  return {};
}

Status Repair::keep_file(RepairFile& file) {
  if (file.found.records == 0) return {};
  auto segment = survey_.open(file);
  if (!segment.ok()) return segment.status();
  // After kill -9 the bytes may be in the page cache alone.
  STAVE_RETURN_IF_ERROR((*segment)->file().sync());
  made_.push_back(
      {file.header, {file.id, file.header.origin, true, file.length, file.found.last_seq}});
  ++report_.files_kept;
  say(name_of(file) + ": kept with " + std::to_string(file.found.records) + " operations, " +
      std::to_string(file.length) + " bytes" +
      (file.tail_cut ? "; a torn tail behind them is cut off" : ""));
  return {};
}

// What can be read of it, and tombstones that its hint still knows.
Status Repair::rewrite_file(RepairFile& file) {
  std::vector<Tombstone> lost;
  STAVE_RETURN_IF_ERROR(find_lost(file, &lost));
  const FileHeader header = new_header(file.header.origin);
  RepairOutput out(env_, header);
  STAVE_RETURN_IF_ERROR(out.create());
  size_t next = 0;
  uint64_t restored = 0;
  const auto restore_to = [&](uint64_t offset, uint64_t seq) -> Status {
    for (; next < lost.size() && lost[next].offset < offset; ++next) {
      const Tombstone& t = lost[next];
      const bool rises = t.seq > out.last_seq() && t.seq < seq;
      if (!rises && header.origin == Origin::log) continue;  // the hint is of another mind
      STAVE_RETURN_IF_ERROR(out.add(Record{t.kind, 0, t.seq, 0, t.from, t.to}));
      ++restored;
    }
    return {};
  };
  uint64_t torn = 0;
  if (file.fate == FileFate::rewrite) {
    auto segment = survey_.open(file);
    if (!segment.ok()) return segment.status();
    const auto on_record = [&](const ReadableRecord& r) -> Status {
      // A batch that may never have been whole is not there at all.
      if (r.torn && !file.was_complete && r.record.seq > survey_.promised) {
        ++torn;
        return {};
      }
      STAVE_RETURN_IF_ERROR(restore_to(r.offset, r.record.seq));
      return out.add(r.record);
    };
    STAVE_RETURN_IF_ERROR(read_what_is_readable(**segment, file.length, on_record, nullptr));
  }
  STAVE_RETURN_IF_ERROR(restore_to(UINT64_MAX, UINT64_MAX));
  report_.tombstones_restored += restored;
  std::string text = name_of(file) + ": ";
  if (out.records() == 0) {
    ++(file.present ? report_.files_left_out : report_.files_missing);
    say(text + (file.present ? "left out, nothing in it can be read" : "missing"));
    return env_->fs.unlink(env_->path(data_file_name(header.file_id)));
  }
  ++(file.present ? report_.files_rewritten : report_.files_missing);
  Made made{header, {}};
  STAVE_RETURN_IF_ERROR(out.finish(&made.entry));
  made_.push_back(made);
  say(text + std::to_string(out.records()) + " operations now in " +
      data_file_name(header.file_id) + "; " + std::to_string(file.found.lost.size()) +
      (file.found.lost.size() == 1 ? " damaged place" : " damaged places") +
      (restored != 0 ? "; " + std::to_string(restored) + " tombstones from its hint" : "") +
      (torn != 0 ? "; " + std::to_string(torn) + " operations of a torn batch left out" : ""));
  return {};
}

Status Repair::settle_hint(const RepairFile& file) {
  auto segment = survey_.open(file);
  if (!segment.ok()) return segment.status();
  std::string why;
  STAVE_RETURN_IF_ERROR(check_hint(*env_, *segment, &why));
  if (why.empty()) return {};
  STAVE_RETURN_IF_ERROR(rebuild_hint(*env_, **segment));
  ++report_.hints_rebuilt;
  say(why + "; made again");
  return {};
}

Status Repair::settle_hints() {
  const bool all = survey_.broken();  // else only those that an open would look at
  OrderedFiles sealed;
  for (const RepairFile& f : survey_.files) {
    if (f.fate != FileFate::keep || f.found.records == 0) continue;
    if (!all && !f.entry.sealed) continue;
    STAVE_RETURN_IF_ERROR(settle_hint(f));
    if (!all) sealed.push_back(hint_only(env_, f.header, f.length));
  }
  if (all) return {};
  std::string broken_by;
  STAVE_RETURN_IF_ERROR(check_order(*env_, sealed, &broken_by));
  if (!broken_by.empty()) {
    survey_.problems.push_back(broken_by);
    return settle_hints();  // of the others, too
  }
  return report_.hints_rebuilt != 0 ? env_->fs.sync_dir(env_->dir) : Status();
}

Status Repair::settle_order() {
  OrderedFiles files;
  for (const Made& m : made_) files.push_back(hint_only(env_, m.header, m.entry.length));
  std::string broken_by;
  STAVE_RETURN_IF_ERROR(check_order(*env_, files, &broken_by));
  if (broken_by.empty()) return {};
  say(broken_by + ": all files are merged by key");
  report_.reordered = true;
  for (const RepairFile& f : survey_.files) {
    if (f.fate == FileFate::keep) STAVE_RETURN_IF_ERROR(quarantine(name_of(f)));
  }
  made_.clear();
  return merge_by_key(
      env_, files, [this](Origin origin) { return new_header(origin); },
      [this](const FileHeader& header, const ManifestFile& entry) {
        made_.push_back({header, entry});
        say(data_file_name(header.file_id) + ": made");
      });
}

Status Repair::switch_manifest() {
  uint64_t last_seq = 0;
  for (const Made& m : made_) {
    next_.files.push_back(m.entry);
    last_seq = std::max(last_seq, m.entry.last_seq);
  }
  report_.last_seq = last_seq;
  report_.files = made_.size();
  ++next_.generation;
  // What was not durable is so now; of an overlay only if it was before.
  next_.clean = originals_ == Originals::quarantined || survey_.closed;
  next_.lock_inode = lock_inode_;
  next_.seq_floor =
      std::max(next_.seq_floor, last_seq + 1 + (survey_.manifest_found ? 0 : kSeqAhead));
  // What is lost, or was taken out of its batch, must not be missed by a feed in silence.
  next_.feed_floor = std::max(next_.feed_floor, last_seq);
  if (!survey_.manifest_found) next_.clock_high_ms = env_->clock.now_ms();
  tell_doubts();
  STAVE_RETURN_IF_ERROR(write_report());
  // Of another lineage now, so that it would be ignored; without it there is nothing to wonder at.
  const Status keydir = env_->fs.unlink(env_->path("KEYDIR"));
  if (!keydir.ok() && !keydir.is(Code::not_found)) return keydir;
  bool uncertain = false;
  STAVE_RETURN_IF_ERROR(save_manifest(*env_, next_, &uncertain));
  clean_up(next_);
  return {};
}

// Repeated by the next writer, so that a failure does no harm.
void Repair::clean_up(const Manifest& now) {
  const Status s = remove_leftovers(*env_, now);
  if (!s.ok()) env_->log.write(LogLevel::warn, "repair: " + s.message());
  if (originals_ == Originals::untouched) return;
  for (const RepairFile& f : survey_.files) {
    // A file that quarantine/ may share keeps its bytes.
    const bool listed = std::any_of(now.files.begin(), now.files.end(),
                                    [&](const ManifestFile& m) { return m.id == f.id; });
    if (!listed || f.size <= f.length || quarantined_.contains(name_of(f))) continue;
    auto file = env_->fs.open(env_->path(name_of(f)), Access::write);
    if (file.ok()) (void)(*file)->truncate(f.length);
  }
}

}  // namespace stave
