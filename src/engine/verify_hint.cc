// Verify: hints against the data that they are derived from.

#include <algorithm>

#include "engine/hint_file.h"
#include "engine/tail_index.h"
#include "engine/verify.h"

namespace stave {
namespace {

// Sorted hints stand in for runs in memory, at the price of a descriptor each.
constexpr size_t kHintCursorsMax = 128;

std::string differs(const Segment& segment, uint64_t offset) {
  return segment.hint_path() + ": differs from the data for the record at offset " +
         std::to_string(offset);
}

bool within(const std::vector<Damage>& damaged, uint64_t offset) {
  const auto behind = std::upper_bound(damaged.begin(), damaged.end(), offset,
                                       [](uint64_t at, const Damage& d) { return at < d.offset; });
  return behind != damaged.begin() && offset < (behind - 1)->offset + (behind - 1)->length;
}

}  // namespace

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

Result<std::shared_ptr<HintFile>> Verifier::open_hint(const std::shared_ptr<Segment>& segment) {
  auto hint = HintFile::open(*store_.env_, segment);
  if (hint.status().is(Code::too_many_files) || hint.status().is(Code::no_memory)) return hint;
  if (!hint.ok()) {
    // A writer at work may have merged the file away, and its hint with it.
    auto data = store_.env_->fs.exists(segment->path());
    if (!hint.status().is(Code::not_found) || !data.ok() || *data) {
      no_hint(hint.status().message());
    }
    return std::shared_ptr<HintFile>();
  }
  ++report_.hints;
  return hint;
}

void Verifier::check_hint_ranges(const Segment& segment, const HintFile& hint, const Run& run) {
  const auto equal = [](const HintRangeTombstone& a, const HintRangeTombstone& b) {
    return a.seq == b.seq && a.offset == b.offset && a.from == b.from && a.to == b.to;
  };
  if (std::is_permutation(hint.ranges().begin(), hint.ranges().end(), run.ranges.begin(),
                          run.ranges.end(), equal)) {
    return;
  }
  lying_hint(segment.hint_path() + ": its range tombstones differ from the data's");
}

void Verifier::lend_cursor(HintFile& hint, std::unique_ptr<Cursor>* sorted) {
  if (hint_cursors_ >= kHintCursorsMax) return;
  ++hint_cursors_;
  *sorted = hint.cursor();
}

// Entry by entry against the newest operation on each key in the data.
Status Verifier::check_hint(const std::shared_ptr<Segment>& segment,
                            const std::shared_ptr<const Run>& run,
                            std::unique_ptr<Cursor>* sorted) {
  auto hint = open_hint(segment);
  if (!hint.ok()) return hint.status();
  if (!*hint) return {};
  check_hint_ranges(*segment, **hint, *run);
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
        lying_hint(differs(*segment, d.offset));
      }
      return {};
    }
  }
  if (!data->status().ok()) return data->status();
  if (entries->next()) {
    lying_hint(segment->hint_path() + ": has entries that the data has not");
  } else if (!entries->status().ok()) {
    no_hint(entries->status().message());
  } else {
    lend_cursor(**hint, sorted);
  }
  return {};
}

// Entry by entry against the record that it names, where that can be read. An operation without
// an entry would not be noticed: but the hint is whole by its own checksums.
Status Verifier::check_hint_of_damaged(const std::shared_ptr<Segment>& segment,
                                       const std::vector<Damage>& damaged,
                                       std::unique_ptr<Cursor>* sorted) {
  auto hint = open_hint(segment);
  if (!hint.ok()) return hint.status();
  if (!*hint) return {};
  take_ranges((*hint)->ranges());
  const auto entries = (*hint)->cursor();
  std::string bytes;
  while (entries->next()) {
    STAVE_RETURN_IF_ERROR(cancelled());
    const HintEntry& e = entries->entry();
    if (within(damaged, e.offset)) continue;
    Record r;
    if (read_record(*segment, e.offset, &bytes, &r) && r.key == e.key && r.kind == e.kind &&
        r.seq == e.seq && r.value.size() == e.value_length && r.expires_at_ms == e.expires_at_ms) {
      continue;
    }
    lying_hint(differs(*segment, e.offset));
    return {};
  }
  if (!entries->status().ok()) {
    no_hint(entries->status().message());
    return {};
  }
  lend_cursor(**hint, sorted);
  return {};
}

}  // namespace stave
