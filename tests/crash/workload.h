// The operations of a round, made from its seed: the writer carries them out, the driver makes
// them again to know what must be there.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace crash {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t next();
  uint64_t below(uint64_t n) { return next() % n; }

 private:
  uint64_t state_;
};

// Plain: puts, deletes and batches. Ranges: deleted ranges, prefixes and all keys among them.
enum class Mix : uint8_t { plain, ranges };

enum class What : uint8_t { put, erase, batch, range, prefix, clear };

struct Step {
  uint32_t key = 0;
  bool erase = false;
};

struct Operation {
  What what = What::put;
  uint32_t flags = 0;
  uint64_t version = 0;         // of every value it puts; higher than all before on these keys
  std::vector<Step> steps;      // one, or several of a batch or range; no key twice
  uint32_t first = 0, end = 0;  // a range: of the keys' numbers, exclusive
};

// Operations of thread `thread` of `threads`, on keys that no other thread of the round touches.
class Workload {
 public:
  Workload(uint64_t seed, uint64_t round, uint32_t thread, uint32_t threads, Mix mix);
  Operation next();

 private:
  uint32_t random_key();
  void choose_range(Operation* op);

  Random random_;
  Mix mix_;
  uint32_t threads_;
  uint32_t first_, own_;  // the thread's keys: neighbours, for the sake of ranges
  uint64_t version_;
};

std::string key_text(uint32_t key);
// Where a range of keys begins or ends; "" at either end of all keys.
std::string bound_text(uint32_t key);
// The prefix that an operation deletes.
std::string prefix_text(const Operation& op);
// The value says its key and version, and every byte follows from them.
std::string value_text(uint32_t key, uint64_t version);
// The version that the bytes claim, if they are exactly the value of that version; else 0.
uint64_t version_of(uint32_t key, const void* value, size_t length);

}  // namespace crash
