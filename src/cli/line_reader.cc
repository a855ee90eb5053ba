#include "cli/line_reader.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include "cli/failure.h"
#include "cli/interrupt.h"

namespace stave::cli {
namespace {

const std::string kStandardInput = "-";

std::string name_of(const std::string& path) {
  return path == kStandardInput ? "standard input" : path;
}

std::FILE* open_input(const std::string& path) {
  if (path == kStandardInput) return stdin;
  std::FILE* file = std::fopen(path.c_str(), "rbe");
  if (file == nullptr) throw system_failure("opening '" + path + "'", errno);
  return file;
}

}  // namespace

LineReader::LineReader(const std::string& path) : name_(name_of(path)), file_(open_input(path)) {}

LineReader::~LineReader() {
  std::free(line_);
  if (file_ != stdin) std::fclose(file_);
}

bool LineReader::fill() {
  errno = 0;
  const ssize_t length = ::getline(&line_, &capacity_, file_);
  if (length < 0 && !std::feof(file_)) throw system_failure("reading '" + name_ + "'", errno);
  read_ = length < 0 ? std::string_view() : std::string_view(line_, static_cast<size_t>(length));
  return length >= 0;
}

std::string_view LineReader::peek() {
  peeked_ = fill();
  return read_.substr(0, read_.size() - (read_.ends_with('\n') ? 1 : 0));
}

bool LineReader::next(std::string_view& line) {
  check_interrupt();
  if (!std::exchange(peeked_, false) && !fill()) return false;
  ++number_;
  bytes_ += read_.size();
  line = read_;
  if (line.ends_with('\n')) line.remove_suffix(1);
  return true;
}

std::string read_whole(const std::string& path) {
  std::FILE* file = open_input(path);
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> owner(
      file, [](std::FILE* f) { return f == stdin ? 0 : std::fclose(f); });
  std::string out;
  std::array<char, 65536> chunk;
  size_t n = 0;
  while ((n = std::fread(chunk.data(), 1, chunk.size(), file)) > 0) out.append(chunk.data(), n);
  if (std::ferror(file) != 0) throw system_failure("reading '" + name_of(path) + "'", errno);
  return out;
}

}  // namespace stave::cli
