#include "engine/expiry_clock.h"

#include <algorithm>
#include <utility>

namespace stave {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

uint64_t plus(uint64_t a, uint64_t b) { return a + std::min(b, UINT64_MAX - a); }

}  // namespace

ExpiryClock::ExpiryClock(const Clock& clock, const Options& options)
    : clock_(clock),
      default_ttl_ms_(options.expiry_default_ttl_ms),
      grace_ms_(options.expiry_grace_time_ms),
      tolerance_ms_(options.expiry_clock_tolerance_ms),
      opened_wall_ms_(clock.now_ms()),
      opened_us_(clock.now_us()) {}

uint64_t ExpiryClock::now_ms() const {
  const uint64_t wall = clock_.now_ms();
  uint64_t mark = mark_ms_.load(kRelaxed);
  uint64_t now = std::clamp(mark, wall, plus(wall, tolerance_ms_));
  // Stored only where it moves: once a millisecond, however many ask.
  while (now != mark && !mark_ms_.compare_exchange_weak(mark, now, kRelaxed)) {
    now = std::clamp(mark, wall, plus(wall, tolerance_ms_));
  }
  return now;
}

bool ExpiryClock::is_past(uint64_t expires_at_ms) const {
  note_use();
  return expires_at_ms <= now_ms();
}

uint64_t ExpiryClock::after(uint64_t ttl_ms) const { return plus(now_ms(), ttl_ms); }

uint64_t ExpiryClock::reclaim_ms() const {
  const uint64_t since_open_ms = (clock_.now_us() - opened_us_) / 1000;
  const uint64_t most = plus(plus(opened_wall_ms_, since_open_ms), tolerance_ms_);
  const uint64_t now = std::min(now_ms(), most);
  return now - std::min(now, grace_ms_);
}

void ExpiryClock::learn(uint64_t mark_ms) const {
  note_saved(mark_ms);
  uint64_t mark = mark_ms_.load(kRelaxed);
  while (mark < mark_ms && !mark_ms_.compare_exchange_weak(mark, mark_ms, kRelaxed)) {
  }
}

void ExpiryClock::first_used() const {
  MutexLock lock(first_use_mutex_);
  if (!used_.exchange(true, kRelaxed) && at_first_use_) at_first_use_();
}

void ExpiryClock::on_first_use(std::function<void()> call) const {
  MutexLock lock(first_use_mutex_);
  at_first_use_ = std::move(call);
  if (in_use() && at_first_use_) at_first_use_();
}

bool ExpiryClock::save_due() const {
  return in_use() && now_ms() >= plus(saved_ms_.load(kRelaxed), kSaveEveryMs);
}

}  // namespace stave
