// Random operations on FaultFs and on the machine's file system at once: the same answers, the
// same bytes. What FaultFs gets wrong here, it would get wrong in every test built on it.
#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "support/fault_fs.h"
#include "support/fault_fs_random.h"
#include "unit/io/io_util.h"

namespace stave::test {
namespace {

constexpr uint64_t kSequences = 60;
constexpr uint64_t kOperations = 120;
constexpr uint64_t kSizeMax = 3 * 4096;

struct Side {
  Fs* fs;
  std::string dir;
  std::unique_ptr<File> file;  // the one that is open
  std::unique_ptr<Mapping> mapping;
};

std::string name_of(FaultRandom& random) {
  const char* names[] = {"a", "b", "sub/a", "sub/b", "none/a"};
  return names[random.below(5)];
}

// One operation and its answer as text. Both sides draw the same numbers from `random`.
std::string step(Side& s, FaultRandom random) {
  const std::string name = s.dir + "/" + name_of(random);
  const uint64_t offset = random.below(kSizeMax);
  const uint64_t length = random.below(kSizeMax - offset) + 1;
  const char fill = static_cast<char>('a' + random.below(26));
  auto code = [](const Status& status) { return std::to_string(static_cast<int>(status.code())); };
  const uint64_t kind = random.below(13);
  if (kind == 0 || kind == 1) {
    auto opened = kind == 0 ? s.fs->create(name, 0644) : s.fs->open(name, Access::write);
    if (opened.ok()) {
      s.file = opened.take();
      s.mapping.reset();
    }
    return code(opened.status());
  }
  if (kind == 2) return code(s.fs->rename(name, s.dir + "/" + name_of(random)));
  if (kind == 3) return code(s.fs->unlink(name));
  if (kind == 12) return code(s.fs->link(name, s.dir + "/" + name_of(random)));
  if (kind == 4) {
    auto names = s.fs->list(s.dir + "/sub");
    std::string all = code(names.status());
    if (names.ok()) std::sort(names->begin(), names->end());
    for (size_t i = 0; names.ok() && i < names->size(); ++i) all += (*names)[i];
    return all;
  }
  if (!s.file) return "";
  if (kind == 5) return code(s.file->truncate(offset));
  if (kind == 6) return code(s.file->allocate(offset, length));
  if (kind == 7) return code(s.file->write(offset, std::string(length, fill)));
  if (kind == 8) {
    std::string bytes(length, '?');
    size_t got = 0;
    const Status status = s.file->read(offset, bytes.data(), length, &got);
    return code(status) + bytes.substr(0, got);
  }
  if (kind == 9) {
    s.mapping = value_of(s.file->map(kSizeMax, Access::write));
    return "";
  }
  const uint64_t size = value_of(s.file->size());
  if (!s.mapping || size == 0) return std::to_string(size);
  const uint64_t begin = offset % size;
  const uint64_t n = std::min(length, size - begin);
  if (kind == 10) std::memset(s.mapping->data() + begin, fill, n);
  return std::string(s.mapping->data() + begin, n);
}

void random_operations_agree(void**) {
  for (uint64_t seed = 0; seed < kSequences; ++seed) {
    TempDir temp;
    FaultFs fault;
    Side sides[] = {{&posix_fs(), temp.path(), nullptr, nullptr}, {&fault, "db", nullptr, nullptr}};
    expect_ok(fault.make_dir("db"));
    for (Side& s : sides) expect_ok(s.fs->make_dir(s.dir + "/sub"));
    FaultRandom random(seed);
    for (uint64_t i = 0; i < kOperations; ++i) {
      const FaultRandom draw(random.next());
      const std::string machine = step(sides[0], draw);
      const std::string model = step(sides[1], draw);
      if (machine != model) {
        fail_msg("seed %llu, operation %llu: machine %zu bytes %.40s, model %zu bytes %.40s",
                 static_cast<unsigned long long>(seed), static_cast<unsigned long long>(i),
                 machine.size(), machine.c_str(), model.size(), model.c_str());
      }
    }
  }
}

int run() {
  const CMUnitTest tests[] = {cmocka_unit_test(random_operations_agree)};
  return cmocka_run_group_tests_name("fs_same_answers", tests, nullptr, nullptr);
}

}  // namespace
}  // namespace stave::test

int main() { return stave::test::run(); }
