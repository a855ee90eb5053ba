// The writer's files: the session's start, making files, rotation, blocks ahead of the tail.

#include <algorithm>

#include "engine/tail_index.h"
#include "engine/writer.h"

namespace stave {
namespace {

constexpr uint64_t kPage = 4096;
constexpr uint64_t kFirstKick = 1 << 20;
// In positional mode runs copy keys; this bounds them per file.
constexpr uint64_t kKeyBytesMax = 16 << 20;

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
      ranges_(parts.ranges),
      fast_(hasher_.fast() && env_->options.io == Io::mapped &&
            env_->options.sync != SyncMode::always && env_->options.expiry_default_ttl_ms == 0),
      active_(std::move(active)),
      next_seq_(next_seq),
      last_seq_(last_seq),
      durable_seq_(last_seq),
      prefaulter_(env_->clock) {}

Writer::~Writer() {
  cancel();
  prepare_worker_.stop();
  prefaulter_.stop();
  seal_worker_.stop();
  index_worker_.stop();
  interval_worker_.stop();
}

Status Writer::begin_session() {
  STAVE_RETURN_IF_ERROR(catalog_.begin_session(next_seq_ - 1));
  if (!active_) {
    auto made = make_file(usual_length(), next_seq_ - 1);
    // A full disk: a page may do for the deletes that make room.
    if (made.status().is(Code::no_space)) made = make_file(usual_length(), next_seq_ - 1, 1);
    if (!made.ok()) return made.status();
    // At once: should the rest fail, the next attempt goes on with this file, which is listed.
    active_ = made.take();
  }
  auto size = active_->file().size();
  if (!size.ok()) return size.status();
  adopt_active(active_, std::max(*size, active_->tail()));
  STAVE_RETURN_IF_ERROR(start_workers());
  session_ = true;
  return {};
}

Status Writer::start_workers() {
  if (!env_->options.background || !workers_failed_.ok()) return workers_failed_;
  Status s = prepare_worker_.start(
      "stave-prepare", [this] { return prepare_step(); }, Worker::Haste::soon);
  if (s.ok()) s = prefaulter_.start();
  if (s.ok())
    s = seal_worker_.start(
        "stave-seal", [this] { return seal_step(); }, Worker::Haste::whenever);
  if (s.ok())
    s = index_worker_.start(
        "stave-index", [this] { return index_step(); }, Worker::Haste::whenever);
  if (s.ok() && env_->options.sync == SyncMode::interval) {
    s = interval_worker_.start(
        "stave-sync",
        [this] {
          if (last_seq() > durable_seq() && !poisoned()) (void)sync();
          return std::chrono::milliseconds(env_->options.sync_interval_ms);
        },
        Worker::Haste::soon);
  }
  if (s.ok()) return s;
  // All or none: a store without its sealer would come to a stop later, and for ever. The
  // steps take mutex_, which we hold, so they are asked to end and not waited for.
  prepare_worker_.abandon();
  prefaulter_.abandon();
  seal_worker_.abandon();
  index_worker_.abandon();
  workers_failed_ = s;
  return s;
}

uint64_t Writer::usual_length() const {
  return align_up(std::max(env_->options.max_file_size, kFileHeaderSize + kPage), kPage);
}

void Writer::adopt_active(std::shared_ptr<Segment> segment, uint64_t allocated) {
  active_ = std::move(segment);
  tail_ = active_->tail();
  allocated_ = allocated;
  fits_below_ = 0;
  operations_ = active_->counts.operations.load(std::memory_order_relaxed);
  if (operations_ == 0 && active_->holds_operations())
    operations_ = 1;  // ranges, which it counts not
  key_bytes_ = 0;
  kicked_ = tail_;
  work_at_ = tail_ + kFirstKick;
  kick_at_ = feeds_waiting_ > 0 ? 0 : work_at_;
  index_at_ = operations_ + kRunOperations;
  feeds_.tell(active_);
}

// Makes an empty file, listed durably: header, blocks, name and MANIFEST are on disk when it
// returns, so that the file may take records at once (C1).
Result<std::shared_ptr<Segment>> Writer::make_file(uint64_t length, uint64_t last_seq,
                                                   uint64_t least) {
  auto id = catalog_.new_file_id();
  if (!id.ok()) return id.status();
  const Manifest m = catalog_.manifest();
  FileHeader header{Origin::log, m.uuid, m.lineage, *id, 0};
  while (header.salt == 0) random_bytes(&header.salt, sizeof header.salt);
  const Options& o = env_->options;
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
    STAVE_RETURN_IF_ERROR(allocate_some(**file, 0, std::min(step, least), step, &allocated));
    STAVE_RETURN_IF_ERROR((*file)->write(0, Bytes(bytes, sizeof bytes)));
    STAVE_RETURN_IF_ERROR((*file)->sync());
    STAVE_RETURN_IF_ERROR(env_->fs.sync_dir(env_->dir));
    STAVE_RETURN_IF_ERROR(
        segment->attach(file.take(), o.io == Io::mapped ? length : 0, Access::write));
    segment->publish_tail(kFileHeaderSize);
    segment->tail_index = std::make_shared<TailIndex>();
    segment->expiry.set_complete();
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

uint64_t Writer::capacity() const {
  return active_->mapped() != nullptr ? active_->map_length()
                                      : active_->extent().count * kGranuleBytes;
}

// Sees to it that the active file has room for the record as far as the limits go.
Status Writer::find_file(uint64_t size, uint64_t operations, uint64_t key_bytes) {
  const Options& o = env_->options;
  while (true) {
    const bool keys_full = o.io == Io::positional && key_bytes_ + key_bytes > kKeyBytesMax;
    if (operations_ > 0 && (tail_ + size > o.max_file_size ||
                            operations_ + operations > o.max_file_entries || keys_full)) {
      STAVE_RETURN_IF_ERROR(rotate());
      continue;
    }
    if (tail_ + size <= capacity()) return {};
    if (!preparing_) return replace_active(kFileHeaderSize + size);
    // The file that is being made would come to stand before ours.
    if (cancelled_) return {Code::cancelled, "the store is being closed"};
    changed_.wait(mutex_);
  }
}

Status Writer::rotate() {
  const Options& o = env_->options;
  const std::shared_ptr<Segment> full = active_;
  const uint64_t seals = o.background ? seal_attempts_ : 0;
  const Counted counted(&rotating_);
  while (!next_ || pending_.size() >= o.max_unsealed_files) {
    if (cancelled_) return {Code::cancelled, "the store is being closed"};
    if (poisoned()) return poison_status();
    if (!next_) {
      STAVE_RETURN_IF_ERROR(wait_for_next());
    } else {
      if (!seal_error_.ok() && seal_attempts_ > seals) return std::exchange(seal_error_, Status());
      if (!o.background) break;  // sealed when the call ends, and nothing failed so far
      seal_worker_.wake();
      changed_.wait(mutex_);
    }
    if (active_ != full) return {};  // another call has rotated meanwhile
  }
  auto size = next_->file().size();
  if (!size.ok()) return size.status();
  pending_.push_back(active_);
  adopt_active(std::exchange(next_, nullptr), *size);
  prepare_worker_.wake();
  seal_worker_.wake();
  index_worker_.wake();
  return {};
}

// A record longer than a usual file gets one of its own, in place of the active one, which is
// empty, and of the one made ahead, which would stand in the wrong order.
Status Writer::replace_active(uint64_t length) {
  if (length > kFileSizeLimit) {
    return {Code::value_too_large, "the record does not fit the largest data file (4 GiB)"};
  }
  auto made = make_file(align_up(length, kPage), next_seq_ - 1);
  if (!made.ok()) return made.status();
  auto size = (*made)->file().size();
  if (!size.ok()) return size.status();
  // Before the new one is used: an empty file may stay listed before others, but where numbers
  // jump (after an unclean end) what stands behind it would be cut away (log_scan.cc).
  Status dropped = next_ ? discard_file(next_) : Status();
  if (dropped.ok()) {
    next_ = nullptr;
    dropped = discard_file(active_);
  }
  if (!dropped.ok()) {
    (void)discard_file(*made);
    return dropped;
  }
  adopt_active(made.take(), *size);
  prepare_worker_.wake();
  return {};
}

// As far as it is worth having blocks in a file. In positional mode the extent says less than
// the length that the file was made for, but for a record longer than a usual file.
uint64_t Writer::blocks_limit(const Segment& segment) const {
  if (segment.mapped() != nullptr) return segment.map_length();
  const uint64_t extent = segment.extent().count * kGranuleBytes;
  return extent > align_up(usual_length(), kGranuleBytes) ? extent : usual_length();
}

// Blocks up to `need` at least, the reserve besides and a step more if the file may grow so far.
Status Writer::extend_blocks(uint64_t need, uint64_t reserve) {
  const uint64_t limit = std::max(blocks_limit(*active_), need);
  const uint64_t least = std::min(need + reserve, limit);
  if (least <= allocated_) return {};
  const uint64_t wish =
      std::min(std::max(env_->options.preallocate, least - allocated_), limit - allocated_);
  MutexLock blocks(blocks_mutex_);
  return allocate_some(active_->file(), allocated_, least - allocated_, wish, &allocated_);
}

void Writer::housekeep() {
  MutexLock lock(housekeeping_mutex_);
  try {
    prepare_step();
    seal_step();
    index_step();
    if (env_->options.sync == SyncMode::interval) sync_if_due();
  } catch (const std::bad_alloc&) {  // the operation before it is done; the next one tries again
  }
}

// In place of interval_worker_, by the first write that comes so late.
void Writer::sync_if_due() {
  const uint64_t now = env_->clock.now_us();
  if (sync_due_us_ != 0 && now < sync_due_us_) return;
  if (sync_due_us_ != 0 && last_seq() > durable_seq() && !poisoned()) (void)sync();
  sync_due_us_ = env_->clock.now_us() + env_->options.sync_interval_ms * 1000;
}

Status Writer::discard_file(const std::shared_ptr<Segment>& segment) {
  STAVE_RETURN_IF_ERROR(catalog_.drop_empty(*segment));
  space_.bind(segment->extent(), nullptr);
  space_.release(segment->extent());
  segment->set_obsolete();
  return {};
}

}  // namespace stave
