// stave merge
#include <CLI/CLI.hpp>
#include <chrono>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/failure.h"
#include "cli/human.h"
#include "cli/watch.h"

namespace stave::cli {
namespace {

class MergeCommand : public Command {
 public:
  void declare(CLI::App& verb) override {
    CLI::Option* capped = verb.add_flag("--capped", capped_, "Keep to the option merge.rate");
    verb.add_flag("--uncapped", uncapped_, "As fast as the disk allows, which is the default")
        ->excludes(capped);
    verb.add_flag(
        "--sort", sort_,
        "Put all keys in order, 4 GiB at a time: also rewrites files in which nothing is dead");
  }

  Exit run(Context& context) override {
    Store store(context, Access::write);
    const stave_stats before = store.stats();
    const auto start = std::chrono::steady_clock::now();
    {
      Watch watch(context, store, library_progress(store));
      check(stave_merge(store.get(),
                        (capped_ ? 0 : STAVE_MERGE_UNCAPPED) | (sort_ ? STAVE_MERGE_SORT : 0)));
    }
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    // Closing removes the files made ahead and, at the latest, those merged: only the closed store
    // can be counted.
    store.close();
    Store merged(context, Access::read);
    const stave_stats after = merged.stats();
    merged.close();
    report(context, before, after, elapsed.count());
    return Exit::ok;
  }

 private:
  static void report(Context& context, const stave_stats& before, const stave_stats& after,
                     double seconds) {
    const uint64_t reclaimed =
        before.disk_bytes > after.disk_bytes ? before.disk_bytes - after.disk_bytes : 0;
    if (context.json) {
      nlohmann::ordered_json result = {{"disk_bytes_before", before.disk_bytes},
                                       {"disk_bytes_after", after.disk_bytes},
                                       {"reclaimed_bytes", reclaimed},
                                       {"files_before", before.files},
                                       {"files_after", after.files},
                                       {"seconds", seconds}};
      return context.out.write(result.dump() + "\n");
    }
    if (context.quiet) return;
    context.out.write(
        "before: " + human_bytes(before.disk_bytes) + " in " + counted(before.files, "file") +
        "\nafter: " + human_bytes(after.disk_bytes) + " in " + counted(after.files, "file") +
        "\nreclaimed: " + human_bytes(reclaimed) + " in " + human_seconds(seconds) + "\n");
  }

  bool capped_ = false;
  bool sort_ = false;
  bool uncapped_ = false;  // only to be refused beside the other
};

}  // namespace

std::unique_ptr<Command> make_merge() { return std::make_unique<MergeCommand>(); }

}  // namespace stave::cli
