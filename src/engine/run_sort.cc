// Sorting a run: radix sort on seven bytes of the key at a time, after the prefix that all keys
// of a group share, since keys of one application mostly begin alike. Building a run so costs
// 26-54 ns an operation; with std::sort on the seven bytes 63-100, on keys in memory 276-283.
#include <algorithm>
#include <array>
#include <span>

#include "base/key_code.h"
#include "engine/run.h"

namespace stave {
namespace {

constexpr size_t kWordBytes = 7;  // the eighth says how many of them are the key's
constexpr uint64_t kLengthMask = 0xff;
constexpr size_t kCompareBelow = 24;  // groups so small are sorted by comparing keys
constexpr size_t kRadixFrom = 512;
constexpr unsigned kLevelsMax = 32;  // of recursion; keys that are still alike are compared

// Bytes of a word are sorted by until there would be so many values for each item. Few items are
// then alike in them, and put into order by comparing.
constexpr size_t kValuesPerItem = 16;

// Bytes of the key from `depth` on, so that words compare as the keys do: big-endian, zeros
// behind a short key's end, then how many bytes there are (255: more than the word holds).
uint64_t word_of(Bytes key, size_t depth) {
  const char* from = key.data() + depth;
  const size_t left = key.size() - depth;
  if (left > kWordBytes) return __builtin_bswap64(load_le<uint64_t>(from)) | kLengthMask;
  if (left == 0) return 0;
  // The eight bytes that end with the key: the head before it makes that safe.
  const uint64_t last = __builtin_bswap64(load_le<uint64_t>(from + left - 8));
  return last << (8 * (8 - left)) | left;
}

bool by_word(const SortItem& a, const SortItem& b) { return a.word < b.word; }

class RunSorter {
 public:
  RunSorter(const char* base, PageVector<SortItem>& scratch) : base_(base), scratch_(scratch) {}

  // All begin with `depth` bytes alike; the words from `fresh` on are of that depth.
  void sort(std::span<SortItem> items, size_t depth, size_t fresh) {
    for (SortItem& i : items.first(fresh)) i.word = word_of(key_of(i), depth);
    sort_alike(items.data(), items.data() + items.size(), depth, 0);
  }

 private:
  [[nodiscard]] Bytes key_of(const SortItem& i) const {
    const uint64_t start = kRecordHeaderSize + (i.key & SortItem::kKeyAfterExpiry ? 8 : 0);
    return {base_ + i.place * kRecordAlign + start, i.key & 0xffff};
  }

  [[nodiscard]] size_t depth_of(const SortItem* begin, const SortItem* end, size_t depth) const {
    const Bytes first = key_of(*begin);
    size_t common = first.size();
    for (const SortItem* i = begin + 1; i != end && common > depth; ++i) {
      common = depth + common_prefix(first.substr(depth, common - depth), key_of(*i).substr(depth));
    }
    return common;
  }

  void compare_sort(SortItem* begin, SortItem* end) const {
    std::sort(begin, end, [this](const SortItem& a, const SortItem& b) {
      const int order = key_of(a).compare(key_of(b));
      return order != 0 ? order < 0 : a.place > b.place;
    });
  }

  void sort_words(SortItem* begin, SortItem* end) {
    if (std::is_sorted(begin, end, by_word)) return;
    if (static_cast<size_t>(end - begin) >= kRadixFrom) return radix_sort(begin, end);
    std::sort(begin, end, by_word);
  }

  void sort_group(SortItem* begin, SortItem* end, size_t depth, unsigned level) {
    if (end - begin < 2) return;
    if (static_cast<size_t>(end - begin) < kCompareBelow || level == kLevelsMax) {
      return compare_sort(begin, end);
    }
    depth = depth_of(begin, end, depth);
    for (SortItem* i = begin; i != end; ++i) i->word = word_of(key_of(*i), depth);
    sort_alike(begin, end, depth, level);
  }

  void sort_alike(SortItem* begin, SortItem* end, size_t depth, unsigned level) {
    sort_words(begin, end);
    for (SortItem* group = begin; group != end;) {
      SortItem* const from = group;
      while (group != end && group->word == from->word) ++group;
      if (group - from < 2) continue;
      if ((from->word & kLengthMask) == kLengthMask) {
        sort_group(from, group, depth + kWordBytes, level + 1);
      } else {  // one key
        std::sort(from, group,
                  [](const SortItem& a, const SortItem& b) { return a.place > b.place; });
      }
    }
  }

  // Least significant byte first; bytes that are the same everywhere cost nothing.
  void radix_sort(SortItem* begin, SortItem* end) {
    const auto n = static_cast<size_t>(end - begin);
    Counts counts{};
    for (const SortItem* i = begin; i != end; ++i) {
      for (unsigned byte = 0; byte < 8; ++byte) ++counts[byte][i->word >> (8 * byte) & 0xff];
    }
    if (scratch_.size() < n) scratch_.resize(n);
    SortItem* from = begin;
    SortItem* to = scratch_.data();
    const unsigned lowest = lowest_byte(counts, n);
    for (unsigned byte = lowest; byte < 8; ++byte) {
      std::array<uint32_t, 256>& places = counts[byte];
      if (places[from->word >> (8 * byte) & 0xff] == n) continue;
      uint32_t sum = 0;
      for (uint32_t& p : places) sum += std::exchange(p, sum);
      for (const SortItem* i = from; i != from + n; ++i) {
        to[places[i->word >> (8 * byte) & 0xff]++] = *i;
      }
      std::swap(from, to);
    }
    if (from != begin) std::copy(from, from + n, begin);
    if (lowest != 0) sort_low_bytes(begin, end, lowest);
  }

  using Counts = std::array<std::array<uint32_t, 256>, 8>;

  // From which byte on there are values enough to tell nearly all items apart.
  static unsigned lowest_byte(const Counts& counts, size_t n) {
    size_t values = 1;
    unsigned byte = 8;
    while (byte > 0 && values < n * kValuesPerItem) {
      --byte;
      const auto zeros = std::count(counts[byte].begin(), counts[byte].end(), 0U);
      values *= 256 - static_cast<size_t>(zeros);
    }
    return byte;
  }

  // The items are in the order of their words' bytes from `lowest` on.
  static void sort_low_bytes(SortItem* begin, SortItem* end, unsigned lowest) {
    const unsigned shift = 8 * lowest;
    for (SortItem* group = begin; group != end;) {
      SortItem* const from = group++;
      while (group != end && group->word >> shift == from->word >> shift) ++group;
      if (group - from > 1) std::sort(from, group, by_word);
    }
  }

  const char* const base_;
  PageVector<SortItem>& scratch_;
};

}  // namespace

void RunSort::add(Bytes key, bool after_expiry, uint32_t place) {
  if (items_.empty()) {
    first_key_.assign(key);
    depth_ = key.size();
    stale_ = 0;
  } else if (depth_ != 0) {
    const size_t shared = common_prefix(Bytes(first_key_).substr(0, depth_), key);
    if (shared != depth_) {
      depth_ = shared;
      stale_ = items_.size();
    }
  }
  const auto length = static_cast<uint32_t>(key.size());
  items_.push_back(
      {word_of(key, depth_), place, after_expiry ? length | SortItem::kKeyAfterExpiry : length});
}

void RunSort::sort(const char* base) { RunSorter(base, scratch_).sort(items_, depth_, stale_); }

}  // namespace stave
