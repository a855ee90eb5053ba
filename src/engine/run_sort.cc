// Sorting a run: radix sort on seven bytes of the key at a time, after the prefix that all keys
// of a group share, since keys of one application mostly begin alike. Building a run so costs
// 26-54 ns an operation; with std::sort on the seven bytes 63-100, on keys in memory 276-283.
#include <algorithm>
#include <array>

#include "engine/run.h"

namespace stave {
namespace {

constexpr size_t kWordBytes = 7;  // the eighth says how many of them are the key's
constexpr uint64_t kLengthMask = 0xff;
constexpr size_t kCompareBelow = 24;  // groups so small are sorted by comparing keys
constexpr size_t kRadixFrom = 512;
constexpr unsigned kLevelsMax = 32;  // of recursion; keys that are still alike are compared

class RunSorter {
 public:
  RunSorter(const char* base, std::span<SortItem> items) : base_(base), items_(items) {}
  void sort() { sort_group(items_.data(), items_.data() + items_.size(), 0, 0); }

 private:
  [[nodiscard]] Bytes key_of(const SortItem& i) const {
    const uint64_t start = kRecordHeaderSize + (i.key & SortItem::kKeyAfterExpiry ? 8 : 0);
    return {base_ + i.place * kRecordAlign + start, i.key & 0xffff};
  }

  // Bytes of the key from `depth` on, so that words compare as the keys do: big-endian, zeros
  // behind a short key's end, then how many bytes there are (255: more than the word holds).
  [[nodiscard]] uint64_t word_of(const SortItem& item, size_t depth) const {
    const Bytes key = key_of(item);
    const char* from = key.data() + depth;
    const size_t left = key.size() - depth;
    if (left > kWordBytes) return (__builtin_bswap64(load_le<uint64_t>(from)) | kLengthMask);
    if (left == 0) return 0;
    // The eight bytes that end with the key: the head before it makes that safe.
    const uint64_t last = __builtin_bswap64(load_le<uint64_t>(from + left - 8));
    return last << (8 * (8 - left)) | left;
  }

  [[nodiscard]] size_t common_prefix(const SortItem* begin, const SortItem* end,
                                     size_t depth) const {
    const Bytes first = key_of(*begin);
    size_t common = first.size();
    for (const SortItem* i = begin + 1; i != end && common > depth; ++i) {
      const Bytes key = key_of(*i);
      common = std::min(common, key.size());
      if (std::memcmp(first.data() + depth, key.data() + depth, common - depth) == 0) continue;
      common = static_cast<size_t>(
          std::mismatch(first.begin() + depth, first.begin() + common, key.begin() + depth).first -
          first.begin());
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
    if (static_cast<size_t>(end - begin) >= kRadixFrom) return radix_sort(begin, end);
    std::sort(begin, end, [](const SortItem& a, const SortItem& b) { return a.word < b.word; });
  }

  void sort_group(SortItem* begin, SortItem* end, size_t depth, unsigned level) {
    if (end - begin < 2) return;
    if (static_cast<size_t>(end - begin) < kCompareBelow || level == kLevelsMax) {
      return compare_sort(begin, end);
    }
    depth = common_prefix(begin, end, depth);
    for (SortItem* i = begin; i != end; ++i) i->word = word_of(*i, depth);
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
    std::array<std::array<uint32_t, 256>, 8> counts{};
    for (const SortItem* i = begin; i != end; ++i) {
      for (unsigned byte = 0; byte < 8; ++byte) ++counts[byte][i->word >> (8 * byte) & 0xff];
    }
    if (scratch_.size() < n) scratch_.resize(n);
    SortItem* from = begin;
    SortItem* to = scratch_.data();
    for (unsigned byte = 0; byte < 8; ++byte) {
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
  }

  const char* const base_;
  const std::span<SortItem> items_;
  PageVector<SortItem> scratch_;
};

}  // namespace

void sort_run(const char* base, std::span<SortItem> items) { RunSorter(base, items).sort(); }

}  // namespace stave
