#include "bench/runner.h"

#include <algorithm>
#include <filesystem>

#include "bench/store_removal.h"
#include "bench/zipfian.h"

namespace stave::bench {
namespace {

constexpr uint64_t kAuditGets = 1000;
constexpr uint64_t kTouchSlack = 64u << 20;

}  // namespace

Runner::Runner(EngineKind kind, const Settings& settings, std::string dir, const MemoryGroup* group)
    : kind_(std::move(kind)),
      settings_(settings),
      dir_(std::move(dir)),
      group_(group),
      records_(std::min(settings.num_ops, kind_.records_max)) {}

std::string Runner::why_not(const Workload& workload) const {
  if (is_walk(workload) && !kind_.ordered) return "no order of keys";
  switch (workload.kind) {
    case Kind::beside_writer:
      return kind_.concurrent ? "" : "no gets beside a put";
    case Kind::beside_merge:
    case Kind::put_beside_merge:
      return kind_.merges ? "" : "nothing to merge";
    case Kind::put_after_open:
    case Kind::open_clean:
    case Kind::cold:
      return kind_.reopens ? "" : "cannot be opened again";
    case Kind::open_killed:
      return kind_.survives_kill ? "" : "does not survive a kill";
    default:
      return "";
  }
}

void Runner::open(const std::string& sub) {
  const std::string dir = dir_ + "/" + sub;
  std::filesystem::create_directories(dir);
  if (!engine_) {
    anonymous_before_ = resident().anonymous;
    engine_ = kind_.make();
  }
  store_ = dir;
  engine_->open({dir, records_, settings_.key_size, settings_.value_size});
}

void Runner::close() {
  if (engine_) engine_->close();
  engine_.reset();
}

Result Runner::run(const Workload& workload, bool timed) {
  Result result;
  result.engine = kind_.name;
  result.workload = workload.name;
  result.latency_pass = timed;
  result.skipped = why_not(workload);
  if (!result.ran()) return result;
  ++turn_;
  if (workload.own_store) {
    Runner own(kind_, settings_, dir_);
    own.open("own");
    if (workload.kind == Kind::close) {
      own.close_filled(result);
    } else if (workload.kind == Kind::first_of_walk) {
      own.walk_after_fill(result);
    } else {
      own.fill(timed, KeyOrder::sorted, result);
    }
    own.close();
    remove_stores(own.store_, [] { return true; });
    return result;
  }
  const bool opens = workload.kind == Kind::open_killed;
  if (!engine_ && !opens) open("main");
  if (workload.kind != Kind::fill && !opens) load();
  dispatch(workload, timed, result);
  result.records = std::max(result.records, contents_.count);
  return result;
}

void Runner::dispatch(const Workload& workload, bool timed, Result& result) {
  switch (workload.kind) {
    case Kind::fill:
      return fill(timed, KeyOrder::mixed, result);
    case Kind::overwrite:
      return overwrite(timed, result);
    case Kind::read:
      return read(workload, timed, result);
    case Kind::latest:
      return read_latest(workload, timed, result);
    case Kind::modify:
      return modify(workload, timed, result);
    case Kind::missing:
      return read_missing(timed, result);
    case Kind::erase:
      return erase(timed, result);
    case Kind::beside_writer:
      return beside_writer(timed, result);
    case Kind::beside_merge:
      return beside_merge(timed, result);
    case Kind::put_beside_merge:
      return put_beside_merge(workload, timed, result);
    case Kind::put_after_open:
      return put_after_open(timed, result);
    case Kind::synced:
      return put_synced(workload, timed, result);
    case Kind::walk:
    case Kind::walk_down:
    case Kind::walk_keys:
      return walk(workload, timed, result);
    case Kind::short_ranges:
      return read_short_ranges(timed, result);
    case Kind::ranges:
      return read_ranges(workload, timed, result);
    case Kind::first_of_walk:
      return walk_after_fill(result);
    case Kind::close:
      return close_filled(result);
    case Kind::open_clean:
      return open_clean(result);
    case Kind::open_killed:
      return open_killed(result);
    case Kind::cold:
      return read_cold(timed, result);
  }
}

void Runner::load() {
  if (contents_.count > 0) return;
  Hand filler = hand(false);
  const uint8_t version = contents_.newest;
  filler.repeat(records_, [&](uint64_t i) { filler.put(i, version); });
  contents_ = {records_, version, version};
}

std::map<std::string, double> Runner::before_kill() {
  if (!engine_) open("main");
  load();
  const uint8_t version = next_version();
  Hand writer = hand(false);
  writer.repeat(contents_.count / 10 + 1,
                [&](uint64_t) { writer.put(writer.random.below(contents_.count), version); });
  contents_.newest = version;
  return engine_->to_load();
}

Hand Runner::hand(bool timed, uint64_t number, KeyOrder order) {
  const uint64_t seed = mix(settings_.seed + turn_ * 1000 + number);
  return {*engine_, settings_.key_size, settings_.value_size, settings_.seed, seed, timed, order};
}

std::vector<uint32_t> Runner::picks(const Workload& workload) const {
  constexpr uint64_t kPicksMax = 4u << 20;  // then they come round again
  const uint64_t length = std::min(records_, kPicksMax);
  const uint64_t seed = mix(settings_.seed ^ turn_);
  if (workload.pick == Pick::zipfian) {
    return zipfian_picks(contents_.count, length, seed, workload.kind == Kind::latest);
  }
  std::vector<uint32_t> drawn(length);
  Random random(seed);
  for (uint32_t& pick : drawn) pick = static_cast<uint32_t>(random.below(contents_.count));
  return drawn;
}

uint8_t Runner::next_version() const {
  if (contents_.newest == 255) throw Error("more than 255 versions of a record");
  return static_cast<uint8_t>(contents_.newest + 1);
}

void Runner::touch(uint64_t puts) const {
  constexpr uint64_t kOverhead = 64;  // headers, tables, index pages
  const uint64_t need = puts * (settings_.key_size + settings_.value_size + kOverhead) * 3 / 2;
  touch_memory(need + std::min(kTouchSlack, need * 8));
}

void Runner::audit() {
  Hand reader = hand(false, 999);
  const uint64_t gets = std::min(contents_.count, kAuditGets);
  const uint64_t step = contents_.count / gets;
  for (uint64_t i = 0; i < gets; ++i) reader.get(i * step, contents_.oldest, contents_.newest);
  reader.get(contents_.count - 1, contents_.oldest, contents_.newest);
}

void Runner::audit_erased() {
  Hand reader = hand(false, 999);
  const uint64_t gets = std::min(records_, kAuditGets);
  for (uint64_t i = 0; i < gets; ++i) reader.get_missing(i * (records_ / gets));
}

void Runner::conclude(std::span<Hand> hands, bool timed, Result& result) {
  Histogram all;
  result.ops = 0;
  for (const Hand& hand : hands) {
    result.ops += hand.done;
    if (timed) all.merge(hand.latency);
  }
  result.seconds = seconds_of(hands);
  if (timed) result.set_latency(all);
}

}  // namespace stave::bench
