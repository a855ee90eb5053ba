#include "io/fs.h"

namespace stave {

Result<std::string> read_file(Fs& fs, const std::string& path, uint64_t size_max) {
  Result<std::unique_ptr<File>> file = fs.open(path, Access::read);
  if (!file.ok()) return file.status();
  Result<uint64_t> size = (*file)->size();
  if (!size.ok()) return size.status();
  if (*size > size_max) {
    return Status(Code::corrupt, path + " has " + std::to_string(*size) + " bytes, more than the " +
                                     std::to_string(size_max) + " that it may have");
  }
  std::string bytes(*size, '\0');
  size_t got = 0;
  if (Status read = (*file)->read(0, bytes.data(), bytes.size(), &got); !read.ok()) return read;
  bytes.resize(got);
  return bytes;
}

}  // namespace stave
