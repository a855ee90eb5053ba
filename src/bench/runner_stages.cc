// The workloads that need a second thread, a sync, or the store to be opened again.
#include <algorithm>
#include <cstdio>
#include <thread>

#include "bench/beside.h"
#include "bench/memory_group.h"
#include "bench/runner.h"

namespace stave::bench {
namespace {

// A sync may take 0.1 or 100 ms: of each thread that many, or as many as end in time.
constexpr uint64_t kSyncedOps = 1000;
constexpr uint64_t kSyncedNs = 1000000000;

// A get that found nothing in memory made the device read at least once, and a block at least: with
// half of either, most gets found what read-ahead, or the opening, had brought. "" if they did not.
std::string not_cold(const Result& result, bool reads_counted) {
  constexpr double kBlockBytes = 4096;
  const double bytes = result.extra.at("read_bytes_per_get");
  const double reads = reads_counted ? result.extra.at("device_reads_per_get") : 1;
  if (bytes >= kBlockBytes / 2 && reads >= 0.5) return "";
  char text[128];
  std::snprintf(text, sizeof text, "not cold: read %.0f bytes per get", bytes);
  if (bytes < kBlockBytes / 2) return text;
  std::snprintf(text, sizeof text,
                "not cold: read %.0f bytes per get, but in %.2f reads: most was read ahead", bytes,
                reads);
  return text;
}

}  // namespace

double Runner::read_alone(uint64_t ops) {
  Hand reader = hand(false, 1);
  reader.repeat(ops, [&](uint64_t) {
    reader.get(reader.random.below(contents_.count), contents_.oldest, contents_.newest);
  });
  return static_cast<double>(ops) / seconds_of({&reader, 1});
}

void Runner::beside_writer(bool timed, Result& result) {
  touch(records_);
  const double alone = read_alone(records_);
  const Contents seen = {contents_.count, contents_.oldest, next_version()};
  contents_.newest = seen.newest;
  Hand reader = hand(timed, 2);
  Hand writer = hand(false, 3);
  std::atomic<bool> writes{false};
  Beside beside([&](const std::atomic<bool>& stop) {
    writer.began_ns = now_ns();
    do {
      writer.put(writer.random.below(seen.count), seen.newest);
      ++writer.done;
      writes.store(true, std::memory_order_relaxed);
    } while (!stop.load(std::memory_order_relaxed));
    writer.ended_ns = now_ns();
  });
  while (!writes.load(std::memory_order_relaxed) && !beside.ended()) std::this_thread::yield();
  reader.repeat(records_, [&](uint64_t) {
    reader.get(reader.random.below(seen.count), seen.oldest, seen.newest);
  });
  beside.join();
  conclude({&reader, 1}, timed, result);
  result.extra["reader_alone_per_second"] = alone;
  result.extra["reader_loss_percent"] = 100 * (1 - result.rate() / alone);
  result.extra["writer_per_second"] = static_cast<double>(writer.done) / seconds_of({&writer, 1});
  audit();
}

void Runner::beside_merge(bool timed, Result& result) {
  touch(contents_.count * 2);
  // Half of the records twice, so that there is something to give back.
  const uint8_t version = next_version();
  Hand writer = hand(false);
  writer.repeat(contents_.count / 2, [&](uint64_t i) { writer.put(i * 2, version); });
  contents_.newest = version;
  const double alone = read_alone(records_);
  const auto disk_before = static_cast<double>(disk_usage(store_));
  Hand reader = hand(timed, 2);
  Hand merger = hand(false, 3);
  Beside beside([&](const std::atomic<bool>&) {
    merger.repeat(1, [&](uint64_t) { merger.engine.merge(); });
  });
  // A few at a time, so that asking for the merge's end costs nothing.
  constexpr uint64_t kSlice = 64;
  const uint64_t began = now_ns();
  do {
    reader.repeat(kSlice, [&](uint64_t) {
      reader.get(reader.random.below(contents_.count), contents_.oldest, contents_.newest);
    });
  } while (!beside.ended());
  reader.began_ns = began;
  beside.join();
  conclude({&reader, 1}, timed, result);
  result.extra["reader_alone_per_second"] = alone;
  result.extra["reader_loss_percent"] = 100 * (1 - result.rate() / alone);
  result.extra["merge_seconds"] = seconds_of({&merger, 1});
  result.extra["disk_bytes_before"] = disk_before;
  result.extra["disk_bytes"] = static_cast<double>(disk_usage(store_));
  audit();
}

void Runner::put_synced(const Workload& workload, bool timed, Result& result) {
  const uint64_t ops = std::min(records_, kSyncedOps);
  flush_file_system(store_);  // or the first sync pays for all that was put before
  touch(ops * workload.threads);
  const uint8_t version = next_version();
  std::vector<Hand> hands;
  for (unsigned i = 0; i < workload.threads; ++i) hands.push_back(hand(timed, i));
  on_threads(hands, [&](Hand& mine, size_t) {
    const uint64_t began = now_ns();
    while (mine.done < ops && now_ns() - began < kSyncedNs) {
      mine.repeat(1, [&](uint64_t) {
        const uint64_t record = mine.random.below(contents_.count);
        mine.engine.put_synced(mine.key(record), mine.value(record, version));
      });
    }
    mine.began_ns = began;
  });
  conclude(hands, timed, result);
  contents_.newest = version;
  audit();
}

double Runner::open_and_get(Result& result) {
  Hand opener = hand(false);
  opener.repeat(1, [&](uint64_t) { open("main"); });
  const double opened = seconds_of({&opener, 1});
  Hand reader = hand(false);
  reader.repeat(1, [&](uint64_t) { reader.get(0, contents_.oldest, contents_.newest); });
  result.ops = 1;
  result.extra["open_seconds"] = opened;
  result.extra["first_get_seconds"] = seconds_of({&reader, 1});
  result.seconds = opened + seconds_of({&reader, 1});
  return opened;
}

// What the fill left for the disk to do is done before, for all engines alike: what remains is what
// closing itself makes and waits for.
void Runner::close_filled(Result& result) {
  load();
  Hand flusher = hand(false);
  flusher.repeat(1, [&](uint64_t) { flush_file_system(store_); });
  Hand closer = hand(false);
  closer.repeat(1, [&](uint64_t) { engine_->close(); });
  conclude({&closer, 1}, false, result);
  result.records = contents_.count;
  result.extra["flush_seconds"] = seconds_of({&flusher, 1});
  result.extra["disk_bytes"] = static_cast<double>(disk_usage(store_));
  engine_.reset();
  if (!kind_.reopens) return;
  open("own");
  audit();
}

void Runner::open_clean(Result& result) {
  Hand closer = hand(false);
  closer.repeat(1, [&](uint64_t) { engine_->close(); });
  engine_.reset();
  engine_ = kind_.make();
  open_and_get(result);
  result.extra["close_seconds"] = seconds_of({&closer, 1});
  audit();
}

void Runner::open_killed(Result& result) {
  if (!engine_) engine_ = kind_.make();
  open_and_get(result);
  audit();
}

void Runner::read_cold(bool timed, Result& result) {
  close();
  drop_page_cache(store_);
  open("main");
  drop_mapped_pages(store_);  // what the opening read, and what the kernel read around it
  drop_page_cache(store_);
  const uint64_t limit =
      group_ == nullptr ? 0 : memory_limit_for(disk_usage(store_), group_->held_bytes());
  if (limit > 0) group_->limit(limit);
  // One page in twenty: with more, a get would find the page that another has read, as it could
  // not in a store much larger than memory.
  constexpr uint64_t kPageBytes = 4096;
  const uint64_t pages = disk_usage(store_) / kPageBytes;
  const uint64_t ops = std::min({contents_.count, 20000UL, std::max(50UL, pages / 20)});
  const DeviceReads before = device_reads(store_);
  Hand reader = hand(timed);
  reader.repeat(ops, [&](uint64_t) {
    reader.get(reader.random.below(contents_.count), contents_.oldest, contents_.newest);
  });
  const DeviceReads after = device_reads(store_);
  if (limit > 0) group_->limit(0);
  conclude({&reader, 1}, timed, result);
  const auto gets = static_cast<double>(ops);
  result.extra["memory_limit_bytes"] = static_cast<double>(limit);
  result.extra["read_bytes_per_get"] = static_cast<double>(after.bytes - before.bytes) / gets;
  if (after.counted) {
    result.extra["device_reads_per_get"] = static_cast<double>(after.reads - before.reads) / gets;
  }
  result.note = not_cold(result, after.counted);
}

}  // namespace stave::bench
