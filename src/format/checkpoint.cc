#include "format/checkpoint.h"

#include <algorithm>

#include "base/check.h"
#include "base/limits.h"
#include "format/crc32c.h"

namespace stave {
namespace {

constexpr char kMagic[8] = {'\x89', 'S', 'T', 'A', 'V', 'E', 'K', '\n'};
constexpr size_t kVersionAt = 8;
constexpr size_t kHeaderSizeAt = 12;
constexpr size_t kFixedSize = 88;
constexpr size_t kFileSize = 96 + 2 * sizeof(uint64_t) * kSizeClasses;
constexpr size_t kShardSize = 32;
constexpr size_t kSlotSize = 16;
constexpr size_t kCrcSize = 4;
constexpr uint32_t kHashKindMax = 1;
// Far above what a store of 16 TiB needs; bounds what a damaged length can make us read.
constexpr uint64_t kHeaderSizeMax = 1ULL << 30;
static_assert(kFileSize == 608 && kSizeClasses == 32, "docs/format.md, \"KEYDIR\"");

// Fields one after the other, in the order of docs/format.md.
class Writer {
 public:
  explicit Writer(char* to) : to_(to) {}
  template <typename T>
  void put(T v) {
    store_le(to_, v);
    to_ += sizeof v;
  }
  template <size_t N>
  void put(const std::array<uint8_t, N>& v) {
    std::memcpy(to_, v.data(), N);
    to_ += N;
  }

 private:
  char* to_;
};

// REQUIRES: as many bytes as are taken; callers have compared sizes before.
class Reader {
 public:
  explicit Reader(const char* from) : from_(from) {}
  template <typename T>
  void get(T* v) {
    *v = load_le<T>(from_);
    from_ += sizeof *v;
  }
  template <size_t N>
  void get(std::array<uint8_t, N>* v) {
    std::memcpy(v->data(), from_, N);
    from_ += N;
  }
  const char* position() const { return from_; }

