// `stave stats --watch`: the figures of a store again and again, and what happened in between.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>

#include "cli/context.h"
#include "cli/store.h"

namespace stave::cli {

// What a writer, most likely another process, did between two looks at a read-only store. Gets
// leave nothing behind in the files, so nobody else can count them.
struct StatsChange {
  double seconds = 0;
  uint64_t operations = 0;
  std::optional<uint64_t> puts;  // nothing: the log of that time is merged away already
  std::optional<uint64_t> deletes;
  uint64_t files_merged = 0;  // data files gone from the list
  uint64_t files_made = 0;    // by merges
  int64_t disk_bytes = 0;     // growth
};

class StatsWatch {
 public:
  struct Settings {
    double seconds = 1;
    uint64_t times = UINT64_MAX;
  };
  // Text of the present figures, for a terminal.
  using Table = std::function<std::string(const stave_stats&)>;

  StatsWatch(Context& context, Store& store, Settings settings, Table table);

  // Until so many intervals are over, or SIGINT comes. Throws Failure and BrokenPipe.
  void run();

 private:
  struct Look;

  Look look();
  StatsChange change_since(const Look& before, const Look& now);
  void count_operations(uint64_t after, uint64_t upto, StatsChange& change);
  void show(const Look& now, const StatsChange* change);
  std::string line(const Look& now, const StatsChange& change) const;
  std::string json_line(const Look& now, const StatsChange& change) const;
  void draw(const std::string& text);

  Context& context_;
  Store& store_;
  const Settings settings_;
  const Table table_;
  size_t drawn_lines_ = 0;
};

}  // namespace stave::cli
