// A whole hint file, decoded part by part as an engine would, for tests.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "format/hint.h"
#include "support/cmocka.h"

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

struct ReadEntry {
  OwnedEntry entry;
  uint64_t shared;
  friend bool operator==(const ReadEntry&, const ReadEntry&) = default;
};

struct ReadBlock {
  std::vector<ReadEntry> entries;
  bool damaged = false;
  size_t at_once = 0;  // of the entries
  friend bool operator==(const ReadBlock& a, const ReadBlock& b) {
    return a.entries == b.entries && a.damaged == b.damaged;
  }
};

// By next() alone with `most` 0, or else by next_some(most), too, wherever it gives something;
// `room` bytes are left for the keys of a call.
inline ReadBlock read_block(Bytes block, size_t most, size_t room = 1000) {
  ReadBlock all;
  HintBlockReader reader(block);
  std::vector<HintEntry> some(most);
  std::vector<uint64_t> shared(most);
  while (reader.next()) {
    all.entries.push_back({own(reader.entry()), reader.shared()});
    if (most == 0) continue;
    GrowingBytes keys;
    (void)keys.extend(room);
    keys.shrink(keys.size() + keys.room() - room);
    const size_t n = reader.next_some(most, some.data(), shared.data(), &keys);
    for (size_t i = 0; i < n; ++i) all.entries.push_back({own(some[i]), shared[i]});
    if (n == 0) continue;
    all.at_once += n;
    assert_true(ReadEntry({own(reader.entry()), reader.shared()}) == all.entries.back());
  }
  all.damaged = reader.damaged();
  return all;
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
