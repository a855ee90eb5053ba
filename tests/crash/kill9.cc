// kill -9 at any moment: while writing and merging, while opening and recovering, while closing.
// Every acknowledged operation must be there afterwards, exactly; the one in flight on each
// thread whole or not at all; nothing deleted may be back. From the third round of each store on
// a read-only process refreshes beside the writers and lives through their deaths.
//
// Usage: crash_kill9 IO SYNC ROUNDS [ranges]   (STAVE_TEST_SEED, STAVE_TEST_SCALE in percent)
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "driver.h"

namespace {

uint64_t from_environment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr && *text != '\0' ? std::strtoull(text, nullptr, 0) : otherwise;
}

crash::Mix mix_of(const char* word) {
  return std::strcmp(word, "ranges") == 0 ? crash::Mix::ranges : crash::Mix::plain;
}

// ROLE FD DIR IO SYNC SEED ROUND THREADS MIX, as Driver::run calls us.
int run_role(char** argv) {
  crash::Task task;
  task.dir = argv[3];
  task.io = argv[4];
  task.sync = argv[5];
  task.seed = std::strtoull(argv[6], nullptr, 0);
  task.round = std::strtoull(argv[7], nullptr, 0);
  task.threads = static_cast<uint32_t>(std::strtoul(argv[8], nullptr, 0));
  task.mix = mix_of(argv[9]);
  crash::SharedState* shared = crash::attach_shared(std::atoi(argv[2]));
  bool writer = std::strcmp(argv[1], "--writer") == 0;
  return writer ? crash::run_writer(task, shared) : crash::run_reader(task, shared);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 10) return run_role(argv);
  if (argc != 4 && argc != 5) {
    std::fprintf(stderr, "usage: crash_kill9 mapped|positional SYNC ROUNDS [ranges]\n");
    return 2;
  }
  uint64_t seed = from_environment("STAVE_TEST_SEED", static_cast<uint64_t>(getpid()) * 7919);
  uint64_t rounds = std::strtoull(argv[3], nullptr, 0) * from_environment("STAVE_TEST_SCALE", 100);
  rounds = rounds / 100 > 0 ? rounds / 100 : 1;
  std::string dir = std::filesystem::temp_directory_path() / "stave-crash-XXXXXX";
  if (mkdtemp(dir.data()) == nullptr) {
    std::perror("mkdtemp");
    return 2;
  }
  std::printf("STAVE_TEST_SEED=%llu\n", static_cast<unsigned long long>(seed));
  const crash::Mix mix = argc == 5 ? mix_of(argv[4]) : crash::Mix::plain;
  crash::Driver driver(dir + "/store", argv[1], argv[2], mix, seed);
  bool good = true;
  for (uint64_t i = 0; i < rounds && good; i++) good = driver.round(i);
  good = good && driver.finish();
  std::printf("%u kills, %llu operations acknowledged, %llu refreshes beside them\n",
              driver.kills(), static_cast<unsigned long long>(driver.acked()),
              static_cast<unsigned long long>(driver.reader_rounds()));
  if (good) std::filesystem::remove_all(dir);
  return good ? 0 : 1;
}
