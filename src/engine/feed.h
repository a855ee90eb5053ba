// The change feed: all operations with numbers above a given one, in order, while files hold them.
//
// Above MANIFEST's feed_floor every operation still stands in a log file, and numbers rise from
// record to record and from file to file; so the feed reads log files one after the other. Files
// that a merge takes away meanwhile stay readable, because the feed holds them.
//
// Threads: FeedFiles by any; a Feed belongs to one thread at a time.
#pragma once

#include <deque>
#include <memory>
#include <optional>

#include "base/mutex.h"
#include "engine/catalog.h"
#include "engine/scan.h"

namespace stave {

// The log files that a feed has yet to read, the present one first. The writer adds each file that
// becomes the active one.
class FeedFiles {
 public:
  void add(const std::shared_ptr<Segment>& segment) STAVE_EXCLUDES(mutex_);
  void assign(const SegmentList& segments) STAVE_EXCLUDES(mutex_);
  // The present file; null: none. *final: a later one has records, so that this one gets no more.
  [[nodiscard]] std::shared_ptr<Segment> front(bool* final) const STAVE_EXCLUDES(mutex_);
  void pop() STAVE_EXCLUDES(mutex_);

 private:
  mutable Mutex mutex_;
  std::deque<std::shared_ptr<Segment>> files_ STAVE_GUARDED_BY(mutex_);
};

struct Change {
  Kind kind = Kind::none;  // put, tombstone or range tombstone
  uint64_t seq = 0;
  uint64_t expires_at_ms = 0;
  Bytes key;
  Bytes value;        // of a range tombstone: the end
  bool more = false;  // further operations of the same batch follow
};

class Feed {
 public:
  Feed(std::shared_ptr<FeedFiles> files, uint64_t after)
      : files_(std::move(files)), position_(after) {}

  // The next operation; its bytes are lent until the next call. done: none as yet. corrupt, io:
  // the log cannot be read there, and the next call will say so again.
  Status next(Change* out);
  // The number of the last operation handed out, at first that after which to begin.
  [[nodiscard]] uint64_t position() const { return position_; }

  // What files there are now (read-only stores: those of a new view). False: operations after
  // position() may be gone.
  [[nodiscard]] bool update(const SegmentList& segments, uint64_t feed_floor);

 private:
  // False: the scanner has come to its end (or to damage: *status).
  bool take(Change* out, Status* status);
  void enter(std::shared_ptr<Segment> segment, uint64_t offset);

  const std::shared_ptr<FeedFiles> files_;
  uint64_t position_;
  std::shared_ptr<Segment> segment_;
  uint64_t offset_ = kFileHeaderSize;  // of the next frame, or of the one that is not done
  uint64_t scanned_to_ = 0;
  std::optional<Scanner> scanner_;
};

// Of `segments` the log files that may hold operations above `after`.
SegmentList files_after(const SegmentList& segments, uint64_t after);

}  // namespace stave
