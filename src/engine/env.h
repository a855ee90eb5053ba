// What every part of one store needs: the injected world, its options and its directory.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "base/clock.h"
#include "engine/event_log.h"
#include "engine/expiry_clock.h"
#include "engine/options.h"
#include "engine/space_pressure.h"
#include "io/fs.h"

namespace stave {

struct Env {
  Env(Fs& f, const Clock& c, std::string directory, Options o, std::shared_ptr<Fs> own = nullptr)
      : own_fs(std::move(own)),
        fs(own_fs ? *own_fs : f),
        clock(c),
        dir(std::move(directory)),
        options(std::move(o)),
        expiry(c, options),
        pressure(options.merge_space_target),
        log(c, options.log_callback) {}

  [[nodiscard]] std::string path(const std::string& name) const { return dir + "/" + name; }

  const std::shared_ptr<Fs> own_fs;  // where the store has one of its own, fs is that
  Fs& fs;
  const Clock& clock;
  const std::string dir;
  const Options options;
  const ExpiryClock expiry;
  SpacePressure pressure;
  EventLog log;
  // The directory is no longer ours: what still holds files of it must not touch names there.
  std::atomic<bool> closed{false};
};

}  // namespace stave
