#include "engine/load_tasks.h"

#include <algorithm>
#include <exception>

#include "engine/hint_file.h"
#include "engine/load_threads.h"

namespace stave {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;
static_assert(kTombstoneClass < kSizeClasses);

STAVE_FAST_CPU void fast_digests(const Hasher& hasher, const LoadKeys& keys, Digest* to) {
  for (size_t i = 0; i < keys.count(); ++i) to[i] = hasher.digest_fast(keys.key(i));
}

// Entries that wait for the keydir on all threads together, where it has some already.
constexpr size_t kWaitingMax = (32 << 20) / sizeof(KeydirEntry);
// On each thread for an empty one: few, so that they stay in the processor's nearer caches.
constexpr size_t kHandful = size_t{kShards} * 96;

}  // namespace

Status LoadTasks::add(Segment& segment, Bytes key, Kind kind, const At& at, Load& load) {
  const auto [offset, size, expires_at_ms] = at;
  const bool put = kind == Kind::put;
  const unsigned cls = put ? size_class(size) : kTombstoneClass;
  if (put) {
    Tally& tally = load.tallies[segment.load_rank];
    ++tally.count[cls];
    tally.bytes[cls] += size;
  } else if (!tombstones_.load(kRelaxed)) {
    tombstones_.store(true, kRelaxed);
  }
  if (expires_at_ms != 0) segment.expiry.add(expires_at_ms, now_ms_);
  const Slot slot{segment.address_of(offset), cls};
  if (!LoadKeys::fits(key)) return add(slot, (*out_.hasher)(key), load);
  return load.keys.add(key, slot) ? hash_keys(load) : Status();
}

Status LoadTasks::hash_keys(Load& load) {
  const Hasher& hasher = *out_.hasher;
  const LoadKeys& keys = load.keys;
  std::array<Digest, LoadKeys::kKeys> digests;
  if (hasher.fast()) {
    fast_digests(hasher, keys, digests.data());
  } else {
    for (size_t i = 0; i < keys.count(); ++i) digests[i] = hasher(keys.key(i));
  }
  for (size_t i = 0; i < keys.count(); ++i) {
    STAVE_RETURN_IF_ERROR(add(keys.slot(i), digests[i], load));
  }
  load.keys.clear();
  return {};
}

Status LoadTasks::add(const Slot& slot, const Digest& d, Load& load) {
  const unsigned shard = Keydir::shard_of(d);
  const bool full = load.batch.add(shard, {pack_slot(slot, d.low & kTagMask), d.high});
  return full ? place(shard, load) : Status();
}

// Calls f with the rules: of two entries of one key the later one stays, in the order of the files.
template <typename F>
Status LoadTasks::with_rules(Load& load, F f) {
  const auto segment_of = [this](const Slot& s) { return out_.space->segment_at(s.address); };
  const auto wins = [&](const Slot& there, const Slot& fresh) {
    const uint32_t a = segment_of(there)->load_rank;
    const uint32_t b = segment_of(fresh)->load_rank;
    return a != b ? a < b : there.address < fresh.address;
  };
  const auto lost = [&](const Slot& loser) {
    if (loser.size_class == kTombstoneClass) return;
    ++load.tallies[segment_of(loser)->load_rank].lost[loser.size_class];
  };
  return f(LoadRules{wins, lost});
}

// What was collected, into the keydir.
Status LoadTasks::place(unsigned shard, Load& load) {
  const std::span<const KeydirEntry> entries = load.batch.of(shard);
  STAVE_RETURN_IF_ERROR(with_rules(load, [&](const LoadRules& rules) {
    return fresh_ ? out_.keydir->pile(shard, entries, rules, &load.scratch)
                  : out_.keydir->load(shard, entries, rules, &load.scratch);
  }));
  load.batch.clear(shard);
  return {};
}

Status LoadTasks::place_all(Load& load) {
  STAVE_RETURN_IF_ERROR(hash_keys(load));
  for (unsigned i = 0; i < kShards; ++i) STAVE_RETURN_IF_ERROR(place(i, load));
  return {};
}

Status LoadTasks::do_task(Task& task, Load& load) {
  if (!task.cursor) {
    return load_records(*task.segment, task.from, task.to, Checksums::skip, load);
  }
  Status s = load_entries(*task.segment, *task.cursor, load);
  // not_found: a reader's hint that the writer has merged away meanwhile.
  const bool lost = s.is(Code::corrupt) || s.is(Code::not_found);
  return lost ? reload(*task.segment, s, load) : s;
}

Status LoadTasks::load_entries(Segment& segment, HintCursor& cursor, Load& load) {
  while (cursor.next()) {
    const HintEntry& h = cursor.entry();
    if (!cover_.empty() && h.seq < cover_.seq_over(h.key)) continue;
    const uint64_t size = record_size(h.key.size(), h.value_length, h.expires_at_ms != 0);
    STAVE_RETURN_IF_ERROR(add(segment, h.key, h.kind, {h.offset, size, h.expires_at_ms}, load));
  }
  return cursor.status();
}

