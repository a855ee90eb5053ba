// One record, read where its key's slot leads: in a mapping, or in buffers here.
#pragma once

#include <string>

#include "engine/segment.h"

namespace stave {

class FoundRecord {
 public:
  FoundRecord() {}  // NOLINT(modernize-use-equals-default): leaves small_ as it is
  FoundRecord(const FoundRecord&) = delete;
  FoundRecord& operator=(const FoundRecord&) = delete;

  // The bytes at `offset`, of a record of that size class. corrupt (beyond the file), io.
  Status fetch(const Segment& s, uint64_t offset, unsigned cls);
  // The put of `key` in them. not_found: another key's whole record, by a collision in the keydir;
  // corrupt. `verify`: its checksum too. *size: of the record.
  Status parse(Bytes key, bool verify, uint64_t* size);

  // Valid after parse, while the segment lives or, unless mapped(), this.
  [[nodiscard]] const Record& record() const { return record_; }
  [[nodiscard]] const Segment& segment() const { return *segment_; }
  [[nodiscard]] bool mapped() const { return segment_->mapped() != nullptr; }

 private:
  static constexpr size_t kSmall = 4096;

  Status read(uint64_t available, unsigned cls);
  // What is wrong with a record that is not the put of `key`. checked: its checksum was.
  Status explain(bool checked, Parse parsed, Bytes key);
  [[nodiscard]] Status beyond_end() const;

  const Segment* segment_ = nullptr;
  uint64_t offset_ = 0;
  const char* at_ = nullptr;
  uint64_t readable_ = 0;  // bytes at at_
  Record record_;
  std::string large_;  // positional mode, records of more than kSmall bytes
  char small_[kSmall];
};

// ---- Inline: a part of every get.

inline Status FoundRecord::fetch(const Segment& s, uint64_t offset, unsigned cls) {
  segment_ = &s;
  offset_ = offset;
  const uint64_t tail = s.tail();
  if (__builtin_expect(offset >= tail, 0)) return beyond_end();
  const char* const base = s.mapped();
  if (base == nullptr) return read(tail - offset, cls);
  at_ = base + offset;
  readable_ = tail - offset;
  return {};
}

inline Status FoundRecord::parse(Bytes key, bool verify, uint64_t* size) {
  const Parse parsed = verify ? parse_record(at_, readable_, segment_->salt(), &record_, size)
                              : parse_record_unchecked(at_, readable_, &record_, size);
  const bool found = parsed == Parse::ok && record_.kind == Kind::put && record_.key == key;
  return __builtin_expect(found, 1) ? Status() : explain(verify, parsed, key);
}

}  // namespace stave
