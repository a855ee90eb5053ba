// A file whose unreadable blocks read as zeros, which no checksum takes for a record: for repair,
// which takes along what a failing device still gives.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "io/fs.h"

namespace stave {

class ForgivingFile final : public File {
 public:
  explicit ForgivingFile(std::unique_ptr<File> file) : file_(std::move(file)) {}

  // Blocks that could not be read so far; those read twice count twice.
  [[nodiscard]] uint64_t unreadable() const { return unreadable_; }

  [[nodiscard]] const std::string& path() const override { return file_->path(); }
  Status read(uint64_t offset, void* to, size_t n, size_t* got) override;
  Status write(uint64_t offset, Bytes bytes) override { return file_->write(offset, bytes); }
  Status sync() override { return file_->sync(); }
  Status allocate(uint64_t offset, uint64_t length) override {
    return file_->allocate(offset, length);
  }
  Status truncate(uint64_t length) override { return file_->truncate(length); }
  Result<uint64_t> size() override { return file_->size(); }
  Result<std::unique_ptr<Mapping>> map(uint64_t length, Access access) override {
    return file_->map(length, access);
  }
  void prefault(const Mapping& mapping, uint64_t offset, uint64_t length) override {
    file_->prefault(mapping, offset, length);
  }
  Status load_pages(void* to, uint64_t offset, uint64_t length) override {
    return file_->load_pages(to, offset, length);
  }

 private:
  const std::unique_ptr<File> file_;
  uint64_t unreadable_ = 0;
};

}  // namespace stave