// A block of the hint turned out to be damaged (a hint is not synced, and a power cut may leave
// part of it). What was loaded from good blocks is right, so the whole file is loaded again.
Status LoadTasks::reload(Segment& segment, const Status& why, Load& load) {
  MutexLock lock(reload_mutex_);
  if (!reloaded_.insert(segment.id()).second) return {};
  bool made = false;
  STAVE_RETURN_IF_ERROR(remake_hint(segment, why, &made));
  if (!made) return load_records(segment, kFileHeaderSize, segment.tail(), Checksums::check, load);
  auto hint = HintFile::open(*env_, segment.shared_from_this());
  if (!hint.ok()) return hint.status();
  HintCursor cursor(*hint, 0, (*hint)->blocks());
  return load_entries(segment, cursor, load);
}

Status LoadTasks::load_records(Segment& segment, uint64_t from, uint64_t to, Checksums checksums,
                               Load& load) {
  Scanner scanner(segment.file(), segment.salt(), from, to, checksums);
  Scanned s;
  Scanner::State state;
  uint64_t end = from;
  while ((state = scanner.next(&s)) == Scanner::State::record) {
    end = s.frame_end;
    if (s.record.kind != Kind::put && s.record.kind != Kind::tombstone) continue;
    if (!cover_.empty() && s.record.seq < cover_.seq_over(s.record.key)) continue;
    STAVE_RETURN_IF_ERROR(add(segment, s.record.key, s.record.kind,
                              {s.offset, s.size, s.record.expires_at_ms}, load));
  }
  if (state == Scanner::State::error) return scanner.status();
  return end == to ? Status() : corrupt_at(segment, end, "no valid record");
}

Status LoadTasks::do_tasks(Load& load) {
  while (!failed_.load(kRelaxed)) {
    const size_t i = next_task_.fetch_add(1, kRelaxed);
    if (i >= tasks_.size()) break;
    STAVE_RETURN_IF_ERROR(do_task(tasks_[i], load));
    tasks_[i].cursor.reset();
  }
  return failed_.load(kRelaxed) ? Status() : place_all(load);
}

Status LoadTasks::build_tables(Load& load) {
  return with_rules(load, [&](const LoadRules& rules) -> Status {
    while (!failed_.load(kRelaxed)) {
      const unsigned shard = next_shard_.fetch_add(1, kRelaxed);
      if (shard >= kShards) break;
      STAVE_RETURN_IF_ERROR(out_.keydir->build(shard, rules, &load.scratch));
    }
    return {};
  });
}

// On every thread; an exception must not leave a helper.
void LoadTasks::work(Status (LoadTasks::*part)(Load&), size_t batch) {
  Status s;
  try {
    Load load(segments_.size(), batch);
    s = (this->*part)(load);
    MutexLock lock(mutex_);
    tallies_.push_back(std::move(load.tallies));
  } catch (const std::exception& e) {
    s = Status(Code::no_memory, std::string("loading: ") + e.what());
  }
  if (s.ok()) return;
  failed_.store(true, kRelaxed);
  MutexLock lock(mutex_);
  if (error_.ok()) error_ = s;
}

void LoadTasks::settle(const std::vector<std::vector<Tally>>& tallies) {
  for (const auto& segment : segments_) {
    SegmentCounts& c = segment->counts;
    auto records = static_cast<int64_t>(c.live_records());
    auto bytes = static_cast<int64_t>(c.live_bytes());
    for (size_t cls = 0; cls < kSizeClasses; ++cls) {
      int64_t live = 0;
      for (const auto& t : tallies) {
        const Tally& tally = t[segment->load_rank];
        c.class_count[cls].fetch_add(tally.count[cls], kRelaxed);
        c.class_bytes[cls].fetch_add(tally.bytes[cls], kRelaxed);
        live += static_cast<int64_t>(tally.count[cls]) - static_cast<int64_t>(tally.lost[cls]);
      }
      const uint64_t count = c.class_count[cls].load(kRelaxed);
      if (live == 0 || count == 0) continue;
      const auto mean = static_cast<int64_t>(c.class_bytes[cls].load(kRelaxed) / count);
      records += live;
      bytes += live * mean;
    }
    c.set_live(static_cast<uint64_t>(std::max<int64_t>(records, 0)),
               static_cast<uint64_t>(std::max<int64_t>(bytes, 0)));
    out_.last_seq = std::max(out_.last_seq, c.last_seq.load(kRelaxed));
  }
}

Status LoadTasks::run(const std::vector<uint64_t>& from) {
  for (size_t i = 0; i < segments_.size(); ++i) {
    STAVE_RETURN_IF_ERROR(plan(segments_[i], from[i]));
  }
  if (fresh_) {
    cover_ = RangeCover(ranges_);
  } else {
    out_.ranges->add(ranges_);
  }
  const size_t threads = std::min(load_threads(env_->options), tasks_.size());
  const size_t batch = fresh_ ? kHandful : kWaitingMax / std::max<size_t>(threads, 1);
  if (on_threads(threads, [&] { work(&LoadTasks::do_tasks, batch); }) < threads) {
    env_->log.write(LogLevel::warn, "loading with fewer threads than wanted");
  }
  if (fresh_) {
    (void)on_threads(threads, [&] { work(&LoadTasks::build_tables, 0); });
  } else if (tombstones_.load(kRelaxed)) {
    out_.keydir->for_each([](const Slot& s) { return s.size_class != kTombstoneClass; });
  }
  MutexLock lock(mutex_);
  STAVE_RETURN_IF_ERROR(error_);
  settle(tallies_);
  return {};
}

}  // namespace stave
