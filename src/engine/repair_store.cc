// Repair and salvage as the outside calls them.

#include <algorithm>

#include "engine/repair.h"
#include "engine/salvage.h"
#include "io/overlay_fs.h"

namespace stave {
namespace {

// pread only: what a device cannot read is an error there, and no signal.
Options repair_options(Options options) {
  options.io = Io::positional;
  options.background = false;
  options.log_callback = nullptr;
  return options;
}

Status check_directory(Fs& fs, const std::string& dir, const Options& options) {
  if (dir.empty()) return {Code::invalid_argument, "the directory's name is empty"};
  const std::string kind = options.network_fs ? "" : fs.network_fs(dir);
  if (!kind.empty()) {
    return {Code::network_fs, dir + " is on a network file system (" + kind +
                                  "); set the option network_fs to go on all the same"};
  }
  auto names = fs.list(dir);
  if (names.status().is(Code::not_found)) {
    return {Code::no_store, dir + ": there is no such directory"};
  }
  if (!names.ok()) return names.status();
  // Before the lock, which would leave a LOCK file in a directory that is not ours.
  const bool store = std::any_of(names->begin(), names->end(), [](const std::string& name) {
    uint64_t id = 0;
    return name == "MANIFEST" || parse_data_file_name(name, &id);
  });
  return store ? Status() : Status(Code::no_store, dir + " holds no store");
}

Status repair_overlay(OverlayFs& over, const Clock& clock, const std::string& dir,
                      const Options& options, RepairReport* report) {
  const auto env = std::make_shared<Env>(over, clock, dir, repair_options(options));
  return Repair(env, 0, Originals::untouched).run(report);
}

}  // namespace

Status repair_store(Fs& fs, const Clock& clock, const std::string& dir, const Options& options,
                    RepairReport* report) {
  *report = {};
  STAVE_RETURN_IF_ERROR(check_directory(fs, dir, options));
  Status s;
  if (options.read_only) {
    OverlayFs over(fs);
    s = repair_overlay(over, clock, dir, options, report);
  } else {
    auto lock = fs.lock(dir);
    if (!lock.ok()) return lock.status();
    const auto env = std::make_shared<Env>(fs, clock, dir, repair_options(options));
    s = Repair(env, (*lock)->inode(), Originals::quarantined).run(report);
  }
  if (options.log_callback) {
    for (const std::string& line : report->lines) {
      options.log_callback(static_cast<int>(LogLevel::info), line);
    }
  }
  return s;
}

Status open_salvage(Fs& fs, const Clock& clock, const std::string& dir, const Options& options,
                    std::shared_ptr<Fs>* over, RepairReport* report) {
  *report = {};
  STAVE_RETURN_IF_ERROR(check_directory(fs, dir, options));
  auto made = std::make_shared<OverlayFs>(fs);
  STAVE_RETURN_IF_ERROR(repair_overlay(*made, clock, dir, options, report));
  *over = std::move(made);
  return {};
}

}  // namespace stave
