#include "engine/merge_pipe.h"

#include <system_error>

#include "base/signals_blocked.h"

namespace stave {

MergePipe::MergePipe(MergeOutput& output, uint64_t window_bytes, bool threaded, bool sync_often)
    : output_(output),
      sync_often_(sync_often),
      filling_(std::make_unique<MergeWindow>(window_bytes)) {
  if (!threaded) return;
  writing_ = std::make_unique<MergeWindow>(window_bytes);
  try {
    const SignalsBlocked blocked;
    thread_ = std::thread([this] { run(); });
  } catch (const std::system_error&) {
    writing_.reset();  // no thread to be had: it goes without
  }
}

void MergePipe::add_input(const Segment& input) {
  if (input.mapping() == nullptr || !input.mapping()->resident(input.tail())) return;
  filling_->read_mapped(input);
  if (writing_) writing_->read_mapped(input);
}

MergePipe::~MergePipe() {
  if (!thread_.joinable()) return;
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

Status MergePipe::write(MergeWindow& window) {
  Status s = output_.append(window, sync_often_);
  window.clear();
  return s;
}

Status MergePipe::make_way() {
  return thread_.joinable() && filling_->oversized() ? wait_idle() : Status();
}

Status MergePipe::pass_on() {
  if (!thread_.joinable()) return write(*filling_);
  STAVE_RETURN_IF_ERROR(wait_idle());
  std::swap(filling_, writing_);
  MutexLock lock(mutex_);
  work_ = true;
  changed_.notify_all();
  return {};
}

Status MergePipe::wait_idle() {
  MutexLock lock(mutex_);
  while (work_) changed_.wait(mutex_);
  return status_;
}

Status MergePipe::finish() {
  if (thread_.joinable()) STAVE_RETURN_IF_ERROR(wait_idle());
  return output_.finish();
}

void MergePipe::run() {
  while (true) {
    {
      MutexLock lock(mutex_);
      while (!work_ && !stopping_) changed_.wait(mutex_);
      if (!work_) return;
    }
    Status s;
    try {
      s = write(*writing_);
    } catch (const std::bad_alloc&) {
      s = Status::answer(Code::no_memory);
    }
    MutexLock lock(mutex_);
    work_ = false;
    if (status_.ok()) status_ = s;
    changed_.notify_all();
  }
}

}  // namespace stave
