// The writer's files: the session's start, making files, rotation, blocks ahead of the tail.

#include <algorithm>

#include "engine/tail_index.h"
#include "engine/writer.h"

namespace stave {
namespace {

constexpr uint64_t kPage = 4096;
constexpr uint64_t kSmallestStep = 64 << 10;
constexpr uint64_t kPrefaultAhead = 4 << 20;
constexpr uint64_t kFirstKick = 1 << 20;

// Allocates about `wish` bytes from `at` on, less where the disk has less, but at least `need`.
Status allocate_some(File& file, uint64_t at, uint64_t need, uint64_t wish, uint64_t* upto) {
  const uint64_t least = align_up(at + need, kPage);
  for (uint64_t end = std::max(align_up(at + wish, kPage), least);;) {
    Status s = file.allocate(at, end - at);
    if (s.ok()) *upto = end;
    if (!s.is(Code::no_space) || end == least) return s;
    // A full disk: a quarter of it next, so that the store can use the last of the space.
    end = std::max(least, align_up(at + (end - at) / 4, kPage));
  }
}

}  // namespace

Writer::Writer(WriterParts parts, uint64_t last_seq, uint64_t next_seq,
               std::shared_ptr<Segment> active)
    : env_(std::move(parts.env)),
      catalog_(parts.catalog),
      space_(parts.space),
      keydir_(parts.keydir),
      hasher_(parts.hasher),
      active_(std::move(active)),
      next_seq_(next_seq),
      last_seq_(last_seq),
      durable_seq_(last_seq) {}

Writer::~Writer() {
  cancel();
  prepare_worker_.stop();
  seal_worker_.stop();
  interval_worker_.stop();
}

Status Writer::begin_session() {
  STAVE_RETURN_IF_ERROR(catalog_.begin_session(last_seq_.load(std::memory_order_relaxed)));
  std::shared_ptr<Segment> active = active_;
  uint64_t allocated = 0;
  if (active) {
    allocated = active->tail();
  } else {
    auto made = make_file(last_seq_.load(std::memory_order_relaxed));
    if (!made.ok()) return made.status();
    active = made.take();
    auto size = active->file().size();
    if (!size.ok()) return size.status();
    allocated = *size;
  }
  adopt_active(std::move(active), allocated);
  session_ = true;
  if (!env_->options.background) return {};
  prepare_worker_.start([this] { return prepare_step(); });
  seal_worker_.start([this] { return seal_step(); });
  if (env_->options.sync == SyncMode::interval) {
    interval_worker_.start([this] {
      if (last_seq() > durable_seq() && !poisoned()) (void)sync();
      return std::chrono::milliseconds(env_->options.sync_interval_ms);
    });
  }
  return {};
}

void Writer::adopt_active(std::shared_ptr<Segment> segment, uint64_t allocated) {
  active_ = std::move(segment);
  tail_ = active_->tail();
  allocated_ = allocated;
  operations_ = active_->counts.operations.load(std::memory_order_relaxed);
  key_bytes_ = 0;
  kick_at_ = tail_ + kFirstKick;
  index_at_ = operations_ + kRunOperations;
}

// Makes an empty file, listed durably: header, blocks, name and MANIFEST are on disk when it
// returns, so that the file may take records at once (C1).
Result<std::shared_ptr<Segment>> Writer::make_file(uint64_t last_seq) {
  auto id = catalog_.new_file_id();
  if (!id.ok()) return id.status();
  const Manifest m = catalog_.manifest();
  FileHeader header{Origin::log, m.uuid, m.lineage, *id, 0};
  while (header.salt == 0) random_bytes(&header.salt, sizeof header.salt);
  const Options& o = env_->options;
  const uint64_t length = align_up(std::max(o.max_file_size, kFileHeaderSize + kPage), kPage);
  auto extent = space_.allocate(length);
  if (!extent.ok()) return extent.status();
  auto segment = std::make_shared<Segment>(env_, header, *extent);
  Status s = [&]() -> Status {
    auto file = env_->fs.create(segment->path(), 0644);
    if (!file.ok()) return file.status();
    char bytes[kFileHeaderSize];
    encode_file_header(bytes, header);
    uint64_t allocated = 0;
    const uint64_t step = std::min(o.preallocate, length);
    STAVE_RETURN_IF_ERROR(
        allocate_some(**file, 0, std::min(step, kSmallestStep), step, &allocated));
    STAVE_RETURN_IF_ERROR((*file)->write(0, Bytes(bytes, sizeof bytes)));
    STAVE_RETURN_IF_ERROR((*file)->sync());
    STAVE_RETURN_IF_ERROR(env_->fs.sync_dir(env_->dir));
    STAVE_RETURN_IF_ERROR(
        segment->attach(file.take(), o.io == Io::mapped ? length : 0, Access::write));
    segment->publish_tail(kFileHeaderSize);
    segment->tail_index = std::make_shared<TailIndex>();
    return catalog_.add(segment, last_seq);
  }();
  if (!s.ok()) {
    space_.release(*extent);
    if (!catalog_.uncertain()) segment->set_obsolete();
    return s.with_context("making the next data file");
  }
  space_.bind(*extent, segment.get());
  return segment;
}

Status Writer::rotate() {
  const Options& o = env_->options;
  while (!next_ || pending_.size() >= o.max_unsealed_files) {
    if (cancelled_) return {Code::cancelled, "the store is being closed"};
    if (poisoned()) return poison_status();
    if (!o.background) {
      if (next_) break;  // sealed at the end of each call: cannot be the pending files
      auto made = make_file(last_seq_.load(std::memory_order_relaxed));
      if (!made.ok()) return made.status();
      next_ = made.take();
      break;
    }
    // Errors of the last background attempt answer this call; the next attempt is under way.
    if (!next_ && !prepare_error_.ok()) return std::exchange(prepare_error_, Status());
    if (next_ && !seal_error_.ok()) return std::exchange(seal_error_, Status());
    prepare_worker_.wake();
    seal_worker_.wake();
    changed_.wait(mutex_);
  }
  auto size = next_->file().size();
  if (!size.ok()) return size.status();
  pending_.push_back(active_);
  adopt_active(std::exchange(next_, nullptr), *size);
  prepare_worker_.wake();
  seal_worker_.wake();
  return {};
}

// A record longer than a whole file: the active file, still empty, gets a larger mapping.
Status Writer::enlarge_active(uint64_t length) {
  if (length > kFileSizeLimit) {
    return {Code::value_too_large, "the record does not fit the largest data file (4 GiB)"};
  }
  const uint64_t pages = align_up(length, kPage);
  auto extent = space_.allocate(pages);
  if (!extent.ok()) return extent.status();
  if (env_->options.io == Io::mapped) {
    auto file = env_->fs.open(active_->path(), Access::write);
    Status s = file.ok() ? active_->attach(file.take(), pages, Access::write) : file.status();
    if (!s.ok()) {
      space_.release(*extent);
      return s;
    }
  }
  const Extent old = active_->extent();
  space_.bind(old, nullptr);
  active_->set_extent(*extent);
  space_.bind(*extent, active_.get());
  space_.release(old);
  return {};
}

// Blocks up to `need` at least, a step more if the disk has it.
Status Writer::extend_blocks(uint64_t need) {
  const uint64_t room = active_->extent().count * kGranuleBytes;
  const bool mapped_short =
      active_->mapped() != nullptr && tail_ < need && need > active_->map_length();
  if (operations_ == 0 && (need > room || mapped_short)) {
    STAVE_RETURN_IF_ERROR(enlarge_active(need));
  }
  const uint64_t limit = active_->mapped() != nullptr ? active_->map_length() : UINT64_MAX;
  need = std::min(need, limit);  // the reserve alone may reach past the mapping
  if (need <= allocated_) return {};
  uint64_t wish = std::max(env_->options.preallocate, need - allocated_);
  if (limit != UINT64_MAX) wish = std::min(wish, limit - allocated_);
  MutexLock blocks(blocks_mutex_);
  return allocate_some(active_->file(), allocated_, need - allocated_, wish, &allocated_);
}

std::chrono::milliseconds Writer::prepare_step() {
  bool make = false;
  {
    MutexLock lock(mutex_);
    make = session_ && !next_ && !cancelled_ && !poisoned();
  }
  if (make) {
    auto made = make_file(last_seq());
    MutexLock lock(mutex_);
    if (made.ok()) {
      next_ = made.take();
      prepare_error_ = {};
    } else {
      prepare_error_ = made.status();
    }
    changed_.notify_all();
  }
  look_ahead();
  // After a failure (a full disk) try again by itself: space may return without a put.
  MutexLock lock(mutex_);
  return prepare_error_.ok() ? Worker::kUntilWoken : std::chrono::milliseconds(200);
}

// Blocks and pages ahead of the tail, so that no put allocates or faults.
void Writer::look_ahead() {
  std::shared_ptr<Segment> segment;
  uint64_t tail = 0;
  uint64_t allocated = 0;
  {
    MutexLock lock(mutex_);
    if (!session_ || !active_ || poisoned()) return;
    segment = active_;
    tail = tail_;
    allocated = allocated_;
  }
  const uint64_t step = env_->options.preallocate;
  const uint64_t limit = segment->mapped() != nullptr ? segment->map_length() : UINT64_MAX;
  if (allocated < limit && allocated - tail < step / 2 && env_->options.background) {
    const uint64_t end = std::min(limit, allocated + step);
    Status s;
    {
      MutexLock blocks(blocks_mutex_);
      s = segment->file().allocate(allocated, end - allocated);
    }
    if (s.ok()) {
      MutexLock lock(mutex_);
      if (active_ == segment && allocated_ < end) allocated_ = end;
      allocated = end;
    }
  }
  if (segment->mapping() == nullptr || !env_->options.background) return;
  if (prefaulted_segment_ != segment) {
    prefaulted_segment_ = segment;
    prefaulted_ = tail / kPage * kPage;
  }
  const uint64_t from = std::max(prefaulted_, tail / kPage * kPage);
  const uint64_t upto = std::min(allocated, align_up(tail + kPrefaultAhead, kPage));
  if (from < upto) {
    segment->file().prefault(*segment->mapping(), from, upto - from);
    prefaulted_ = upto;
  }
}

Status Writer::discard_file(std::shared_ptr<Segment> segment) {
  STAVE_RETURN_IF_ERROR(catalog_.drop_empty(*segment));
  space_.bind(segment->extent(), nullptr);
  space_.release(segment->extent());
  segment->set_obsolete();
  return {};
}

}  // namespace stave
