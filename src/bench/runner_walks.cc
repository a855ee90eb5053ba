// The workloads in key order.
#include <algorithm>
#include <cstring>

#include "bench/runner.h"

namespace stave::bench {
namespace {

constexpr uint64_t kShortRange = 10;
constexpr uint64_t kRangeMax = 100;
constexpr uint64_t kFirstEntries = 1000;

// Takes what walks hand over: each is the right value of a record that was put, and comes after the
// one before. All bytes of all values are read, as a program would that wants them.
class Taker {
 public:
  Taker(Hand& hand, const Contents& contents, Direction direction = Direction::up,
        Wanted wanted = Wanted::values)
      : hand_(hand), contents_(contents), direction_(direction), wanted_(wanted) {}

  void restart() { last_.clear(); }

  void take(const Entry& entry) {
    uint64_t record = 0;
    if (!hand_.key.record_of(entry.key, &record) || record >= contents_.count) {
      throw WrongAnswer("a walk meets a key that was not put");
    }
    const bool comes_after = direction_ == Direction::up ? entry.key > last_ : entry.key < last_;
    if (!last_.empty() && !comes_after) {
      throw WrongAnswer("a walk meets record " + std::to_string(record) + " out of order");
    }
    last_.assign(entry.key);
    if (wanted_ == Wanted::keys) return;
    if (!value_is_right(entry.value, hand_.value_size, record, contents_.oldest,
                        contents_.newest)) {
      throw WrongAnswer(
          "record " + std::to_string(record) + " has " +
          what_is_wrong(entry.value, hand_.value_size, record, contents_.oldest, contents_.newest));
    }
    add(entry.value);
  }

  // The record that was sought, and up to `count` in all.
  void take_range(Walk& walk, uint64_t record, uint64_t count) {
    restart();
    Entry entry;
    const std::string_view key = hand_.key(record);
    if (!walk.seek(key, &entry) || !is_of(entry, record)) {
      throw WrongAnswer("a walk from record " + std::to_string(record) + " does not begin there");
    }
    take(entry);
    for (uint64_t i = 1; i < count && walk.next(&entry); ++i) take(entry);
  }

  // Of 48 bits, which a number of JSON holds.
  [[nodiscard]] double checksum() const { return static_cast<double>(sum_ & ((1ULL << 48) - 1)); }

 private:
  bool is_of(const Entry& entry, uint64_t record) {
    uint64_t found = 0;
    return hand_.key.record_of(entry.key, &found) && found == record;
  }

  void add(std::string_view value) {
    uint64_t word = 0;
    size_t at = 0;
    for (; at + sizeof word <= value.size(); at += sizeof word) {
      std::memcpy(&word, value.data() + at, sizeof word);
      sum_ += word;
    }
    for (; at < value.size(); ++at) sum_ += static_cast<uint8_t>(value[at]);
  }

  Hand& hand_;
  const Contents& contents_;
  Direction direction_;
  Wanted wanted_;
  std::string last_;
  uint64_t sum_ = 0;
};

uint64_t a_tenth(uint64_t count) { return std::max<uint64_t>(1, count / 10); }

}  // namespace

void Runner::walk(const Workload& workload, bool timed, Result& result) {
  const Direction direction = workload.kind == Kind::walk_down ? Direction::down : Direction::up;
  const Wanted wanted = workload.kind == Kind::walk_keys ? Wanted::keys : Wanted::values;
  Hand mine = hand(timed);
  Taker taker(mine, contents_, direction, wanted);
  std::unique_ptr<Walk> walk;
  Entry entry;
  mine.repeat(contents_.count, [&](uint64_t i) {
    if (i == 0) walk = engine_->walk(direction, wanted);
    if (!walk->next(&entry)) {
      throw WrongAnswer("a walk ends after " + std::to_string(i) + " of " +
                        std::to_string(contents_.count) + " records");
    }
    taker.take(entry);
  });
  if (walk->next(&entry)) throw WrongAnswer("a walk goes on behind the last record");
  conclude({&mine, 1}, timed, result);
  if (wanted == Wanted::values) result.extra["values_checksum"] = taker.checksum();
}

// Each range is a walk of its own, as of a program that answers requests; then once more with one
// walk for all.
void Runner::read_short_ranges(bool timed, Result& result) {
  if (kind_.merges) engine_->sort();
  const uint64_t ops = a_tenth(contents_.count);
  Hand mine = hand(timed, 1);
  Taker taker(mine, contents_);
  mine.repeat(ops, [&](uint64_t) {
    const std::unique_ptr<Walk> walk = engine_->walk(Direction::up, Wanted::values);
    taker.take_range(*walk, mine.random.below(contents_.count), kShortRange);
  });
  conclude({&mine, 1}, timed, result);
  result.extra["values_checksum"] = taker.checksum();
  Hand held = hand(false, 2);
  Taker other(held, contents_);
  const std::unique_ptr<Walk> walk = engine_->walk(Direction::up, Wanted::values);
  held.repeat(ops, [&](uint64_t) {
    other.take_range(*walk, held.random.below(contents_.count), kShortRange);
  });
  result.extra["one_walk_per_second"] = static_cast<double>(ops) / seconds_of({&held, 1});
}

void Runner::read_ranges(const Workload& workload, bool timed, Result& result) {
  const uint64_t ops = a_tenth(records_);
  touch(ops / 20);
  const std::vector<uint32_t> drawn = picks(workload);
  Hand mine = hand(timed);
  Taker taker(mine, contents_);
  size_t at = 0;
  mine.repeat(ops, [&](uint64_t) {
    if (mine.random.below(100) >= workload.read_percent) {
      return mine.put(contents_.count++, contents_.newest);
    }
    const std::unique_ptr<Walk> walk = engine_->walk(Direction::up, Wanted::values);
    taker.take_range(*walk, drawn[at], 1 + mine.random.below(kRangeMax));
    if (++at == drawn.size()) at = 0;
  });
  conclude({&mine, 1}, timed, result);
  result.extra["values_checksum"] = taker.checksum();
  audit();
}

void Runner::walk_after_fill(Result& result) {
  touch(records_);
  load();
  std::unique_ptr<Walk> walk;
  Entry entry;
  Hand opener = hand(false);
  opener.repeat(1, [&](uint64_t) { walk = engine_->walk(Direction::up, Wanted::values); });
  Hand mine = hand(false);
  Taker taker(mine, contents_);
  mine.repeat(1, [&](uint64_t) {
    if (!walk->next(&entry)) throw WrongAnswer("a walk over a full store finds nothing");
    taker.take(entry);
  });
  result.records = contents_.count;
  result.ops = 1;
  result.extra["open_seconds"] = seconds_of({&opener, 1});
  result.extra["first_next_seconds"] = seconds_of({&mine, 1});
  result.seconds = seconds_of({&opener, 1}) + seconds_of({&mine, 1});
  for (uint64_t i = 1; i < std::min(contents_.count, kFirstEntries); ++i) {
    if (!walk->next(&entry)) throw WrongAnswer("a walk ends early");
    taker.take(entry);
  }
}

}  // namespace stave::bench
