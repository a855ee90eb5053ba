// A store small enough to see through, for the merge's tests: a log, a catalog and a keydir, a
// history of all operations, and a loader that knows nothing but the files.
//
// Threads: get() by any, merges by one, log operations and rotate() by one, all at once.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/hint_file.h"
#include "engine/merge.h"
#include "engine/merge_job.h"
#include "unit/engine/log_maker.h"

namespace stave::test {

using State = std::map<std::string, std::string>;

// Time stands still but when told; whoever asks may be interrupted by other things that happen.
class HookClock final : public Clock {
 public:
  std::atomic<uint64_t> ms{1'000'000};
  int hour = 12;
  std::function<void()> interrupt;  // runs once per now_ms, not within itself
  [[nodiscard]] uint64_t now_ms() const override {
    if (interrupt && !inside_) {
      inside_ = true;
      interrupt();
      inside_ = false;
    }
    return ms;
  }
  [[nodiscard]] uint64_t now_us() const override { return ms * 1000; }
  [[nodiscard]] int local_hour() const override { return hour; }

 private:
  mutable bool inside_ = false;
};

class MergeWorld {
 public:
  explicit MergeWorld(Options o = {});

  // Log operations. False: the file system refused, nothing happened.
  bool put(const std::string& key, const std::string& value, uint64_t expires_at_ms = 0);
  bool erase(const std::string& key);
  bool batch(const std::vector<std::pair<std::string, std::string>>& puts);
  Status sync();
  // Seals the active file and begins the next; returns the sealed one.
  std::shared_ptr<Segment> rotate();

  // A merge of these files (all sealed ones when empty), not by the planner's choice.
  std::unique_ptr<MergeJob> job(SegmentList inputs = {});
  Status merge(SegmentList inputs = {}) { return job(std::move(inputs))->run(); }

  [[nodiscard]] SegmentList files() { return catalog->version()->segments; }
  [[nodiscard]] std::shared_ptr<Segment> file(uint64_t id);

  // What the history says after its first n operations, at this time.
  [[nodiscard]] State expected(size_t n) const;
  [[nodiscard]] State expected() const { return expected(history.size()); }
  // As a reader finds it through the keydir: by any thread, with a guard of `reads`.
  std::optional<std::string> get(const std::string& key);
  // The same for every key there ever was.
  [[nodiscard]] State read_all();
  // What a new process would find on this disk. Fails the test on anything impossible.
  [[nodiscard]] State load(Fs& disk) const;
  // The names of data and hint files that MANIFEST does not list.
  [[nodiscard]] std::vector<std::string> leftovers();
  void check();         // keydir and disk agree with the history
  void check_counts();  // live counts of all files agree with the keydir

  struct Past {
    std::string key;
    std::optional<std::string> value;
    uint64_t expires_at_ms;
  };

  FaultFs fs;
  HookClock clock;
  std::shared_ptr<Env> env;
  std::unique_ptr<AddressSpace> space;
  std::unique_ptr<Keydir> keydir;
  Hasher hasher{Secret{1, 2, 3}};
  Epoch reads;
  std::unique_ptr<Catalog> catalog;
  std::function<void()> before_durable;  // within make_log_durable
  std::unique_ptr<MergeParts> parts;
  std::unique_ptr<Merger> merger;
  MergeControl control{clock};
  RateLimiter unlimited{clock, 0};
  MergeProgress progress;
  bool hints = true;  // rotate() writes them

  std::vector<Past> history;
  size_t synced = 0;  // operations of the history that a power cut cannot take

 private:
  void begin_file();
  bool append(const std::function<void(LogMaker&)>& add);

  std::mutex writing_;  // as the writer's: one append at a time
  std::shared_ptr<Segment> active_;
  std::unique_ptr<LogMaker> log_;
  uint64_t next_seq_ = 1;
};

inline uint64_t live(const Segment& s) { return s.counts.live_records(); }
inline uint64_t tombstones(const Segment& s) { return s.counts.tombstones.load(); }

}  // namespace stave::test
