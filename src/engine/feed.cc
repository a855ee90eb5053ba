#include "engine/feed.h"

#include <algorithm>

namespace stave {

void FeedFiles::add(const std::shared_ptr<Segment>& segment) {
  MutexLock lock(mutex_);
  if (std::find(files_.begin(), files_.end(), segment) == files_.end()) files_.push_back(segment);
}

void FeedFiles::assign(const SegmentList& segments) {
  std::deque<std::shared_ptr<Segment>> files(segments.begin(), segments.end());
  MutexLock lock(mutex_);
  files_.swap(files);
}

std::shared_ptr<Segment> FeedFiles::front(bool* final) const {
  MutexLock lock(mutex_);
  *final = false;
  if (files_.empty()) return nullptr;
  *final = std::any_of(files_.begin() + 1, files_.end(),
                       [](const auto& later) { return later->tail() > kFileHeaderSize; });
  return files_.front();
}

void FeedFiles::pop() {
  std::shared_ptr<Segment> gone;  // let go of without the lock
  MutexLock lock(mutex_);
  gone = std::move(files_.front());
  files_.pop_front();
}

SegmentList files_after(const SegmentList& segments, uint64_t after) {
  SegmentList list;
  for (const auto& s : segments) {
    if (s->header().origin != Origin::log) continue;
    if (s->sealed() && s->counts.last_seq.load(std::memory_order_acquire) <= after) continue;
    list.push_back(s);
  }
  return list;
}

void Feed::enter(std::shared_ptr<Segment> segment, uint64_t offset) {
  segment_ = std::move(segment);
  offset_ = offset;
  scanner_.reset();
}

bool Feed::update(const SegmentList& segments, uint64_t feed_floor) {
  const auto present = std::find_if(segments.begin(), segments.end(), [this](const auto& s) {
    return segment_ && s->id() == segment_->id();
  });
  if (present == segments.end()) {
    if (feed_floor > position_) return false;
    files_->assign(files_after(segments, position_));
    return true;
  }
  files_->assign(files_after(SegmentList(present, segments.end()), position_));
  // A new view has a new object for the file, the same bytes in it.
  if (*present != segment_) enter(*present, offset_);
  return true;
}

bool Feed::take(Change* out, Status* status) {
  Scanned s;
  Scanner::State state;
  while ((state = scanner_->next(&s)) == Scanner::State::record) {
    const bool frame_done = s.offset + s.size == s.frame_end;
    offset_ = frame_done ? s.frame_end : s.frame_offset;
    if (s.record.kind == Kind::mark || s.record.seq <= position_) continue;
    position_ = s.record.seq;
    *out = Change{s.record.kind, s.record.seq,   s.record.expires_at_ms,
                  s.record.key,  s.record.value, !frame_done};
    return true;
  }
  if (state == Scanner::State::error) {
    *status = scanner_->status();
  } else if (state == Scanner::State::invalid || scanner_->position() != scanned_to_) {
    *status = corrupt_at(*segment_, scanner_->position(),
                         "a damaged record; operations after number " + std::to_string(position_) +
                             " cannot be read from here");
  }
  if (!status->ok()) enter(segment_, offset_);
  return false;
}

Status Feed::next(Change* out) {
  *out = {};
  while (true) {
    if (scanner_) {
      Status status;
      if (take(out, &status)) return {};
      STAVE_RETURN_IF_ERROR(status);
      scanner_.reset();
    }
    bool final = false;
    std::shared_ptr<Segment> front = files_->front(&final);
    if (!front) return Status::answer(Code::done);
    if (front != segment_) enter(std::move(front), kFileHeaderSize);
    // Read after `final`: then it is the last that the file will have.
    const uint64_t tail = segment_->tail();
    if (offset_ < tail) {
      scanner_.emplace(segment_->file(), segment_->salt(), offset_, tail);
      scanned_to_ = tail;
    } else if (final) {
      files_->pop();
    } else {
      return Status::answer(Code::done);
    }
  }
}

}  // namespace stave
