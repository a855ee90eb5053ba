#include "workload.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "shared_state.h"
#include "stave/stave.h"

namespace crash {

uint64_t Random::next() {
  uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);  // splitmix64
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

Workload::Workload(uint64_t seed, uint64_t round, uint32_t thread, uint32_t threads)
    : random_(seed ^ Random(round * kThreadsMax + thread + 1).next()),
      thread_(thread),
      threads_(threads),
      version_((round + 1) * kOpsMax) {}

uint32_t Workload::random_key() {
  uint32_t own = kKeys / threads_;
  // Half of the operations go to a few keys, so that files fill with dead records.
  uint64_t i = random_.below(2) == 0 ? random_.below(own / 20) : random_.below(own);
  return static_cast<uint32_t>(i) * threads_ + thread_;
}

Operation Workload::next() {
  Operation op;
  op.version = version_++;
  uint64_t what = random_.below(100);
  op.batch = what >= 85;
  op.flags = random_.below(64) == 0 ? STAVE_WRITE_SYNC : 0;
  size_t steps = op.batch ? 1 + random_.below(12) : 1;
  for (size_t i = 0; i < steps; i++) {
    uint32_t key = random_key();
    bool erase = op.batch ? random_.below(3) == 0 : what < 25;
    bool known = std::any_of(op.steps.begin(), op.steps.end(),
                             [key](const Step& s) { return s.key == key; });
    if (!known) op.steps.push_back({key, erase});
  }
  return op;
}

std::string key_text(uint32_t key) {
  char text[32];
  std::snprintf(text, sizeof text, "key/%05u", key);
  return key % 17 == 0 ? text + std::string(200, 'x') : text;
}

std::string value_text(uint32_t key, uint64_t version) {
  Random random(version * kKeys + key);
  uint64_t size = 16 + (random.below(200) == 0 ? 20000 : random.below(300));
  std::string value(size, '\0');
  std::memcpy(value.data(), &version, 8);
  for (size_t at = 8; at < size; at += 8) {
    uint64_t r = random.next();
    std::memcpy(value.data() + at, &r, std::min<size_t>(8, size - at));
  }
  return value;
}

uint64_t version_of(uint32_t key, const void* value, size_t length) {
  uint64_t version = 0;
  if (length < 16) return 0;
  std::memcpy(&version, value, 8);
  std::string expected = value_text(key, version);
  bool same = expected.size() == length && std::memcmp(expected.data(), value, length) == 0;
  return same ? version : 0;
}

}  // namespace crash
