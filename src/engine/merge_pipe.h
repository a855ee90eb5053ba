// Between fetching and writing in a merge: one window is written out while the next is fetched.
//
// Only where there is no rate cap to keep to, and a second thread may be used; else a window is
// written by the thread that brings it.
#pragma once

#include <memory>
#include <thread>

#include "base/mutex.h"
#include "engine/merge_output.h"

namespace stave {

class MergePipe {
 public:
  MergePipe(MergeOutput& output, uint64_t window_bytes, bool threaded, bool sync_often);
  ~MergePipe();  // waits for the window at work
  MergePipe(const MergePipe&) = delete;
  MergePipe& operator=(const MergePipe&) = delete;

  // Before the first window: a file that records will be copied from.
  void add_input(const Segment& input);
  // The window to collect in.
  [[nodiscard]] MergeWindow& window() { return *filling_; }
  // Before window() is fetched. A record may be gigabytes: a large one waits until the one before
  // is written and its memory given back.
  Status make_way();
  // Held for records; not while a window may be at work, so after make_way for a large one.
  [[nodiscard]] uint64_t memory_bytes() const {
    return filling_->capacity() + (writing_ ? writing_->capacity() : 0);
  }
  // Hands the fetched window over to be written; window() is another one then, and empty. The
  // status may be an earlier window's. After an error nothing more is written.
  Status pass_on();
  // Returns when everything is written.
  Status finish();

 private:
  void run();
  Status write(MergeWindow& window);
  Status wait_idle();

  MergeOutput& output_;
  const bool sync_often_;
  std::unique_ptr<MergeWindow> filling_;
  std::unique_ptr<MergeWindow> writing_;  // the other thread's while work_ is set

  Mutex mutex_;
  CondVar changed_;
  bool work_ STAVE_GUARDED_BY(mutex_) = false;
  bool stopping_ STAVE_GUARDED_BY(mutex_) = false;
  Status status_ STAVE_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace stave
