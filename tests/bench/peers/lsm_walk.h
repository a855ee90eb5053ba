// A walk over LevelDB or RocksDB, whose iterators have one interface.
#pragma once

#include <memory>
#include <string_view>

#include "bench/engine.h"

namespace stave::bench {

// Check is called with the iterator's status at its end.
template <typename Iterator, typename Check>
class LsmWalk : public Walk {
 public:
  LsmWalk(Iterator* iterator, Direction direction, Wanted wanted, Check check)
      : iterator_(iterator), direction_(direction), wanted_(wanted), check_(check) {}

  bool next(Entry* entry) override {
    const bool up = direction_ == Direction::up;
    if (!started_) {
      up ? iterator_->SeekToFirst() : iterator_->SeekToLast();
      started_ = true;
    } else {
      up ? iterator_->Next() : iterator_->Prev();
    }
    return take(entry);
  }
  bool seek(std::string_view key, Entry* entry) override {
    iterator_->Seek({key.data(), key.size()});
    started_ = true;
    return take(entry);
  }

 private:
  bool take(Entry* entry) {
    if (!iterator_->Valid()) {
      check_(iterator_->status(), "next");
      return false;
    }
    const auto key = iterator_->key();
    entry->key = {key.data(), key.size()};
    if (wanted_ == Wanted::keys) return true;
    const auto value = iterator_->value();
    entry->value = {value.data(), value.size()};
    return true;
  }

  const std::unique_ptr<Iterator> iterator_;
  const Direction direction_;
  const Wanted wanted_;
  const Check check_;
  bool started_ = false;
};

}  // namespace stave::bench
