#include "engine/forgiving_file.h"

#include <algorithm>
#include <cstring>

namespace stave {
namespace {

constexpr uint64_t kBlock = 4096;

}  // namespace

Status ForgivingFile::read(uint64_t offset, void* to, size_t n, size_t* got) {
  const Status whole = file().read(offset, to, n, got);
  if (!whole.is(Code::io)) return whole;
  auto have = file().size();
  if (!have.ok()) return have.status();
  const uint64_t end = std::max(offset, std::min<uint64_t>(offset + n, *have));
  for (uint64_t at = offset; at < end;) {
    const uint64_t step = std::min(kBlock - at % kBlock, end - at);
    char* const into = static_cast<char*>(to) + (at - offset);
    size_t part = 0;
    const Status s = file().read(at, into, step, &part);
    if (!s.ok() && !s.is(Code::io)) return s;
    if (!s.ok() || part != step) {
      std::memset(into, 0, step);
      ++unreadable_;
    }
    at += step;
  }
  *got = end - offset;
  return {};
}

}  // namespace stave
