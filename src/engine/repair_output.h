// One data file that repair writes, with its hint: records of other files, each with its number,
// flags that spoke of the bytes around it dropped.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "engine/env.h"
#include "engine/segment.h"
#include "format/manifest.h"

namespace stave {

class RepairOutput {
 public:
  RepairOutput(std::shared_ptr<Env> env, const FileHeader& header)
      : env_(std::move(env)), header_(header) {}

  Status create();
  Status add(const Record& record);
  // Durable but for the directory's entries. *listed: what MANIFEST is to say.
  Status finish(ManifestFile* listed);

  [[nodiscard]] uint64_t length() const { return written_ + buffer_.size(); }
  [[nodiscard]] uint64_t records() const { return records_; }
  [[nodiscard]] uint64_t last_seq() const { return last_seq_; }

 private:
  Status flush();

  const std::shared_ptr<Env> env_;
  const FileHeader header_;
  std::unique_ptr<File> file_;
  std::string buffer_;
  uint64_t written_ = 0;
  uint64_t records_ = 0;
  uint64_t last_seq_ = 0;
};

// The segment of a listed file without its bytes, for who reads its hint.
std::shared_ptr<Segment> hint_only(const std::shared_ptr<Env>& env, const FileHeader& header,
                                   uint64_t length);

}  // namespace stave
