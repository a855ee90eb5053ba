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

Workload::Workload(uint64_t seed, uint64_t round, uint32_t thread, uint32_t threads, Mix mix)
    : random_(seed ^ Random(round * kThreadsMax + thread + 1).next()),
      mix_(mix),
      threads_(threads),
      first_(thread * (kKeys / threads)),
      own_(kKeys / threads),
      version_((round + 1) * kOpsMax) {}

uint32_t Workload::random_key() {
  // Half of the operations go to a few keys, so that files fill with dead records.
  uint64_t i = random_.below(2) == 0 ? random_.below(own_ / 20) : random_.below(own_);
  return first_ + static_cast<uint32_t>(i);
}

// Mostly few keys, so that there are keys at all; sometimes a good part of them.
void Workload::choose_range(Operation* op) {
  const uint64_t kind = random_.below(200);
  if (kind == 0 && threads_ == 1) {
    op->what = What::clear;
    op->first = 0;
    op->end = kKeys;
  } else if (kind < 60) {
    const uint32_t size = random_.below(8) == 0 ? 100 : 10;
    op->what = What::prefix;
    op->first = first_ + static_cast<uint32_t>(random_.below(own_ / size)) * size;
    op->end = op->first + size;
  } else {
    const uint64_t longest = random_.below(16) == 0 ? own_ / 2 : 30;
    op->what = What::range;
    op->first = first_ + static_cast<uint32_t>(random_.below(own_));
    const uint64_t room = first_ + own_ - op->first;
    const uint64_t length = std::min(1 + random_.below(longest), room);
    op->end = op->first + static_cast<uint32_t>(length);
  }
  for (uint32_t key = op->first; key < op->end; key++) op->steps.push_back({key, true});
}

Operation Workload::next() {
  Operation op;
  op.version = version_++;
  op.flags = random_.below(64) == 0 ? STAVE_WRITE_SYNC : 0;
  if (mix_ == Mix::ranges && random_.below(25) == 0) {
    choose_range(&op);
    return op;
  }
  uint64_t what = random_.below(100);
  op.what = what >= 85 ? What::batch : what < 25 ? What::erase : What::put;
  size_t steps = op.what == What::batch ? 1 + random_.below(12) : 1;
  for (size_t i = 0; i < steps; i++) {
    uint32_t key = random_key();
    bool erase = op.what == What::batch ? random_.below(3) == 0 : op.what == What::erase;
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

std::string bound_text(uint32_t key) {
  char text[32];
  std::snprintf(text, sizeof text, "key/%05u", key);
  return key == 0 || key == kKeys ? "" : text;
}

std::string prefix_text(const Operation& op) {
  char text[32];
  std::snprintf(text, sizeof text, "key/%05u", op.first);
  return std::string(text).substr(0, op.end - op.first == 100 ? 7 : 8);
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
