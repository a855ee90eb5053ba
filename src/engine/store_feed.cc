// The change feed's way to files and waiting.

#include <chrono>
#include <thread>

#include "engine/store.h"

namespace stave {
namespace {

using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// How often a read-only store looks what the writer has done.
constexpr milliseconds kLook{20};
constexpr milliseconds kPiece{60000};  // of a wait without end

Status gone(uint64_t after, uint64_t floor) {
  return {Code::feed_gone,
          "operations after number " + std::to_string(after) +
              " are no longer all in the files: merges or a clear took some up to number " +
              std::to_string(floor) + "; read the whole store, then follow from its last_seq on"};
}

}  // namespace

Status Store::open_feed(uint64_t after, std::unique_ptr<Feed>* out) {
  const Epoch::Guard call(calls_);
  if (closed_.load(std::memory_order_seq_cst)) return closed_status();
  auto files = std::make_shared<FeedFiles>();
  uint64_t last = 0;
  uint64_t floor = 0;
  if (writer_) {
    writer_->join_feed(files);
    writer_->while_still([&](uint64_t last_seq) {
      files->assign(files_after(catalog_->version()->segments, after));
      last = last_seq;
    });
    // Read after the files, or a merge between the two might go unseen.
    floor = catalog_->manifest().feed_floor;
  } else {
    MutexLock lock(refresh_mutex_);
    const View& view = *view_.load(std::memory_order_acquire);
    files->assign(files_after(view.version->segments, after));
    last = view.last_seq;
    floor = view.manifest.feed_floor;
  }
  if (after > last) {
    return {Code::invalid_argument, "the store's newest operation has number " +
                                        std::to_string(last) + ": there is none with number " +
                                        std::to_string(after) + " to go on after"};
  }
  if (floor > after) return gone(after, floor);
  *out = std::make_unique<Feed>(std::move(files), after);
  return {};
}

Status Store::update_feed(Feed& feed) {
  MutexLock lock(refresh_mutex_);
  const View& view = *view_.load(std::memory_order_acquire);
  if (feed.update(view.version->segments, view.manifest.feed_floor)) return {};
  return gone(feed.position(), view.manifest.feed_floor);
}

Status Store::feed_next(Feed& feed, int64_t timeout_ms, Change* out) {
  const Epoch::Guard call(calls_);
  const auto began = SteadyClock::now();
  while (true) {
    if (closed_.load(std::memory_order_seq_cst)) return closed_status();
    if (!writer_) STAVE_RETURN_IF_ERROR(update_feed(feed));
    const Status s = feed.next(out);
    if (!s.is(Code::done)) return s;
    const auto waited = std::chrono::duration_cast<milliseconds>(SteadyClock::now() - began);
    if (timeout_ms >= 0 && waited.count() >= timeout_ms) return s;
    const milliseconds left =
        timeout_ms < 0 ? kPiece : std::min(kPiece, milliseconds(timeout_ms) - waited);
    if (writer_) {
      writer_->wait_for_operation(feed.position(), left);
    } else {
      std::this_thread::sleep_for(std::min(left, kLook));
      STAVE_RETURN_IF_ERROR(refresh());
    }
  }
}

}  // namespace stave
