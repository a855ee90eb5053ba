// A whole hint file, decoded part by part as an engine would, for tests.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "format/hint.h"

namespace stave::test {

struct OwnedEntry {
  std::string key;
  Kind kind = Kind::put;
  uint64_t seq = 0;
  uint64_t offset = 0;
  uint32_t value_length = 0;
  uint64_t expires_at_ms = 0;
  friend bool operator==(const OwnedEntry&, const OwnedEntry&) = default;
};

inline HintEntry lend(const OwnedEntry& e) {
  return {e.key, e.kind, e.seq, e.offset, e.value_length, e.expires_at_ms};
}

inline OwnedEntry own(const HintEntry& e) {
  return {std::string(e.key), e.kind, e.seq, e.offset, e.value_length, e.expires_at_ms};
}

struct WholeHint {
  HintFooter footer;
  HintIndex blocks;
  std::vector<HintRangeTombstone> ranges;
  std::vector<OwnedEntry> entries;
};

inline Bytes section(Bytes file, uint64_t offset, uint64_t length) {
  return file.substr(offset, length);
}

// Nothing unless every part of the file is sound.
inline std::optional<WholeHint> read_hint(Bytes file) {
  WholeHint h;
  const HintFooter& f = h.footer;
  if (!decode_hint_footer(file, file.size(), "h", &h.footer).ok()) return {};
  if (!decode_hint_index(section(file, f.index_offset, f.index_length), "h", &h.blocks).ok() ||
      !decode_hint_ranges(section(file, f.ranges_offset, f.ranges_length), "h", &h.ranges).ok()) {
    return {};
  }
  if (HintFilter(section(file, f.filter_offset, f.filter_length), f.summary.salt).damaged()) {
    return {};
  }
  uint64_t end = 0;
  for (const HintBlock& b : h.blocks) {
    if (b.offset != end || b.length > f.ranges_offset - end) return {};
    end += b.length;
    HintBlockReader reader(section(file, b.offset, b.length));
    while (reader.next()) h.entries.push_back(own(reader.entry()));
    if (reader.damaged()) return {};
  }
  if (end != f.ranges_offset || h.entries.size() != f.summary.entries) return {};
  return h;
}

}  // namespace stave::test
