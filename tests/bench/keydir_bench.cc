// What the keydir costs: memory per key, and time per put, find and miss.
//
//   keydir_bench [keys ...]      default: 1000000 7300000 8900000 10000000
//   keydir_bench sweep [keys]    the least and the most memory per key on the way there
//
//   Column       | Meaning
//   B/key        | growth of RssAnon over the fill, per key
//   put          | mean of hashing, make_room and put over the first half of the fill, ns
//   p99.9, max   | of single puts (hash included) in the second half of the fill, ns
//   find, miss   | mean over random keys that are there, that are not, ns
//   chained      | find, each key chosen by the answer before it: nothing overlaps, ns
//   batched      | find with prefetch 16 keys ahead, ns
//   put old      | mean over random keys that are there, ns
//   load x2      | two threads loading the same keys into a new keydir, wall ns per key
//   erase        | mean over all keys, ns
//
// A preempted put counts in max and on a busy machine in p99.9: run it alone.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <thread>
#include <vector>

#include "engine/keydir.h"
#include "engine/load_batch.h"

namespace stave {
namespace {

using BenchClock = std::chrono::steady_clock;

double ns_since(BenchClock::time_point start) {
  return std::chrono::duration<double, std::nano>(BenchClock::now() - start).count();
}

uint64_t rss_anon() {
  uint64_t kib = 0;
  char line[256];
  std::FILE* f = std::fopen("/proc/self/status", "r");
  while (f != nullptr && std::fgets(line, sizeof line, f) != nullptr) {
    if (std::strncmp(line, "RssAnon:", 8) == 0) kib = std::strtoull(line + 8, nullptr, 10);
  }
  if (f != nullptr) std::fclose(f);
  return kib * 1024;
}

// Keys of 16 bytes.
Digest digest_of(const Hasher& h, uint64_t n) {
  uint64_t key[2] = {n, n * 0x9e3779b97f4a7c15ULL};
  return h(Bytes(reinterpret_cast<const char*>(key), sizeof key));
}

Hasher random_hasher() {
  Secret secret;
  random_bytes(secret.data(), secret.size());
  return Hasher(secret);
}

struct Random {
  uint64_t state = 88172645463325252ULL;
  uint64_t next() {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
  }
};

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "keydir_bench: %s\n", what);
  std::exit(1);
}

std::unique_ptr<Keydir> make() {
  auto k = Keydir::create();
  if (!k.ok()) fail(k.status().message().c_str());
  return k.take();
}

void put_one(Keydir& k, const Hasher& h, uint64_t i) {
  const Digest d = digest_of(h, i);
  Slot previous;
  if (!k.make_room(d).ok()) fail("no room");
  k.put(d, {i + 1, 3}, &previous);
}

// Random reads of each kind, for n keys.
uint64_t reads(uint64_t n) { return std::min<uint64_t>(5000000, n * 8) / 16 * 16; }

double find_many(const Keydir& k, const Hasher& h, uint64_t first, uint64_t n, bool expected) {
  Random random;
  const uint64_t times = reads(n);
  uint64_t found = 0;
  const auto start = BenchClock::now();
  for (uint64_t i = 0; i < times; ++i) {
    Slot s;
    found += k.find(digest_of(h, first + random.next() % n), &s);
  }
  const double ns = ns_since(start) / static_cast<double>(times);
  if (found != (expected ? times : 0)) fail("wrong answers");
  return ns;
}

double find_chained(const Keydir& k, const Hasher& h, uint64_t n) {
  Random random;
  const uint64_t times = reads(n) / 4;
  Slot s;
  s.address = 1;
  const auto start = BenchClock::now();
  for (uint64_t i = 0; i < times; ++i) {
    if (!k.find(digest_of(h, (random.next() + s.address) % n), &s)) fail("wrong answers");
  }
  return ns_since(start) / static_cast<double>(times);
}

double put_old(Keydir& k, const Hasher& h, uint64_t n) {
  Random random;
  const uint64_t times = reads(n);
  uint64_t found = 0;
  const auto start = BenchClock::now();
  for (uint64_t i = 0; i < times; ++i) {
    const uint64_t key = random.next() % n;
    const Digest d = digest_of(h, key);
    Slot previous;
    if (!k.make_room(d).ok()) fail("no room");
    found += k.put(d, {key + 1, 3}, &previous);
  }
  if (found != times) fail("wrong answers");
  return ns_since(start) / static_cast<double>(times);
}

double find_batched(const Keydir& k, const Hasher& h, uint64_t n) {
  constexpr uint64_t kBatch = 16;
  Random random;
  const uint64_t times = reads(n);
  uint64_t found = 0;
  const auto start = BenchClock::now();
  for (uint64_t i = 0; i < times; i += kBatch) {
    Digest digests[kBatch];
    for (Digest& d : digests) {
      d = digest_of(h, random.next() % n);
      k.prefetch(d);
    }
    Slot s;
    for (const Digest& d : digests) found += k.find(d, &s);
  }
  if (found != times) fail("wrong answers");
  return ns_since(start) / static_cast<double>(times);
}

