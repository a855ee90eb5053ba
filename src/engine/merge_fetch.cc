#include "engine/merge_fetch.h"

#include <algorithm>

#include "base/prefetch.h"

namespace stave {
namespace {

// Records this close are read together: a page more costs less than another system call.
constexpr uint64_t kGapMax = 4 << 10;
constexpr uint64_t kSpanMax = 1 << 20;

// Of mapped records: how many ahead, and how much of each.
constexpr size_t kPrefetchAhead = 8;
constexpr uint64_t kPrefetchMax = 512;

Status in_bounds(const Segment& from, uint64_t offset, uint64_t length) {
  const uint64_t tail = from.tail();
  if (offset <= tail && length <= tail - offset) return {};
  return corrupt_at(from, offset, "the hint names a record beyond the end of the file");
}

}  // namespace

bool MergeWindow::has_room(uint64_t size) const {
  return entries_.empty() || (entries_.size() < kWindowEntries && used_ + size <= bytes_max_);
}

WindowEntry& MergeWindow::add(Bytes key, uint64_t seq, uint64_t size) {
  WindowEntry e;
  e.at = used_;
  e.size = size;
  e.seq = seq;
  e.key_at = keys_.size();
  e.key_length = static_cast<uint16_t>(key.size());
  keys_.append(key);
  used_ += size;
  return entries_.emplace_back(e);
}

void MergeWindow::add_copy(const Segment& from, const HintEntry& entry) {
  WindowEntry& e = add(entry.key, entry.seq,
                       record_size(entry.key.size(), entry.value_length, entry.expires_at_ms != 0));
  e.from = &from;
  e.from_offset = entry.offset;
  e.expires_at_ms = entry.expires_at_ms;
  e.value_length = entry.value_length;
}

void MergeWindow::add_tombstone(Bytes key, uint64_t seq) {
  add(key, seq, record_size(key.size(), 0, false));
}

void MergeWindow::reserve_bytes() {
  const uint64_t want = std::max(used_, bytes_max_);
  if (capacity_ == want) return;
  bytes_.reset();  // before the new one: a record may be 4 GiB
  bytes_ = make_page_buffer(want);
  capacity_ = want;
}

Status MergeWindow::fetch(uint64_t* bytes_read, uint64_t* damaged) {
  reserve_bytes();
  STAVE_RETURN_IF_ERROR(fetch_mapped(bytes_read, damaged));
  return fetch_scattered(bytes_read, damaged);
}

Status MergeWindow::fetch_mapped(uint64_t* bytes_read, uint64_t* damaged) {
  // Memory may have run short since the last window: what is not there any more is read by pread
  // from now on, as little of it as is needed.
  std::erase_if(mapped_,
                [](const Segment* input) { return !input->mapping()->resident(input->tail()); });
  order_.clear();
  for (uint32_t i = 0; i < entries_.size() && !mapped_.empty(); ++i) {
    if (entries_[i].from != nullptr && mapped_.count(entries_[i].from) != 0) order_.push_back(i);
  }
  for (size_t i = 0; i < order_.size(); ++i) {
    if (i + kPrefetchAhead < order_.size()) {
      const WindowEntry& ahead = entries_[order_[i + kPrefetchAhead]];
      prefetch_lines(ahead.from->mapped() + ahead.from_offset, std::min(ahead.size, kPrefetchMax));
    }
    const WindowEntry& e = entries_[order_[i]];
    Status s = in_bounds(*e.from, e.from_offset, e.size);
    if (s.ok()) {
      std::memcpy(bytes_.get() + e.at, e.from->mapped() + e.from_offset, e.size);
      s = check(e);
    }
    if (!s.ok()) {
      if (s.is(Code::corrupt)) *damaged = e.from->id();
      return s;
    }
    *bytes_read += e.size;
  }
  return {};
}

Status MergeWindow::fetch_scattered(uint64_t* bytes_read, uint64_t* damaged) {
  order_.clear();
  for (uint32_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].from != nullptr && mapped_.count(entries_[i].from) == 0) order_.push_back(i);
  }
  std::sort(order_.begin(), order_.end(), [&](uint32_t a, uint32_t b) {
    const WindowEntry& x = entries_[a];
    const WindowEntry& y = entries_[b];
    if (x.from != y.from) return x.from->id() < y.from->id();
    return x.from_offset < y.from_offset;
  });
  for (size_t i = 0; i < order_.size();) {
    const Span span = span_from(i);
    const Segment& from = *entries_[order_[i]].from;
    Status s = read_span(span);
    for (size_t k = span.first; s.ok() && k < span.last; ++k) s = check(entries_[order_[k]]);
    if (!s.ok()) {
      if (s.is(Code::corrupt)) *damaged = from.id();
      return s;
    }
    *bytes_read += span.length;
    i = span.last;
  }
  return {};
}

MergeWindow::Span MergeWindow::span_from(size_t first) const {
  const WindowEntry* before = &entries_[order_[first]];
  Span span{first, first + 1, before->from_offset, before->size, true};
  for (; span.last < order_.size(); ++span.last) {
    const WindowEntry& e = entries_[order_[span.last]];
    const uint64_t end = span.offset + span.length;
    if (e.from != before->from || e.from_offset < end || e.from_offset - end > kGapMax) break;
    const uint64_t length = e.from_offset + e.size - span.offset;
    if (length > kSpanMax) break;
    span.straight &= e.from_offset == end && e.at == before->at + before->size;
    span.length = length;
    before = &e;
  }
  return span;
}

Status MergeWindow::read_span(const Span& span) {
  const WindowEntry& first = entries_[order_[span.first]];
  const Segment& from = *first.from;
  STAVE_RETURN_IF_ERROR(in_bounds(from, span.offset, span.length));
  if (span.straight) return from.read_exact(span.offset, bytes_.get() + first.at, span.length);
  if (!scratch_) scratch_ = make_page_buffer(kSpanMax);
  STAVE_RETURN_IF_ERROR(from.read_exact(span.offset, scratch_.get(), span.length));
  for (size_t k = span.first; k < span.last; ++k) {
    const WindowEntry& e = entries_[order_[k]];
    std::memcpy(bytes_.get() + e.at, scratch_.get() + (e.from_offset - span.offset), e.size);
  }
  return {};
}

Status MergeWindow::check(const WindowEntry& e) const {
  Record r;
  uint64_t size = 0;
  if (parse_record(bytes_.get() + e.at, e.size, e.from->salt(), &r, &size) != Parse::ok) {
    return corrupt_at(*e.from, e.from_offset, "the record fails its checksum");
  }
  if (r.kind != Kind::put || size != e.size || r.seq != e.seq || r.key != key(e) ||
      r.value.size() != e.value_length || r.expires_at_ms != e.expires_at_ms) {
    return corrupt_at(*e.from, e.from_offset, "the record is not the one that the hint names");
  }
  return {};
}

void MergeWindow::clear() {
  entries_.clear();
  keys_.clear();
  used_ = 0;
  if (capacity_ <= bytes_max_) return;
  bytes_.reset();
  capacity_ = 0;
}

}  // namespace stave
