// Random sequences of commands against a std::map, over both I/O modes, with kill -9, power cuts
// and stops in the middle of any file operation (DESIGN: no acknowledged put is lost, no delete
// returns, and a power cut leaves a prefix of the history that holds all that was synced).
//
// usage: model_test PROPERTY mapped|positional SEQUENCES
// STAVE_TEST_SEED replays a run, STAVE_TEST_SCALE (percent) shrinks or stretches it;
// STAVE_TEST_NOSHRINK shows the first failing sequence as it was found.

#include <rapidcheck.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>

#include "model/world.h"

namespace stave::test {
namespace {

Options small_store(Io io, uint32_t variant) {
  Options o;
  o.io = io;
  o.background = false;
  o.max_file_size = 4096;
  o.max_file_entries = 16 + variant % 30;
  o.preallocate = 64 << 10;
  o.checkpoint_min_ops = variant % 3;
  o.merge_policy = MergePolicy::never;
  if (variant % 4 == 3) o.sync = SyncMode::always;
  return o;
}

void play(const Options& options, const std::vector<Command>& commands, bool losses) {
  World world(options);
  if (losses) world.expect_losses();
  for (const Command& c : commands) world.run(c);
  world.finish();
}

bool check(const std::string& property, Io io) {
  const auto variant = rc::gen::inRange<uint32_t>(0, 120);
  Mix mix;
  mix.power_cuts = property == "power_cut" || property == "doom" || property == "threads";
  mix.dooms = property == "doom";
  mix.updates = property != "collisions";
  return rc::check(property, [&] {
    Options options = small_store(io, *variant);
    if (property == "collisions") options.test_hash_bits = 3;
    if (property == "threads") {
      options.background = true;
      options.merge_policy = MergePolicy::always;
      options.merge_check_interval_ms = 10;
      options.merge_trigger_fragmentation = 30;
      options.merge_threshold_fragmentation = 10;
    }
    play(options, *commands(mix), property == "collisions");
  });
}

// RapidCheck is configured through its environment variable alone.
void configure(uint64_t sequences) {
  const char* scale = std::getenv("STAVE_TEST_SCALE");
  const char* given = std::getenv("STAVE_TEST_SEED");
  if (scale != nullptr)
    sequences = std::max<uint64_t>(1, sequences * std::strtoull(scale, nullptr, 10) / 100);
  const uint64_t seed =
      given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  const std::string params =
      "max_success=" + std::to_string(sequences) + " max_size=120 seed=" + std::to_string(seed);
  setenv("RC_PARAMS", params.c_str(), 1);
  std::printf("seed %llu, %llu sequences (STAVE_TEST_SEED, STAVE_TEST_SCALE)\n",
              static_cast<unsigned long long>(seed), static_cast<unsigned long long>(sequences));
}

}  // namespace
}  // namespace stave::test

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: %s exact|power_cut|doom|collisions|threads mapped|positional N\n",
                 argv[0]);
    return 2;
  }
  stave::test::configure(std::strtoull(argv[3], nullptr, 10));
  const stave::Io io =
      std::strcmp(argv[2], "mapped") == 0 ? stave::Io::mapped : stave::Io::positional;
  return stave::test::check(argv[1], io) ? 0 : 1;
}
