// A file that passes every call on to another: for those that change some of them.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "io/fs.h"

namespace stave {

class ForwardingFile : public File {
 public:
  explicit ForwardingFile(std::shared_ptr<File> file) : file_(std::move(file)) {}

  [[nodiscard]] const std::string& path() const override { return file_->path(); }
  Status read(uint64_t offset, void* to, size_t n, size_t* got) override {
    return file_->read(offset, to, n, got);
  }
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

 protected:
  [[nodiscard]] File& file() const { return *file_; }

 private:
  const std::shared_ptr<File> file_;
};

}  // namespace stave
