// File systems whose locks, mappings or write-back another machine (or a user's process, for
// FUSE) decides about. The numbers are the f_type of statfs(2); linux/magic.h has some of them.
#include <sys/stat.h>

#include <algorithm>
#include <iterator>

#include "io/posix.h"

namespace stave::posix {
namespace {

struct Kind {
  uint32_t type;
  const char* name;
};

constexpr Kind kKinds[] = {
    {0x00006969, "nfs"},    {0x0000517B, "smb"},    {0xFF534D42, "cifs"},   {0xFE534D42, "smb2"},
    {0x01021997, "9p"},     {0x65735546, "fuse"},   {0x00C36400, "ceph"},   {0x5346414F, "afs"},
    {0x6B414653, "afs"},    {0x0BD00BD0, "lustre"}, {0x47504653, "gpfs"},   {0x73757245, "coda"},
    {0x0000564C, "ncp"},    {0x20030528, "pvfs2"},  {0x19830326, "beegfs"}, {0xAAD7AAEA, "panfs"},
    {0x01161970, "gfs2"},   {0x7461636F, "ocfs2"},  {0x786F4256, "vboxsf"}, {0xBACBACBC, "vmhgfs"},
    {0x7C7C6673, "prl_fs"}, {0xBEEFDEAD, "snfs"},   {0x61636673, "acfs"},
};

}  // namespace

std::string network_fs_name(uint32_t statfs_type) {
  const auto* kind = std::find_if(std::begin(kKinds), std::end(kKinds),
                                  [&](const Kind& k) { return k.type == statfs_type; });
  return kind == std::end(kKinds) ? "" : kind->name;
}

std::string nearest_existing(std::string dir) {
  struct stat st {};
  while (dir != "/" && dir != "." && ::stat(dir.c_str(), &st) != 0) {
    const size_t name = dir.find_last_not_of('/');
    const size_t slash = name == std::string::npos ? name : dir.rfind('/', name);
    if (slash == std::string::npos) return ".";
    const size_t parent = dir.find_last_not_of('/', slash);
    dir.resize(parent == std::string::npos ? 1 : parent + 1);
  }
  return dir;
}

}  // namespace stave::posix
