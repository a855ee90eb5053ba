#include "engine/repair_survey.h"

#include <algorithm>
#include <array>
#include <map>

#include "engine/catalog.h"
#include "engine/log_scan.h"
#include "engine/repair_salt.h"

namespace stave {
namespace {

constexpr uint64_t kManifestMax = 256ULL << 20;

std::string plural(uint64_t n, const char* what) {
  return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
}

}  // namespace

Result<std::shared_ptr<Segment>> RepairSurvey::open(const RepairFile& file) const {
  FileHeader header = file.header;
  header.file_id = file.id;  // its name
  auto opened = env_->fs.open(env_->path(data_file_name(file.id)), Access::read);
  if (!opened.ok()) return opened.status();
  auto segment = std::make_shared<Segment>(env_, header, Extent{});
  STAVE_RETURN_IF_ERROR(
      segment->attach(std::make_unique<ForgivingFile>(opened.take()), 0, Access::read));
  segment->publish_tail(file.length);
  segment->set_sealed();
  return segment;
}

// ---- MANIFEST

Status RepairSurvey::find_manifest() {
  auto loaded = load_manifest(*env_);
  const Status& s = loaded.status();
  manifest_there_ = !s.is(Code::not_found);
  if (loaded.ok()) {
    manifest = loaded.take();
    manifest_found = true;
    closed = manifest.clean;
    return {};
  }
  if (!s.is(Code::not_found) && !s.is(Code::corrupt) && !s.is(Code::io)) return s;
  STAVE_RETURN_IF_ERROR(try_next_manifest());
  if (!manifest_found) manifest = {};
  return {};
}

// One that was written and synced, but not yet renamed, lists files that are all there.
Status RepairSurvey::try_next_manifest() {
  const std::string path = env_->path("MANIFEST.new");
  auto text = read_file(env_->fs, path, kManifestMax);
  if (!text.ok() || !decode_manifest(*text, path, &manifest).ok()) return {};
  for (const ManifestFile& f : manifest.files) {
    auto there = env_->fs.exists(env_->path(data_file_name(f.id)));
    if (!there.ok()) return there.status();
    if (!*there) return {};
  }
  manifest_found = true;
  problems.push_back(env_->path("MANIFEST") +
                     " is missing or damaged; MANIFEST.new is whole and takes its place");
  return {};
}

// ---- Files

Status RepairSurvey::find_files() {
  auto names = env_->fs.list(env_->dir);
  if (!names.ok()) return names.status();
  names_ = names.take();
  std::map<uint64_t, bool> ids;  // present: the data file
  for (const std::string& name : names_) {
    uint64_t id = 0;
    if (parse_data_file_name(name, &id)) ids[id] = true;
    if (parse_data_file_name(name, &id) || parse_hint_file_name(name, &id)) {
      id_max = std::max(id_max, id);
    }
  }
  for (const ManifestFile& entry : manifest.files) {
    RepairFile f;
    f.id = entry.id;
    f.listed = true;
    f.entry = entry;
    f.present = ids.erase(entry.id) != 0;
    f.was_complete = entry.sealed || entry.length != 0;
    id_max = std::max(id_max, f.id);
    files.push_back(std::move(f));
  }
  for (const auto& [id, present] : ids) {
    RepairFile f;
    f.id = id;
    f.present = present;
    files.push_back(std::move(f));
  }
  for (RepairFile& f : files) STAVE_RETURN_IF_ERROR(look_at(f));
  return {};
}

Status RepairSurvey::read_hint_footer(RepairFile& file) const {
  const std::string path = env_->path(hint_file_name(file.id));
  auto hint = env_->fs.open(path, Access::read);
  if (hint.status().is(Code::not_found) || hint.status().is(Code::io)) return {};
  if (!hint.ok()) return hint.status();
  auto size = (*hint)->size();
  if (!size.ok() || *size < kHintFooterSize) return {};
  std::string bytes(kHintFooterSize, '\0');
  size_t got = 0;
  HintFooter footer;
  if (!(*hint)->read(*size - kHintFooterSize, bytes.data(), bytes.size(), &got).ok()) return {};
  if (decode_hint_footer(Bytes(bytes.data(), got), *size, path, &footer).ok() &&
      footer.summary.file_id == file.id) {
    file.hint = footer.summary;
  }
  return {};
}

// Its header, if there is a good one, and what its hint says.
Status RepairSurvey::look_at(RepairFile& file) {
  STAVE_RETURN_IF_ERROR(read_hint_footer(file));
  const std::string path = env_->path(data_file_name(file.id));
  if (!file.present) {
    file.fate = FileFate::leave_out;
    file.why = path + " is listed in MANIFEST and missing";
    return {};
  }
  auto segment = open(file);
  if (!segment.ok()) return segment.status();
  auto size = (*segment)->file().size();
  if (!size.ok()) return size.status();
  file.size = file.length = *size;
  std::array<char, kFileHeaderSize> bytes{};
  size_t got = 0;
  STAVE_RETURN_IF_ERROR((*segment)->file().read(0, bytes.data(), bytes.size(), &got));
  FileHeader header;
  const Status s = decode_file_header(Bytes(bytes.data(), got), path, &header);
  if (s.is(Code::unsupported)) return s;
  if (s.ok()) {
    file.header = header;
    return {};
  }
  file.why = s.message();
  file.header_damaged = true;
  file.header = {};
  const auto origin = load_le<uint32_t>(bytes.data() + 12);
  const bool log = origin == static_cast<uint32_t>(Origin::log);
  file.header.origin = file.listed ? file.entry.origin : log ? Origin::log : Origin::merge;
  file.salt_there = load_le<uint32_t>(bytes.data() + 48);
  return {};
}

void RepairSurvey::choose_uuid() {
  if (manifest_found) return;
  std::map<Uuid, size_t> count;
  size_t most = 0;
  for (const RepairFile& f : files) {
    if (!f.present || f.header_damaged) continue;
    const size_t n = ++count[f.header.uuid];
    if (n <= most) continue;
    most = n;
    manifest.uuid = f.header.uuid;
  }
}

// Whether the file is this store's, and how its records are to be checked.
Status RepairSurvey::identify(RepairFile& file) const {
  const std::string path = env_->path(data_file_name(file.id));
  if (file.header_damaged) return find_salt(file);
  if (file.header.uuid != manifest.uuid) {
    file.fate = FileFate::leave_out;
    file.why = path + " belongs to another store (" + uuid_text(file.header.uuid) + ")";
  } else if (file.header.file_id != file.id) {
    file.why = path + " has the header of file " + std::to_string(file.header.file_id);
  } else if (file.listed && file.header.origin != file.entry.origin) {
    file.why = path + ": MANIFEST and its header differ on its origin";
  }
  return {};
}

Status RepairSurvey::find_salt(RepairFile& file) const {
  file.header.file_id = file.id;
  file.header.uuid = manifest.uuid;
  auto raw = open(file);
  if (!raw.ok()) return raw.status();
  std::vector<uint32_t> candidates;
  if (file.hint) candidates.push_back(file.hint->salt);
  candidates.push_back(file.salt_there);
  std::optional<uint32_t> derived;
  for (size_t i = 0; i <= candidates.size(); ++i) {
    if (i == candidates.size()) {
      STAVE_RETURN_IF_ERROR(derive_salt((*raw)->file(), file.size, &derived));
      if (!derived) break;
      candidates.push_back(*derived);
    }
    file.header.salt = candidates[i];
    if (candidates[i] == 0) continue;
    auto segment = open(file);
    if (!segment.ok()) return segment.status();
    RepairFindings found;
    const auto one_is_enough = [](const ReadableRecord&) { return Status::answer(Code::done); };
    const Status s = read_what_is_readable(**segment, file.size, one_is_enough, &found);
    if (s.is(Code::done)) return {};
    STAVE_RETURN_IF_ERROR(s);
    if (derived) break;
  }
  file.header.salt = 0;
  uint64_t end = 0;
  STAVE_RETURN_IF_ERROR(find_nonzero_end((*raw)->file(), kFileHeaderSize, file.size, &end));
  const bool empty = end == kFileHeaderSize && (!file.listed || file.entry.length <= end);
  file.fate = empty ? FileFate::drop : FileFate::leave_out;
  if (!empty) file.why += ", and no record in it can be checked";
  return {};
}

Status RepairSurvey::find_log_end() {
  SegmentList unsealed;
  std::vector<RepairFile*> of;
  uint64_t sealed_last = 0;
  for (RepairFile& f : files) {
    if (!f.listed) continue;
    if (f.was_complete) {
      sealed_last = std::max(sealed_last, f.entry.last_seq);
      continue;
    }
    if (!f.why.empty() || f.fate != FileFate::keep) return {};  // the log has a hole anyway
    auto segment = open(f);
    if (!segment.ok()) return segment.status();
    unsealed.push_back(segment.take());
    of.push_back(&f);
  }
  LogScan scan;
  const Status s = scan_log(unsealed, sealed_last, manifest.seq_floor, LogWriter::gone, &scan);
  if (s.is(Code::corrupt)) {
    problems.push_back(s.message());
    return {};
  }
  STAVE_RETURN_IF_ERROR(s);
  for (size_t i = 0; i < of.size(); ++i) {
    of[i]->length = scan.files[i].end;
    of[i]->was_complete = true;
    of[i]->tail_cut = scan.cut && i >= scan.cut_file;
  }
  return {};
}

void RepairSurvey::sort_by_numbers() {
  std::stable_sort(files.begin(), files.end(), [](const RepairFile& a, const RepairFile& b) {
    const bool a_out = a.fate == FileFate::leave_out;
    const bool b_out = b.fate == FileFate::leave_out;
    if (a_out != b_out) return b_out;
    return a.found.last_seq < b.found.last_seq;
  });
}

Status RepairSurvey::run() {
  STAVE_RETURN_IF_ERROR(find_manifest());
  STAVE_RETURN_IF_ERROR(find_files());
  if (!manifest_found) {
    if (files.empty() && !manifest_there_) {
      return {Code::no_store, env_->dir + " holds no store"};
    }
    problems.push_back(env_->path("MANIFEST") + (manifest_there_ ? " is damaged" : " is missing") +
                       ": made again from " + plural(files.size(), "data file"));
  }
  choose_uuid();
  for (RepairFile& f : files) {
    if (!f.present) {
      problems.push_back(f.why);
    } else if (f.listed || !manifest_found) {
      STAVE_RETURN_IF_ERROR(identify(f));
    } else {
      f.fate = FileFate::leave_out;
      f.why = env_->path(data_file_name(f.id)) + " is not listed in MANIFEST";
      notes.push_back(f.why);
    }
  }
  if (manifest_found) STAVE_RETURN_IF_ERROR(find_log_end());
  for (RepairFile& f : files) {
    if (f.fate == FileFate::keep) STAVE_RETURN_IF_ERROR(scan(f));
  }
  find_neighbours();
  for (RepairFile& f : files) {
    if (f.present && (f.listed || !manifest_found)) STAVE_RETURN_IF_ERROR(judge(f));
  }
  for (const RepairFile& f : files) {
    const bool possible = !manifest_found || f.found.claim < manifest.seq_floor;
    if (possible) promised = std::max(promised, f.found.claim);
  }
  if (!manifest_found) sort_by_numbers();
  return {};
}

}  // namespace stave
