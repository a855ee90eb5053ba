#include "engine/log_scan.h"

#include <algorithm>
#include <atomic>
#include <exception>

#include "engine/claim_search.h"
#include "engine/load_threads.h"
#include "engine/scan.h"

namespace stave {
namespace {

constexpr size_t kChunk = 1 << 20;

void note_cut(LogScan* out, size_t file, uint64_t offset, const std::string& reason) {
  out->cut = true;
  out->cut_file = file;
  out->cut_offset = offset;
  out->reason = reason;
}

// Scans one file from where its valid bytes ended so far; sets the cut if the log ends inside it.
Status scan_file(const Segment& segment, size_t index, LogScan* out) {
  FileScan& f = out->files[index];
  auto size = segment.file().size();
  if (!size.ok()) return size.status();
  uint64_t nonzero = 0;
  Scanner scanner(segment.file(), segment.salt(), f.end, *size);
  Scanned s;
  Scanner::State state;
  // The first operation of all may have any higher number (recovery jumps) if it stands in the
  // first file; behind an empty one it must be the very next, or what was in there is lost.
  bool expect_next = index > 0 || f.operations > 0;
  while ((state = scanner.next(&s)) == Scanner::State::record) {
    if (s.record.kind != Kind::mark) {
      const bool in_order =
          expect_next ? s.record.seq == out->last_seq + 1 : s.record.seq > out->last_seq;
      if (!in_order) {
        note_cut(out, index, s.frame_offset,
                 "operation " + std::to_string(s.record.seq) + " follows " +
                     std::to_string(out->last_seq));
        return {};
      }
      expect_next = true;
      out->last_seq = f.last_seq = s.record.seq;
      ++f.operations;
    }
    f.notes.add(s);
    f.end = s.frame_end;
  }
  if (state == Scanner::State::error) return scanner.status();
  if (state == Scanner::State::invalid) {
    note_cut(out, index, f.end, "no valid record");
    return {};
  }
  STAVE_RETURN_IF_ERROR(find_nonzero_end(segment.file(), f.end, *size, &nonzero));
  if (nonzero > f.end) note_cut(out, index, f.end, "zeros where a record should be");
  return {};
}

}  // namespace

Status find_nonzero_end(File& file, uint64_t from, uint64_t to, uint64_t* end) {
  *end = from;
  std::string bytes;
  for (uint64_t at = from; at < to; at += bytes.size()) {
    bytes.resize(std::min<uint64_t>(kChunk, to - at));
    size_t got = 0;
    STAVE_RETURN_IF_ERROR(file.read(at, bytes.data(), bytes.size(), &got));
    bytes.resize(got);
    const size_t last = bytes.find_last_not_of('\0');
    if (last != std::string::npos) *end = at + last + 1;
    if (got == 0) break;
  }
  return {};
}

namespace {

// One file as if it were the log's first: any number may come first.
struct Alone {
  LogScan scan;
  Status status;
};

Status scan_alone(const Segment& segment, LogScan* out) {
  try {
    out->files.resize(1);
    return scan_file(segment, 0, out);
  } catch (const std::exception& e) {  // must not leave a helper
    return {Code::no_memory, std::string("reading the log: ") + e.what()};
  }
}

std::vector<Alone> scan_apart(const SegmentList& unsealed, size_t threads) {
  std::vector<Alone> apart(unsealed.size());
  std::atomic<size_t> next{0};
  on_threads(std::min(threads, unsealed.size()), [&] {
    for (size_t i = next++; i < apart.size(); i = next++) {
      apart[i].status = scan_alone(*unsealed[i], &apart[i].scan);
    }
  });
  return apart;
}

// True: `alone` is what a scan in order would have found, and is in *out now.
bool join(Alone alone, size_t file, LogScan* out) {
  FileScan& f = alone.scan.files[0];
  if (f.operations != 0) {
    const uint64_t first = f.notes.first_seq;
    if (file == 0 ? first <= out->last_seq : first != out->last_seq + 1) return false;
    out->last_seq = f.last_seq;
  }
  if (alone.scan.cut) note_cut(out, file, alone.scan.cut_offset, alone.scan.reason);
  out->files[file] = std::move(f);
  return true;
}

// The first scan, of all files at once. What stands behind a cut is nobody's, its errors as well.
Status scan_shared(const SegmentList& unsealed, size_t threads, LogScan* out) {
  std::vector<Alone> apart = scan_apart(unsealed, threads);
  for (size_t i = 0; i < unsealed.size() && !out->cut; ++i) {
    STAVE_RETURN_IF_ERROR(apart[i].status);
    if (!join(std::move(apart[i]), i, out)) {
      STAVE_RETURN_IF_ERROR(scan_file(*unsealed[i], i, out));
    }
  }
  return {};
}

// Scans all files on from where their valid bytes ended so far. All, since a file that ended in
// zeros may have been the active one, and is complete only once its successor is in use.
Status scan_on(const SegmentList& unsealed, LogScan* out) {
  out->cut = false;
  for (size_t i = 0; i < unsealed.size() && !out->cut; ++i) {
    STAVE_RETURN_IF_ERROR(scan_file(*unsealed[i], i, out));
  }
  return {};
}

// The highest operation that anything behind the cut says was durable.
Status find_claim(const SegmentList& unsealed, uint64_t seq_floor, const LogScan& scan,
                  uint64_t* claim) {
  *claim = scan.last_seq;
  for (size_t i = scan.cut_file; i < unsealed.size(); ++i) {
    const uint64_t from = i == scan.cut_file ? scan.cut_offset : kFileHeaderSize;
    STAVE_RETURN_IF_ERROR(ClaimSearch(*unsealed[i], from).run(seq_floor, claim));
  }
  return {};
}

}  // namespace

Status scan_log(const SegmentList& unsealed, uint64_t sealed_last_seq, uint64_t seq_floor,
                LogWriter writer, LogScan* out, size_t threads) {
  *out = LogScan{};
  out->files.resize(unsealed.size());
  out->last_seq = sealed_last_seq;
  const bool shared = threads > 1 && unsealed.size() > 1;
  STAVE_RETURN_IF_ERROR(shared ? scan_shared(unsealed, threads, out) : scan_on(unsealed, out));
  if (!out->cut) return {};
  uint64_t claim = 0;
  STAVE_RETURN_IF_ERROR(find_claim(unsealed, seq_floor, *out, &claim));
  // A writer stores a claim after all that it covers: what was half written when it was looked
  // at is whole by the time the claim is seen. Damage stays.
  if (claim > out->last_seq && writer == LogWriter::may_be_alive) {
    STAVE_RETURN_IF_ERROR(scan_on(unsealed, out));
  }
  if (claim <= out->last_seq) return {};
  return corrupt_at(*unsealed[out->cut_file], out->cut_offset,
                    out->reason + ", but operations up to " + std::to_string(claim) +
                        " were durable (the last readable one before is " +
                        std::to_string(out->last_seq) + ")");
}

}  // namespace stave
