// The loops that are measured. Each checks every answer and throws WrongAnswer.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <numeric>
#include <span>

#include "bench/engine.h"
#include "bench/error.h"
#include "bench/histogram.h"
#include "bench/records.h"

namespace stave::bench {

// What is known about the records in the store: numbers below `count` are there, with versions
// from oldest to newest.
struct Contents {
  uint64_t count = 0;
  uint8_t oldest = 0;
  uint8_t newest = 0;
};

inline uint64_t now_ns() {
  return static_cast<uint64_t>(
      std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count());
}

// The longest operation of a loop, and the first, which may have made what all others use.
struct Longest {
  uint64_t first_ns = 0;
  uint64_t later_ns = 0;  // the longest but the first
  uint64_t later_number = 0;

  void note(uint64_t number, uint64_t ns) {
    if (number == 0) {
      first_ns = ns;
    } else if (ns > later_ns) {
      later_ns = ns;
      later_number = number;
    }
  }
};

// One thread's tools.
struct Hand {
  Hand(Engine& e, size_t key_size, size_t value_bytes, uint64_t keys, uint64_t seed,
       bool with_clock, KeyOrder order = KeyOrder::mixed)
      : engine(e),
        key(key_size, keys, order),
        value(value_bytes, seed),
        random(seed),
        value_size(value_bytes),
        timed(with_clock) {
    found.bytes.resize(value_bytes + 1);  // so that a longer value is seen
  }

  Engine& engine;
  KeyMaker key;
  ValueMaker value;
  Random random;
  Found found;
  size_t value_size;
  bool timed;
  Histogram latency;
  Longest longest;  // of the last loop
  uint64_t done = 0;
  uint64_t began_ns = 0;
  uint64_t ended_ns = 0;

  void put(uint64_t record, uint8_t version) { engine.put(key(record), value(record, version)); }
  void get(uint64_t record, uint8_t oldest, uint8_t newest) {
    if (!engine.get(key(record), found)) lost(record);
    if (!value_is_right(found.value, value_size, record, oldest, newest)) {
      wrong(record, oldest, newest);
    }
  }
  void get_missing(uint64_t record) {
    if (engine.get(key(record), found)) invented(record);
  }

  // Runs op(i) for i in [0, ops). The clock is read once for each operation if `timed`: the end of
  // one is the beginning of the next, making key and value included.
  template <typename Op>
  void repeat(uint64_t ops, Op op) {
    longest = {};
    began_ns = now_ns();
    if (!timed) {
      for (uint64_t i = 0; i < ops; ++i) op(i);
    } else {
      uint64_t last = began_ns;
      for (uint64_t i = 0; i < ops; ++i) {
        op(i);
        const uint64_t now = now_ns();
        latency.add(now - last);
        longest.note(i, now - last);
        last = now;
      }
    }
    ended_ns = now_ns();
    done += ops;
  }

 private:
  [[noreturn]] void lost(uint64_t record) const;
  [[noreturn]] void invented(uint64_t record) const;
  [[noreturn]] void wrong(uint64_t record, uint8_t oldest, uint8_t newest) const;
};

// Visits every number below `count` once, far from the one before. A walk in the order of filling
// would favour engines that keep records in that order.
class Stride {
 public:
  explicit Stride(uint64_t count) : count_(count), step_(count * 618 / 1000 + 1) {
    while (std::gcd(step_, count_) != 1) ++step_;
    step_ %= count_;
  }
  uint64_t next() {
    at_ += step_;
    if (at_ >= count_) at_ -= count_;
    return at_;
  }

 private:
  uint64_t count_;
  uint64_t step_;
  uint64_t at_ = 0;
};

// Runs `work` with each hand on a thread of its own (one hand: on this thread), all beginning at
// once. Rethrows what one of them threw.
void on_threads(std::span<Hand> hands, const std::function<void(Hand&, size_t)>& work);

// From the first beginning to the last end.
double seconds_of(std::span<const Hand> hands);

}  // namespace stave::bench
