// MANIFEST on disk: when a failed write leaves it open which one a power cut would leave.
#include <cerrno>

#include "engine/catalog.h"
#include "support/cmocka.h"
#include "support/fault_fs.h"

namespace stave::test {
namespace {

struct World {
  World() {
    assert_true(fs.make_dir("/s").ok() && fs.sync_dir("/").ok());
    manifest.clean = true;
    assert_true(save_manifest(env, manifest, &uncertain).ok());
    ++manifest.generation;
  }
  FaultFs fs;
  Env env{fs, system_clock(), "/s", Options()};
  Manifest manifest;
  bool uncertain = true;
};

// The directory used to be opened after the rename: a shortage of descriptors stopped all later
// changes of the store's files for good.
void WantOfADescriptorIsNoUncertainty(void**) {
  for (const Op op : {Op::open, Op::open_dir}) {
    World w;
    const uint64_t renames = w.fs.count(Op::rename);
    w.fs.inject({.op = op, .error = EMFILE, .for_ever = true});
    assert_true(save_manifest(w.env, w.manifest, &w.uncertain).is(Code::too_many_files));
    assert_false(w.uncertain);
    assert_int_equal(w.fs.count(Op::rename), renames);
    w.fs.clear_faults();
    assert_true(save_manifest(w.env, w.manifest, &w.uncertain).ok());
    auto loaded = load_manifest(w.env);
    assert_true(loaded.ok());
    assert_int_equal(loaded->generation, w.manifest.generation);
  }
}

void AFailedSyncOfTheDirectoryIs(void**) {
  World w;
  w.fs.inject({.op = Op::sync_dir});
  assert_true(save_manifest(w.env, w.manifest, &w.uncertain).is(Code::io));
  assert_true(w.uncertain);
}

void TheNewOneSurvivesAPowerCut(void**) {
  World w;
  assert_true(save_manifest(w.env, w.manifest, &w.uncertain).ok());
  for (uint64_t seed = 0; seed < 20; ++seed) {
    auto disk = w.fs.after_power_cut(seed);
    Env env{*disk, system_clock(), "/s", Options()};
    auto loaded = load_manifest(env);
    assert_true(loaded.ok());
    assert_int_equal(loaded->generation, w.manifest.generation);
  }
}

}  // namespace
}  // namespace stave::test

int main() {
  using namespace stave::test;
  const CMUnitTest tests[] = {
      cmocka_unit_test(WantOfADescriptorIsNoUncertainty),
      cmocka_unit_test(AFailedSyncOfTheDirectoryIs),
      cmocka_unit_test(TheNewOneSurvivesAPowerCut),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
