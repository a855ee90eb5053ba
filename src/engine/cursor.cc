#include "engine/cursor.h"

#include <utility>

#include "base/check.h"

namespace stave {

namespace {
// Big-endian with zeros behind a short key: differing words order as their keys do.
uint64_t first_word(Bytes key) {
  char bytes[8] = {};
  std::memcpy(bytes, key.data(), key.size() < sizeof bytes ? key.size() : sizeof bytes);
  return __builtin_bswap64(load_le<uint64_t>(bytes));
}
}  // namespace

MergingCursor::MergingCursor(std::vector<std::unique_ptr<Cursor>> sources)
    : sources_(std::move(sources)) {}

void MergingCursor::seek(Bytes key) {
  for (const auto& source : sources_) source->seek(key);
  heap_.clear();
  started_ = false;
  status_ = {};
}

bool MergingCursor::before(const Head& a, const Head& b) {
  if (a.word != b.word) return a.word < b.word;
  const HintEntry& left = a.source->entry();
  const HintEntry& right = b.source->entry();
  const int order = left.key.compare(right.key);
  return order != 0 ? order < 0 : left.seq > right.seq;
}

bool MergingCursor::advance(Head* head) {
  if (!head->source->next()) return false;
  head->word = first_word(head->source->entry().key);
  return true;
}

void MergingCursor::fill_heap() {
  started_ = true;
  for (const auto& source : sources_) {
    Head head{0, source.get()};
    if (advance(&head)) {
      heap_.push_back(head);
    } else if (!source->status().ok()) {
      status_ = source->status();
    }
  }
  for (size_t i = heap_.size() / 2; i-- > 0;) sift_down(i);
}

void MergingCursor::sift_down(size_t hole) {
  const Head moving = heap_[hole];
  for (size_t child; (child = 2 * hole + 1) < heap_.size(); hole = child) {
    if (child + 1 < heap_.size() && before(heap_[child + 1], heap_[child])) ++child;
    if (!before(heap_[child], moving)) break;
    heap_[hole] = heap_[child];
  }
  heap_[hole] = moving;
}

bool MergingCursor::next() {
  if (!started_) {
    fill_heap();
  } else if (status_.ok() && !heap_.empty()) {
    if (!advance(&heap_[0])) {
      status_ = heap_[0].source->status();
      heap_[0] = heap_.back();
      heap_.pop_back();
    }
    if (!heap_.empty()) sift_down(0);
  }
  return status_.ok() && !heap_.empty();
}

const HintEntry& MergingCursor::entry() const {
  STAVE_CHECK(!heap_.empty());
  return heap_[0].source->entry();
}

const std::shared_ptr<Segment>& MergingCursor::segment() const {
  STAVE_CHECK(!heap_.empty());
  return heap_[0].source->segment();
}

}  // namespace stave