 private:
  const char* from_;
};

void put_file(Writer* w, const CheckpointFile& f) {
  w->put(f.id);
  w->put<uint64_t>(f.salt);
  for (const uint64_t v :
       {f.extent, f.extent_count, f.covered, f.first_seq, f.last_seq, f.operations, f.record_bytes,
        f.live_records, f.live_bytes, f.tombstones}) {
    w->put(v);
  }
  for (const uint64_t v : f.class_count) w->put(v);
  for (const uint64_t v : f.class_bytes) w->put(v);
}

bool get_file(Reader* r, CheckpointFile* f) {
  uint64_t salt = 0;
  r->get(&f->id);
  r->get(&salt);
  f->salt = static_cast<uint32_t>(salt);
  for (uint64_t* v :
       {&f->extent, &f->extent_count, &f->covered, &f->first_seq, &f->last_seq, &f->operations,
        &f->record_bytes, &f->live_records, &f->live_bytes, &f->tombstones}) {
    r->get(v);
  }
  for (uint64_t& v : f->class_count) r->get(&v);
  for (uint64_t& v : f->class_bytes) r->get(&v);
  const uint64_t granules = kStoreSizeMax / kRecordAlign;
  return f->id >= 1 && f->id <= kFileIdMax && salt >= 1 && salt <= UINT32_MAX &&
         f->extent <= granules && f->extent_count <= granules - f->extent &&
         f->covered <= kFileSizeLimit && f->first_seq <= f->last_seq;
}

bool get_shard(Reader* r, CheckpointShard* s) {
  uint64_t crc = 0;
  for (uint64_t* v : {&s->length, &s->capacity, &s->count, &crc}) r->get(v);
  s->crc = static_cast<uint32_t>(crc);
  return crc <= UINT32_MAX && s->length % kSlotSize == 0 && s->count <= s->length / kSlotSize;
}

bool zeros(const char* from, const char* end) {
  for (; from != end; ++from) {
    if (*from != 0) return false;
  }
  return true;
}

Status corrupt(const std::string& name, const char* what) {
  return {Code::corrupt, name + ": keydir checkpoint: " + what};
}

}  // namespace

uint64_t checkpoint_rows(const std::vector<CheckpointShard>& shards) {
  uint64_t rows = 0;
  for (const CheckpointShard& s : shards) {
    rows = std::max(rows, s.length / kCheckpointUnit + (s.length % kCheckpointUnit != 0));
  }
  return rows;
}

uint64_t checkpoint_header_size(size_t files, size_t shards) {
  return align_up(kFixedSize + files * kFileSize + shards * kShardSize + kCrcSize, kCheckpointUnit);
}

std::string encode_checkpoint(const Checkpoint& c) {
  const uint64_t size = checkpoint_header_size(c.files.size(), c.shards.size());
  STAVE_CHECK(size <= kHeaderSizeMax);
  std::string out(size, '\0');
  std::memcpy(out.data(), kMagic, sizeof kMagic);
  Writer w(out.data() + sizeof kMagic);
  w.put(kFormatVersion);
  w.put(static_cast<uint32_t>(size));
  w.put(c.uuid);
  w.put(c.lineage);
  w.put(c.generation);
  w.put(c.secret);
  w.put(c.last_seq);
  w.put(c.hash_bits);
  w.put(c.hash_kind);
  w.put(static_cast<uint32_t>(c.files.size()));
  w.put(static_cast<uint32_t>(c.shards.size()));
  for (const CheckpointFile& f : c.files) put_file(&w, f);
  for (const CheckpointShard& s : c.shards) {
    for (const uint64_t v : {s.length, s.capacity, s.count, uint64_t{s.crc}}) w.put(v);
  }
  store_le(out.data() + size - kCrcSize, crc32c(0, out.data(), size - kCrcSize));
  return out;
}

uint64_t checkpoint_header_bytes(Bytes first16) {
  if (first16.size() < 16 || std::memcmp(first16.data(), kMagic, sizeof kMagic) != 0) return 0;
  // Only the version's place is sure in a later format: enough for decode to refuse it.
  if (load_le<uint32_t>(first16.data() + kVersionAt) != kFormatVersion) return 16;
  const uint64_t size = load_le<uint32_t>(first16.data() + kHeaderSizeAt);
  const bool valid =
      size >= kCheckpointUnit && size % kCheckpointUnit == 0 && size <= kHeaderSizeMax;
  return valid ? size : 0;
}

Status decode_checkpoint(Bytes bytes, uint64_t file_size, const std::string& name,
                         Checkpoint* out) {
  const uint64_t size = checkpoint_header_bytes(bytes);
  if (size == 0) return corrupt(name, "wrong magic or header size");
  const uint32_t version = load_le<uint32_t>(bytes.data() + kVersionAt);
  if (version > kFormatVersion) {
    return {Code::unsupported, name + ": keydir checkpoint format " + std::to_string(version) +
                                   "; this library reads up to " + std::to_string(kFormatVersion)};
  }
  if (version != kFormatVersion) return corrupt(name, "format version 0");
  if (size > bytes.size() || size > file_size) return corrupt(name, "cut short");
  if (load_le<uint32_t>(bytes.data() + size - kCrcSize) !=
      crc32c(0, bytes.data(), size - kCrcSize)) {
    return corrupt(name, "wrong checksum of the header");
  }
  Checkpoint c;
  Reader r(bytes.data() + kHeaderSizeAt + 4);
  uint32_t files = 0, shards = 0;
  r.get(&c.uuid);
  r.get(&c.lineage);
  r.get(&c.generation);
  r.get(&c.secret);
  r.get(&c.last_seq);
  r.get(&c.hash_bits);
  r.get(&c.hash_kind);
  r.get(&files);
  r.get(&shards);
  if (c.hash_kind > kHashKindMax) return corrupt(name, "unknown kind of hash");
  if (checkpoint_header_size(files, shards) != size) {
    return corrupt(name, "counts do not fit the header size");
  }
  c.files.resize(files);  // bounded: the header holds them all
  c.shards.resize(shards);
  for (CheckpointFile& f : c.files) {
    if (!get_file(&r, &f)) return corrupt(name, "a file's entry is out of range");
  }
  for (CheckpointShard& s : c.shards) {
    if (!get_shard(&r, &s)) return corrupt(name, "a shard's entry is out of range");
  }
  if (shards != 0 && checkpoint_rows(c.shards) > (file_size - size) / kCheckpointUnit / shards) {
    return corrupt(name, "the tables are cut short");
  }
  if (!zeros(r.position(), bytes.data() + size - kCrcSize)) {
    return corrupt(name, "padding is not zero");
  }
  *out = std::move(c);
  return {};
}

}  // namespace stave
