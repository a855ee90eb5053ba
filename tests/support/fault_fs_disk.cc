#include "support/fault_fs_disk.h"

#include <cerrno>
#include <new>
#include <sstream>

namespace stave::test {

std::string clean_path(const std::string& path) {
  std::string clean = !path.empty() && path[0] == '/' ? "/" : "";
  std::istringstream parts(path);
  for (std::string part; std::getline(parts, part, '/');) {
    if (part.empty() || part == ".") continue;
    if (!clean.empty() && clean.back() != '/') clean += '/';
    clean += part;
  }
  return clean.empty() ? "." : clean;
}

std::string parent_of(const std::string& clean) {
  const size_t slash = clean.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : clean.substr(0, slash);
}

std::set<std::string> NameChange::dirs() const {
  std::set<std::string> dirs;
  if (!from.empty()) dirs.insert(parent_of(from));
  if (!to.empty()) dirs.insert(parent_of(to));
  return dirs;
}

void NameChange::apply(Names* names) const {
  if (from.empty()) {
    (*names)[to] = inode;
  } else if (to.empty()) {
    names->erase(from);
  } else if (auto moved = names->find(from); moved != names->end()) {
    (*names)[to] = moved->second;
    names->erase(from);
  }
}

std::vector<bool> choose_prefixes(const std::vector<NameChange>& journal, FaultRandom& random,
                                  uint64_t percent) {
  // A directory's prefix ends with its first lost change, and a change of two directories that
  // one of them has lost is lost to both.
  std::map<std::string, uint64_t> left;  // how many changes each directory may still keep
  for (const NameChange& change : journal) {
    for (const std::string& dir : change.dirs()) ++left[dir];
  }
  for (auto& [dir, changes] : left) {
    if (!random.chance(percent)) changes = random.below(changes);
  }
  std::vector<bool> kept;
  for (const NameChange& change : journal) {
    bool keep = true;
    for (const std::string& dir : change.dirs()) keep = keep && left[dir] > 0;
    for (const std::string& dir : change.dirs()) left[dir] = keep ? left[dir] - 1 : 0;
    kept.push_back(keep);
  }
  return kept;
}

void drop_orphans(Names* names) {
  // In order, so a directory is gone before its contents are looked at.
  for (auto at = names->begin(); at != names->end();) {
    const std::string parent = parent_of(at->first);
    const bool root = parent == "." || parent == "/";
    at = root || names->count(parent) != 0 ? std::next(at) : names->erase(at);
  }
}

Status FaultDisk::enter(Op op, const std::string& path) {
  if (!frozen && operations_until_frozen > 0 && --operations_until_frozen == 0) frozen = true;
  if (frozen) return Status::from_errno(EIO, "the file system of " + path + " is gone");
  ++counts[static_cast<size_t>(Op::any)];
  ++counts[static_cast<size_t>(op)];
  for (auto fault = faults.begin(); fault != faults.end(); ++fault) {
    if (fault->op != Op::any && fault->op != op) continue;
    if (path.find(fault->path_part) == std::string::npos) continue;
    if (fault->nth > 1) {
      --fault->nth;
      continue;
    }
    const int error = fault->error;
    const bool throws = fault->throws;
    if (!fault->for_ever) faults.erase(fault);
    if (throws) throw std::bad_alloc();
    return Status::from_errno(error, "a fault injected into operation " +
                                         std::to_string(counts[static_cast<size_t>(Op::any)]) +
                                         " on " + path);
  }
  return {};
}

bool FaultDisk::is_dir(const std::string& clean) const {
  if (clean == "." || clean == "/") return true;
  auto at = names.find(clean);
  return at != names.end() && !at->second;
}

Result<std::shared_ptr<FaultInode>> FaultDisk::find(const std::string& path) {
  auto at = names.find(clean_path(path));
  if (at != names.end() && at->second) return at->second;
  return Status(Code::not_found, path + ": no such file", ENOENT);
}

void FaultDisk::change_names(NameChange change) {
  auto old = names.find(change.to.empty() ? change.from : change.to);
  if (old != names.end() && old->second) {
    const std::shared_ptr<FaultInode> gone = old->second;
    --gone->names;
    forget_if_unused(*gone);
  }
  if (change.inode) ++change.inode->names;
  change.apply(&names);
  journal.push_back(std::move(change));
}

Result<std::shared_ptr<FaultInode>> FaultDisk::make_file(const std::string& path) {
  const std::string clean = clean_path(path);
  if (names.count(clean) != 0 || is_dir(clean)) {
    return Status(Code::exists, "creating " + path + ": it exists", EEXIST);
  }
  if (!is_dir(parent_of(clean))) {
    return Status(Code::not_found, "creating " + path + ": no such directory", ENOENT);
  }
  if (free_space < options.page_size) return Status::from_errno(ENOSPC, "creating " + path);
  auto inode = std::make_shared<FaultInode>(next_inode++, options);
  change_names({"", clean, inode});
  return inode;
}

void FaultDisk::sync_names_of(const std::string& dir) {
  // Backwards: with a change of two directories, what the other had before must go too.
  std::set<std::string> dirs = {dir};
  std::vector<bool> now(journal.size());
  for (size_t i = journal.size(); i-- > 0;) {
    const std::set<std::string> touched = journal[i].dirs();
    for (const std::string& d : touched) now[i] = now[i] || dirs.count(d) != 0;
    if (now[i]) dirs.insert(touched.begin(), touched.end());
  }
  std::vector<NameChange> rest;
  for (size_t i = 0; i < journal.size(); ++i) {
    if (now[i]) {
      journal[i].apply(&durable_names);
    } else {
      rest.push_back(std::move(journal[i]));
    }
  }
  journal = std::move(rest);
}

void FaultDisk::writeback(uint64_t seed) {
  FaultRandom random(~seed);  // a power cut with the same seed must not choose alike
  const uint64_t percent = random.survival_percent();
  for (auto& [name, inode] : names) {
    if (inode) inode->writeback(random, percent);
  }
  const std::vector<bool> kept = choose_prefixes(journal, random, percent);
  std::vector<NameChange> rest;
  for (size_t i = 0; i < journal.size(); ++i) {
    if (kept[i]) {
      journal[i].apply(&durable_names);
    } else {
      rest.push_back(std::move(journal[i]));
    }
  }
  journal = std::move(rest);
}

void FaultDisk::forget_if_unused(FaultInode& inode) {
  if (inode.names == 0 && inode.handles == 0) free_space += inode.release_from(0);
}

}  // namespace stave::test
