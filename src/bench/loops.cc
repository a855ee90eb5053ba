#include "bench/loops.h"

#include <algorithm>
#include <exception>
#include <latch>
#include <thread>
#include <vector>

namespace stave::bench {

void Hand::lost(uint64_t record) const {
  throw WrongAnswer("record " + std::to_string(record) + " is not found, but was put");
}

void Hand::invented(uint64_t record) const {
  throw WrongAnswer("record " + std::to_string(record) + " is found, but is not there");
}

void Hand::wrong(uint64_t record, uint8_t oldest, uint8_t newest) const {
  throw WrongAnswer("record " + std::to_string(record) + " has " +
                    what_is_wrong(found.value, value_size, record, oldest, newest));
}

void on_threads(std::span<Hand> hands, const std::function<void(Hand&, size_t)>& work) {
  if (hands.size() == 1) return work(hands[0], 0);
  std::vector<std::exception_ptr> thrown(hands.size());
  std::latch start(static_cast<std::ptrdiff_t>(hands.size()));
  {
    std::vector<std::jthread> threads;
    for (size_t i = 0; i < hands.size(); ++i) {
      threads.emplace_back([&, i] {
        start.arrive_and_wait();
        try {
          work(hands[i], i);
        } catch (...) {
          thrown[i] = std::current_exception();
        }
      });
    }
  }
  for (const std::exception_ptr& error : thrown) {
    if (error) std::rethrow_exception(error);
  }
}

double seconds_of(std::span<const Hand> hands) {
  uint64_t began = ~0ULL;
  uint64_t ended = 0;
  for (const Hand& hand : hands) {
    began = std::min(began, hand.began_ns);
    ended = std::max(ended, hand.ended_ns);
  }
  return static_cast<double>(ended - began) * 1e-9;
}

}  // namespace stave::bench
