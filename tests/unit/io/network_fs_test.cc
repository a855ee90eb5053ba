#include <linux/magic.h>

#include "io/posix.h"
#include "unit/io/io_util.h"

namespace stave::test {
namespace {

void network_file_systems_are_named(void**) {
  assert_string_equal(posix::network_fs_name(NFS_SUPER_MAGIC).c_str(), "nfs");
  assert_string_equal(posix::network_fs_name(CIFS_SUPER_MAGIC).c_str(), "cifs");
  assert_string_equal(posix::network_fs_name(SMB_SUPER_MAGIC).c_str(), "smb");
  assert_string_equal(posix::network_fs_name(SMB2_SUPER_MAGIC).c_str(), "smb2");
  assert_string_equal(posix::network_fs_name(V9FS_MAGIC).c_str(), "9p");
  assert_string_equal(posix::network_fs_name(FUSE_SUPER_MAGIC).c_str(), "fuse");
  assert_string_equal(posix::network_fs_name(CEPH_SUPER_MAGIC).c_str(), "ceph");
  assert_string_equal(posix::network_fs_name(AFS_SUPER_MAGIC).c_str(), "afs");
  assert_string_equal(posix::network_fs_name(AFS_FS_MAGIC).c_str(), "afs");
  assert_string_equal(posix::network_fs_name(CODA_SUPER_MAGIC).c_str(), "coda");
  assert_string_equal(posix::network_fs_name(NCP_SUPER_MAGIC).c_str(), "ncp");
  assert_string_equal(posix::network_fs_name(OCFS2_SUPER_MAGIC).c_str(), "ocfs2");
}

void local_file_systems_are_not(void**) {
  for (uint32_t type : {EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC, static_cast<int>(BTRFS_SUPER_MAGIC),
                        TMPFS_MAGIC, OVERLAYFS_SUPER_MAGIC, static_cast<int>(F2FS_SUPER_MAGIC)}) {
    assert_string_equal(posix::network_fs_name(type).c_str(), "");
  }
}

void asks_the_system(void**) {
  assert_string_equal(posix_fs().network_fs("/proc").c_str(), "");
  assert_string_equal(posix_fs().network_fs("/proc/no such directory").c_str(), "");
}

// A store that is yet to be made used to pass: statfs knows nothing of a missing directory.
void a_missing_directory_is_where_it_would_be_made(void**) {
  TempDir dir;
  assert_string_equal(posix::nearest_existing(dir.path()).c_str(), dir.path().c_str());
  assert_string_equal(posix::nearest_existing(dir.path() + "/a").c_str(), dir.path().c_str());
  assert_string_equal(posix::nearest_existing(dir.path() + "//a/b//").c_str(), dir.path().c_str());
  assert_string_equal(posix::nearest_existing("/no such directory").c_str(), "/");
  assert_string_equal(posix::nearest_existing("no such directory").c_str(), ".");
  assert_string_equal(posix::nearest_existing("").c_str(), ".");
}

int run() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(network_file_systems_are_named),
      cmocka_unit_test(local_file_systems_are_not),
      cmocka_unit_test(asks_the_system),
      cmocka_unit_test(a_missing_directory_is_where_it_would_be_made),
  };
  return cmocka_run_group_tests_name("network_fs", tests, nullptr, nullptr);
}

}  // namespace
}  // namespace stave::test

int main() { return stave::test::run(); }
