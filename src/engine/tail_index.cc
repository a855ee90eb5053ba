#include "engine/tail_index.h"

#include "engine/run.h"

namespace stave {

TailIndex::TailIndex() = default;
TailIndex::~TailIndex() = default;

Status TailIndex::extend(const Segment& segment, uint64_t upto, bool all) {
  STAVE_CHECK(upto <= segment.tail());
  MutexLock building(building_);
  if (!room_) room_ = std::make_unique<RunSort>();
  const std::unique_ptr<RunSort> last_use = all ? std::move(room_) : nullptr;
  RunSort* const room = all ? last_use.get() : room_.get();
  for (uint64_t from = covered(); from < upto;) {
    Result<std::shared_ptr<const Run>> made =
        make_run(segment, from, upto, kRunOperations, !all, Trust::written, room);
    if (!made.ok()) return made.status();
    const std::shared_ptr<const Run> run = made.take();
    if (run == nullptr) return {};
    from = run->to;
    MutexLock lock(mutex_);
    covered_ = run->to;
    if (!run->places.empty() || !run->ranges.empty()) runs_.push_back(run);
  }
  return {};
}

uint64_t TailIndex::covered() const {
  MutexLock lock(mutex_);
  return covered_;
}

std::vector<std::shared_ptr<const Run>> TailIndex::runs() const {
  MutexLock lock(mutex_);
  return runs_;
}

void TailIndex::release() {
  std::vector<std::shared_ptr<const Run>> gone;  // freed without the lock
  MutexLock lock(mutex_);
  gone.swap(runs_);
}

uint64_t TailIndex::memory_bytes() const {
  MutexLock lock(mutex_);
  uint64_t bytes = sizeof *this + runs_.capacity() * sizeof runs_[0];
  for (const auto& run : runs_) bytes += run->memory_bytes();
  return bytes;
}

Result<std::shared_ptr<const Run>> build_run(const Segment& segment, uint64_t from, uint64_t to) {
  // A sealed file may have been written long ago by another process: its bytes are verified.
  const Trust trust = segment.sealed() ? Trust::verified : Trust::written;
  return make_run(segment, from, to, UINT64_MAX, false, trust);
}

}  // namespace stave