double load_by_two(const Hasher& h, uint64_t n) {
  auto k = make();
  const auto start = BenchClock::now();
  const auto wins = [](const Slot&, const Slot&) { return true; };
  const auto lost = [](const Slot&) {};
  const LoadRules rules{wins, lost};
  auto pile = [&](uint64_t from, uint64_t to) {
    LoadBatch batch(size_t{kShards} * 96);  // as the loader
    LoadScratch scratch;
    const auto place = [&](unsigned shard) {
      if (!k->pile(shard, batch.of(shard), rules, &scratch).ok()) fail("pile");
      batch.clear(shard);
    };
    for (uint64_t i = from; i < to; ++i) {
      const Digest d = digest_of(h, i);
      const unsigned shard = Keydir::shard_of(d);
      if (batch.add(shard, {pack_slot({i + 1, 3}, d.low & kTagMask), d.high})) place(shard);
    }
    for (unsigned shard = 0; shard < kShards; ++shard) place(shard);
  };
  auto build = [&](unsigned from, unsigned to) {
    LoadScratch scratch;
    for (; from < to; ++from) {
      if (!k->build(from, rules, &scratch).ok()) fail("build");
    }
  };
  std::thread other_pile(pile, n / 2, n);
  pile(0, n / 2);
  other_pile.join();
  std::thread other_build(build, kShards / 2, kShards);
  build(0, kShards / 2);
  other_build.join();
  const double ns = ns_since(start) / static_cast<double>(n);
  if (k->size() != n) fail("lost keys");
  return ns;
}

void run(uint64_t n) {
  const Hasher h = random_hasher();
  std::vector<uint32_t> latency(n - n / 2, 1);  // touched before the baseline is read
  const uint64_t before = rss_anon();
  auto k = make();
  const auto start = BenchClock::now();
  for (uint64_t i = 0; i < n / 2; ++i) put_one(*k, h, i);
  const double first_half = ns_since(start);
  auto last = BenchClock::now();
  for (uint64_t i = n / 2; i < n; ++i) {
    put_one(*k, h, i);
    const auto now = BenchClock::now();
    latency[i - n / 2] = static_cast<uint32_t>((now - last).count());
    last = now;
  }
  const double per_key = static_cast<double>(rss_anon() - before) / static_cast<double>(n);
  std::sort(latency.begin(), latency.end());
  auto quantile = [&](double q) {
    return latency[static_cast<size_t>(q * static_cast<double>(latency.size() - 1))];
  };
  const double hit = find_many(*k, h, 0, n, true);
  const double miss = find_many(*k, h, n, n, false);
  const double chained = find_chained(*k, h, n);
  const double batched = find_batched(*k, h, n);
  const double old = put_old(*k, h, n);
  const auto erasing = BenchClock::now();
  Slot previous;
  for (uint64_t i = 0; i < n; ++i) k->erase(digest_of(h, i), &previous);
  const double erase = ns_since(erasing) / static_cast<double>(n);
  k.reset();
  std::printf("%11llu %6.2f %5.0f %6u %6u %7u %8u %5.0f %5.0f %7.0f %7.0f %7.0f %7.0f %5.0f\n",
              static_cast<unsigned long long>(n), per_key, first_half / static_cast<double>(n / 2),
              quantile(0.99), quantile(0.999), quantile(0.9999), latency.back(), hit, miss, chained,
              batched, old, load_by_two(h, n), erase);
  std::fflush(stdout);
}

// Memory per key at every percent from a tenth of `n` on: no size may be an unlucky one.
void sweep(uint64_t n) {
  const Hasher h = random_hasher();
  const uint64_t before = rss_anon();
  auto k = make();
  double least = 1e9, most = 0;
  uint64_t least_at = 0, most_at = 0, next = n / 10;
  for (uint64_t i = 0; i < n; ++i) {
    put_one(*k, h, i);
    if (i + 1 < next) continue;
    next += next / 100 + 1;
    const double per_key = static_cast<double>(rss_anon() - before) / static_cast<double>(i + 1);
    if (per_key < least) least = per_key, least_at = i + 1;
    if (per_key > most) most = per_key, most_at = i + 1;
  }
  std::printf("from %llu to %llu keys: least %.2f B/key (at %llu), most %.2f (at %llu)\n",
              static_cast<unsigned long long>(n / 10), static_cast<unsigned long long>(n), least,
              static_cast<unsigned long long>(least_at), most,
              static_cast<unsigned long long>(most_at));
}

void hash_speed() {
  constexpr uint64_t kTimes = 5000000;
  const Hasher h = random_hasher();
  uint64_t sum = 0;
  const auto start = BenchClock::now();
  for (uint64_t i = 0; i < kTimes; ++i) sum += digest_of(h, i).low;
  const double ns = ns_since(start) / kTimes;
  std::printf("hash of 16 bytes: %.1f ns%s\n", ns, sum == 0 ? " (zero)" : "");
}

void creation_speed() {
  constexpr int kTimes = 200;
  const Hasher h = random_hasher();
  double total = 0;
  for (int i = 0; i < kTimes; ++i) {
    const auto start = BenchClock::now();
    auto k = make();
    put_one(*k, h, 1);
    k.reset();
    total += ns_since(start);
  }
  std::printf("create, put one key, destroy: %.1f us\n", total / kTimes / 1000);
}

}  // namespace
}  // namespace stave

int main(int argc, char** argv) {
  if (argc > 1 && std::strcmp(argv[1], "sweep") == 0) {
    stave::sweep(argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 10000000);
    return 0;
  }
  std::vector<uint64_t> sizes;
  for (int i = 1; i < argc; ++i) {
    char* end = nullptr;
    sizes.push_back(std::strtoull(argv[i], &end, 10));
    if (*end != 0 || sizes.back() < 1000 || sizes.back() > 1000000000) {
      std::fprintf(stderr, "usage: keydir_bench [KEYS...]   1000 to 1000000000 each\n");
      return 2;
    }
  }
  if (sizes.empty()) sizes = {1000000, 7300000, 8900000, 10000000};
  stave::hash_speed();
  stave::creation_speed();
  std::printf("%11s %6s %5s %6s %6s %7s %8s %5s %5s %7s %7s %7s %7s %5s\n", "keys", "B/key", "put",
              "p99", "p99.9", "p99.99", "max", "find", "miss", "chained", "batched", "put old",
              "load x2", "erase");
  for (uint64_t n : sizes) stave::run(n);
  return 0;
}
