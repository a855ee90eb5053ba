#include "engine/merge_hints.h"

namespace stave {
namespace {

Status rebuild(Env& env, Segment& segment, uint64_t* damaged) {
  env.log.write(LogLevel::warn, segment.hint_path() + ": missing or damaged; rebuilding it");
  const Status s = rebuild_hint(env, segment);
  if (s.is(Code::corrupt)) *damaged = segment.id();
  return s;
}

}  // namespace

Result<std::shared_ptr<HintFile>> open_merge_hint(Env& env, const std::shared_ptr<Segment>& segment,
                                                  uint64_t* damaged) {
  auto hint = HintFile::open(env, segment);
  if (hint.status().is(Code::not_found) || hint.status().is(Code::corrupt) ||
      hint.status().is(Code::unsupported)) {
    STAVE_RETURN_IF_ERROR(rebuild(env, *segment, damaged));
    hint = HintFile::open(env, segment);
  }
  if (hint.ok() && !(*hint)->ranges().empty()) {
    return Status(Code::unsupported, segment->path() + ": it holds range tombstones");
  }
  return hint;
}

Status repair_merge_hints(Env& env, const std::vector<std::shared_ptr<Segment>>& segments,
                          uint64_t* damaged) {
  for (const auto& segment : segments) {
    auto hint = open_merge_hint(env, segment, damaged);
    if (!hint.ok()) return hint.status();
    const auto cursor = (*hint)->cursor();
    while (cursor->next()) continue;
    if (cursor->status().is(Code::corrupt)) {
      STAVE_RETURN_IF_ERROR(rebuild(env, *segment, damaged));
    } else if (!cursor->status().ok()) {
      return cursor->status();
    }
  }
  return {};
}

}  // namespace stave
