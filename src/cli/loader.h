// Stores rows in batches, deletes keys among them, and counts what was acknowledged.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "cli/context.h"
#include "cli/rows.h"
#include "cli/store.h"

namespace stave::cli {

class Loader {
 public:
  struct Settings {
    size_t batch_records = 256;
    bool sync = false;  // each batch survives a power cut before it counts
    bool ack = false;   // "ACK <records so far>" on standard output after each batch
  };

  Loader(Context& context, Store& store, Settings settings);

  // Throws DecodeError if the row itself is refused (an empty or too long key or value), and
  // Failure if the store fails. May write the batch.
  void add(const Row& row) { put(row.key, row.value, row.expires_at_ms); }
  // expires_at_ms: 0 for never; nothing: as the store's default says.
  void put(std::string_view key, std::string_view value, std::optional<uint64_t> expires_at_ms);
  void remove(std::string_view key);

  // Writes what is collected. REQUIRED after the last row.
  void flush();

  uint64_t records() const { return records_; }  // acknowledged, deletes included
  uint64_t bytes() const { return bytes_; }      // of their keys and values

 private:
  // Takes the status of the call that put so many bytes into the batch.
  void added(int status, size_t bytes);

  Context& context_;
  Store& store_;
  const Settings settings_;
  BatchHandle batch_;
  uint64_t batch_bytes_ = 0;
  uint64_t records_ = 0;
  uint64_t bytes_ = 0;
};

}  // namespace stave::cli
