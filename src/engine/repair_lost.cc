// What is lost, and what hints still know of it: an index outlives the records that it leads to.

#include <algorithm>

#include "engine/hint_file.h"
#include "engine/repair.h"

namespace stave {
namespace {

constexpr size_t kKeysNamed = 1000;  // for each file
constexpr size_t kKeyShown = 100;    // bytes

std::string printable(Bytes key) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string text = "\"";
  for (const char c : key.substr(0, kKeyShown)) {
    const auto byte = static_cast<uint8_t>(c);
    if (byte >= 0x20 && byte < 0x7f && c != '"' && c != '\\') {
      text += c;
    } else {
      text.append("\\x").append(1, kHex[byte >> 4]).append(1, kHex[byte & 15]);
    }
  }
  return text + (key.size() > kKeyShown ? "\"..." : "\"");
}

bool lost_at(const RepairFile& file, uint64_t offset) {
  if (file.fate == FileFate::leave_out) return true;
  const auto& lost = file.found.lost;
  const auto behind =
      std::upper_bound(lost.begin(), lost.end(), offset,
                       [](uint64_t at, const LostRegion& r) { return at < r.offset; });
  return behind != lost.begin() && offset < (behind - 1)->offset + (behind - 1)->length;
}

}  // namespace

void Repair::note_lost(const RepairFile& file) {
  report_.records += file.found.records;
  report_.bytes += file.found.bytes;
  report_.lost_regions += file.found.lost.size();
  for (size_t i = 0; i < file.found.lost.size(); ++i) {
    report_.lost_bytes += file.found.lost[i].length;
    uint64_t first = 0;
    uint64_t last = 0;
    if (lost_numbers(file, i, &first, &last)) report_.lost_operations += last - first + 1;
  }
}

Status Repair::find_lost(const RepairFile& file, std::vector<Tombstone>* out) {
  if (!file.hint) return {};
  FileHeader header = file.header;
  header.file_id = file.id;
  if (!file.present || file.fate == FileFate::leave_out) header.salt = file.hint->salt;
  auto hint = HintFile::open(*env_, hint_only(env_, header, file.hint->data_length));
  if (hint.status().is(Code::no_memory) || hint.status().is(Code::too_many_files)) {
    return hint.status();
  }
  if (!hint.ok()) return {};
  const auto entries = (*hint)->cursor();
  size_t named = 0;
  while (entries->next()) {
    const HintEntry& e = entries->entry();
    if (!lost_at(file, e.offset)) continue;
    if (e.kind == Kind::tombstone) {
      out->push_back({e.kind, std::string(e.key), "", e.seq, e.offset});
      continue;
    }
    ++report_.lost_keys;
    if (++named <= kKeysNamed) {
      say(data_file_name(file.id) + ": lost: operation " + std::to_string(e.seq) + " on key " +
          printable(e.key) + " (" + std::to_string(e.value_length) + " bytes)");
    }
  }
  if (named > kKeysNamed) {
    say(data_file_name(file.id) + ": lost: " + std::to_string(named - kKeysNamed) + " more keys");
  }
  for (const HintRangeTombstone& r : (*hint)->ranges()) {
    if (lost_at(file, r.offset)) {
      out->push_back({Kind::range_tombstone, r.from, r.to, r.seq, r.offset});
    }
  }
  std::sort(out->begin(), out->end(),
            [](const Tombstone& a, const Tombstone& b) { return a.offset < b.offset; });
  return {};
}

// What nobody can know, in so many words.
void Repair::tell_doubts() {
  const RepairReport& r = report_;
  say("read: " + std::to_string(r.records) + " operations, " + std::to_string(r.bytes) +
      " bytes; damaged: " + std::to_string(r.lost_regions) + " places, " +
      std::to_string(r.lost_bytes) + " bytes, " + std::to_string(r.lost_operations) +
      " operations missing by their numbers");
  const bool lost_files = r.files_missing != 0 || r.files_left_out != 0;
  if (r.lost_regions != 0 || lost_files) {
    say("what stood in damaged places and missing files may have been the newest operation on its "
        "key: such a key now has its older value, or one that had been deleted is back, unless a "
        "hint still knew the tombstone");
  }
  if (r.manifest_rebuilt) {
    say("without MANIFEST, files that a merge had replaced and not yet removed, and a tail that "
        "had been cut off, cannot be told from the others: keys that had been deleted may be back");
  }
  if (!r.quarantine.empty()) say("what was taken out of use is in " + r.quarantine);
}

}  // namespace stave
