#include <unistd.h>

#include <thread>
#include <vector>

#include "process.h"
#include "workload.h"

namespace crash {
namespace {

class Writer {
 public:
  Writer(const Task& task, SharedState* shared, stave_db* db)
      : task_(task), shared_(shared), db_(db) {}

  void write_all(uint32_t thread) {
    ThreadLog& log = shared_->threads[thread];
    Workload workload(task_.seed, task_.round, thread, task_.threads, task_.mix);
    for (uint32_t i = 0; i < kOpsMax && shared_->stop.load() == kGoOn; i++) {
      Operation op = workload.next();
      announce(op);
      log.started.store(i + 1);
      int code = carry_out(op);
      bool missed = code == STAVE_NOT_FOUND && op.what == What::erase;
      if (code != STAVE_OK && !missed) {
        shared_->writer.make("operation %u of thread %u: %s: %s", i, thread,
                             stave_status_name(code), stave_last_error());
        return;
      }
      log.missed[i].store(missed);
      log.acked.store(i + 1);
      acknowledge(op);
    }
  }

  void merge_now_and_then() {
    Random random(task_.seed ^ task_.round);
    const uint64_t pauses[] = {1, 5000, 100000};  // without a pause: rotations from both sides
    const uint64_t longest = pauses[random.below(3)];
    // Background merges take some of the files: then range tombstones must be kept.
    if (task_.mix == Mix::ranges && random.below(2) == 0) return;
    while (shared_->stop.load() == kGoOn) {
      usleep(static_cast<useconds_t>(random.below(longest)));
      int code = stave_merge(db_, STAVE_MERGE_UNCAPPED);
      if (code != STAVE_OK && code != STAVE_CANCELLED && code != STAVE_CLOSED) {
        shared_->writer.make("merge: %s: %s", stave_status_name(code), stave_last_error());
        return;
      }
    }
  }

 private:
  void announce(const Operation& op) {
    for (const Step& s : op.steps) {
      KeyLog& key = shared_->keys[s.key];
      (s.erase ? key.delete_started : key.put_started).store(op.version);
    }
  }

  void acknowledge(const Operation& op) {
    for (const Step& s : op.steps) {
      shared_->keys[s.key].acked.store(op.version * 2 + (s.erase ? 1 : 0));
    }
  }

  int carry_out(const Operation& op) {
    switch (op.what) {
      case What::put:
        return put(key_text(op.steps[0].key), value_text(op.steps[0].key, op.version), op);
      case What::erase:
        return erase(key_text(op.steps[0].key), op);
      case What::batch:
        return write_batch(op);
      default:
        return erase_many(op);
    }
  }

  int erase_many(const Operation& op) {
    if (op.what == What::clear) return stave_clear(db_, op.flags);
    if (op.what == What::prefix) {
      std::string prefix = prefix_text(op);
      return stave_delete_prefix(db_, prefix.data(), prefix.size(), op.flags);
    }
    std::string from = bound_text(op.first), to = bound_text(op.end);
    return stave_delete_range(db_, from.data(), from.size(), to.data(), to.size(), op.flags);
  }

  // One way or another: what is there afterwards is the same.
  int erase(const std::string& key, const Operation& op) {
    if (op.version % 2 == 0) return stave_delete(db_, key.data(), key.size(), op.flags);
    void* old = nullptr;
    size_t length = 0;
    int code = stave_get_and_delete(db_, key.data(), key.size(), op.flags, &old, &length);
    stave_free(old);
    return code;
  }

  int put(const std::string& key, const std::string& value, const Operation& op) {
    constexpr uint64_t kDay = 86'400'000;
    stave_entry entry{};
    entry.size = sizeof entry;
    switch (op.version % 4) {
      case 0:
        return stave_put_ttl(db_, key.data(), key.size(), value.data(), value.size(), kDay,
                             op.flags);
      case 1: {  // the key is this thread's alone: its version is what it reads
        int code = stave_get_entry(db_, key.data(), key.size(), &entry, nullptr, nullptr);
        if (code != STAVE_OK && code != STAVE_NOT_FOUND) return code;
        return stave_put_if_version(db_, key.data(), key.size(), entry.version, value.data(),
                                    value.size(), op.flags, nullptr);
      }
      default:
        return stave_put(db_, key.data(), key.size(), value.data(), value.size(), op.flags);
    }
  }

  int write_batch(const Operation& op) {
    stave_batch* batch = nullptr;
    int code = stave_batch_create(&batch);
    for (size_t i = 0; i < op.steps.size() && code == STAVE_OK; i++) {
      std::string key = key_text(op.steps[i].key);
      std::string value = value_text(op.steps[i].key, op.version);
      code = op.steps[i].erase
                 ? stave_batch_delete(batch, key.data(), key.size())
                 : stave_batch_put(batch, key.data(), key.size(), value.data(), value.size());
    }
    if (code == STAVE_OK) code = stave_write(db_, batch, op.flags);
    stave_batch_destroy(batch);
    return code;
  }

  const Task& task_;
  SharedState* shared_;
  stave_db* db_;
};

}  // namespace

int run_writer(const Task& task, SharedState* shared) {
  stave_options* o = writer_options(task);
  stave_db* db = nullptr;
  shared->phase.store(kOpening);
  int code = stave_open(task.dir.c_str(), o, &db);
  stave_options_destroy(o);
  if (code != STAVE_OK) {
    shared->writer.make("open: %s: %s", stave_status_name(code), stave_last_error());
    return 1;
  }
  shared->phase.store(kRunning);
  Writer writer(task, shared, db);
  std::vector<std::thread> threads;
  for (uint32_t i = 0; i < task.threads; i++) {
    threads.emplace_back([&writer, i] { writer.write_all(i); });
  }
  threads.emplace_back([&writer] { writer.merge_now_and_then(); });
  for (std::thread& t : threads) t.join();
  shared->phase.store(kClosing);
  if (shared->stop.load() == kClose) code = stave_close(db);
  if (code != STAVE_OK) {
    shared->writer.make("close: %s: %s", stave_status_name(code), stave_last_error());
  }
  stave_release(db);
  shared->phase.store(kClosed);
  return shared->writer.made.load() ? 1 : 0;
}

}  // namespace crash
