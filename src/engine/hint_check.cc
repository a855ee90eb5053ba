#include "engine/hint_check.h"

#include "engine/hint_file.h"
#include "engine/run.h"
#include "engine/tail_index.h"

namespace stave {
namespace {

bool same(const HintEntry& a, const HintEntry& b) {
  return a.key == b.key && a.kind == b.kind && a.seq == b.seq && a.offset == b.offset &&
         a.value_length == b.value_length && a.expires_at_ms == b.expires_at_ms;
}

bool same_ranges(const std::vector<HintRangeTombstone>& a,
                 const std::vector<HintRangeTombstone>& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i].from != b[i].from || a[i].to != b[i].to || a[i].seq != b[i].seq) return false;
  }
  return true;
}

}  // namespace

Status check_hint(Env& env, const std::shared_ptr<Segment>& segment, std::string* why) {
  why->clear();
  auto run = build_run(*segment, kFileHeaderSize, segment->tail());
  if (!run.ok()) return run.status();
  auto hint = HintFile::open(env, segment);
  if (!hint.ok()) {
    const Status& s = hint.status();
    if (s.is(Code::too_many_files) || s.is(Code::no_memory)) return s;
    *why = s.message().empty() ? segment->hint_path() + ": not there" : s.message();
    return {};
  }
  const auto data = run_cursor(segment, *run);
  const auto entries = (*hint)->cursor();
  std::string last_key;
  bool first = true;
  while (data->next()) {
    const HintEntry& d = data->entry();
    if (!first && d.key == last_key) continue;  // an older operation on the same key
    first = false;
    last_key.assign(d.key);
    if (entries->next() && same(entries->entry(), d)) continue;
    *why = entries->status().ok()
               ? segment->hint_path() + ": differs from the data for the record at offset " +
                     std::to_string(d.offset)
               : entries->status().message();
    return {};
  }
  STAVE_RETURN_IF_ERROR(data->status());
  if (entries->next() || !same_ranges((*run)->ranges, (*hint)->ranges())) {
    *why = segment->hint_path() + ": has other entries than the data";
  } else if (!entries->status().ok()) {
    *why = entries->status().message();
  }
  return {};
}

}  // namespace stave
