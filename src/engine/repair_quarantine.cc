// quarantine/repair-N/: what a repair takes out of use, under the names that it had, and
// report.txt, which is written last. A directory without one is of a repair that did not come to
// its end, and is used again.

#include "base/page_allocator.h"
#include "engine/forgiving_file.h"
#include "engine/repair.h"

namespace stave {
namespace {

constexpr uint64_t kChunk = 1 << 20;
constexpr const char* kReport = "report.txt";

Status copy_file(Fs& fs, const std::string& from, const std::string& to) {
  auto source = fs.open(from, Access::read);
  if (!source.ok()) return source.status();
  ForgivingFile file(source.take());
  auto copy = fs.create(to, 0644);
  if (!copy.ok()) return copy.status();
  const PageBuffer buffer = make_page_buffer(kChunk);
  for (uint64_t at = 0;;) {
    size_t got = 0;
    STAVE_RETURN_IF_ERROR(file.read(at, buffer.get(), kChunk, &got));
    if (got == 0) break;
    STAVE_RETURN_IF_ERROR((*copy)->write(at, Bytes(buffer.get(), got)));
    at += got;
  }
  return (*copy)->sync();
}

}  // namespace

Status Repair::open_quarantine() {
  if (originals_ == Originals::untouched) return {};
  const std::string base = env_->path("quarantine");
  STAVE_RETURN_IF_ERROR(env_->fs.make_dir(base));
  STAVE_RETURN_IF_ERROR(env_->fs.sync_dir(env_->dir));
  for (uint64_t n = 1;; ++n) {
    report_.quarantine = base + "/repair-" + std::to_string(n);
    auto used = env_->fs.exists(report_.quarantine + "/" + kReport);
    if (!used.ok()) return used.status();
    if (!*used) break;
  }
  STAVE_RETURN_IF_ERROR(env_->fs.make_dir(report_.quarantine));
  return env_->fs.sync_dir(base);
}

Status Repair::quarantine(const std::string& name) {
  if (originals_ == Originals::untouched || quarantined_[name]) return {};
  const std::string from = env_->path(name);
  const std::string to = report_.quarantine + "/" + name;
  Status s = env_->fs.unlink(to);  // of a repair that did not come to its end
  if (!s.ok() && !s.is(Code::not_found)) return s;
  s = env_->fs.link(from, to);
  if (s.ok()) {
    auto file = env_->fs.open(to, Access::read);
    s = file.ok() ? (*file)->sync() : file.status();
  } else if (s.is(Code::unsupported)) {
    s = copy_file(env_->fs, from, to);
  }
  quarantined_[name] = true;
  return s.is(Code::not_found) ? Status() : s;  // a hint that is not there, for one
}

Status Repair::quarantine_files() {
  if (originals_ == Originals::untouched) return {};
  STAVE_RETURN_IF_ERROR(quarantine("MANIFEST"));
  for (const RepairFile& f : survey_.files) {
    const bool stays = f.fate == FileFate::keep && f.found.records != 0;
    const bool empty = f.fate != FileFate::leave_out && f.found.end <= kFileHeaderSize &&
                       f.found.lost.empty();  // else it has marks at least
    if ((stays || empty) && !f.tail_cut) continue;
    STAVE_RETURN_IF_ERROR(quarantine(data_file_name(f.id)));
    STAVE_RETURN_IF_ERROR(quarantine(hint_file_name(f.id)));
  }
  return env_->fs.sync_dir(report_.quarantine);
}

Status Repair::write_report() {
  if (originals_ == Originals::untouched) return {};
  std::string text;
  for (const std::string& line : report_.lines) text.append(line).append("\n");
  const std::string path = report_.quarantine + "/" + kReport;
  auto file = env_->fs.create(path, 0644);
  if (!file.ok()) return file.status();
  STAVE_RETURN_IF_ERROR((*file)->write(0, text));
  STAVE_RETURN_IF_ERROR((*file)->sync());
  return env_->fs.sync_dir(report_.quarantine);
}

}  // namespace stave
