// DIR/MANIFEST on disk: written beside, synced, renamed over, and the directory synced.

#include <algorithm>
#include <new>

#include "engine/catalog.h"

namespace stave {
namespace {

constexpr uint64_t kManifestSizeMax = 256ULL << 20;
constexpr const char* kName = "MANIFEST";
// Between writes this file stands ready with blocks allocated, so that a MANIFEST (and with it
// a delete's rotation, or a merge that frees space) can be written on a full disk.
constexpr const char* kNextName = "MANIFEST.new";
constexpr uint64_t kReserveMin = 16 << 10;

Result<std::unique_ptr<File>> open_next(Env& env) {
  auto file = env.fs.open(env.path(kNextName), Access::write);
  if (!file.status().is(Code::not_found)) return file;
  return env.fs.create(env.path(kNextName), 0644);
}

// Best effort: without it only a full disk is less comfortable.
void reserve_next(Env& env, uint64_t bytes) {
  try {
    auto file = open_next(env);
    if (!file.ok() || (*file)->allocate(0, std::max(kReserveMin, bytes)).ok()) return;
    // At least what the MANIFEST just replaced has freed.
    (void)(*file)->allocate(0, bytes / 2);
  } catch (const std::bad_alloc&) {  // the MANIFEST has been replaced all the same
  }
}

}  // namespace

Status save_manifest(Env& env, const Manifest& manifest, bool* uncertain) {
  *uncertain = false;
  const std::string text = encode_manifest(manifest);
  {
    auto file = open_next(env);
    if (!file.ok()) return file.status();
    STAVE_RETURN_IF_ERROR((*file)->write(0, text));
    STAVE_RETURN_IF_ERROR((*file)->truncate(text.size()));
    // Contents before the name: a MANIFEST that a power cut leaves must be whole.
    STAVE_RETURN_IF_ERROR((*file)->sync());
  }
  // Opened while failing is harmless: after the rename, for want of a descriptor, nobody could
  // tell which MANIFEST a power cut would leave.
  auto dir = env.fs.open_dir(env.dir);
  if (!dir.ok()) return dir.status();
  const std::string from = env.path(kNextName);
  const std::string to = env.path(kName);
  *uncertain = true;
  STAVE_RETURN_IF_ERROR(env.fs.rename(from, to));
  // The name before anything that relies on it (a file's first record, an unlink).
  STAVE_RETURN_IF_ERROR((*dir)->sync());
  *uncertain = false;
  reserve_next(env, 2 * text.size());
  return {};
}

Result<Manifest> load_manifest(Env& env) {
  auto text = read_file(env.fs, env.path(kName), kManifestSizeMax);
  if (!text.ok()) return text.status();
  Manifest m;
  STAVE_RETURN_IF_ERROR(decode_manifest(*text, env.path(kName), &m));
  return m;
}

}  // namespace stave
