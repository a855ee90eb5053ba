#include "engine/hint_writer.h"

#include "engine/unlink_quietly.h"

namespace stave {

namespace {
constexpr size_t kWriteSize = 1 << 20;
constexpr uint32_t kMode = 0644;  // the umask decides, as for data files
}  // namespace

HintWriter::HintWriter(Env& env, const Segment& segment)
    : env_(env),
      segment_(segment),
      path_(segment.hint_path()),
      temporary_(path_ + ".tmp"),
      builder_(segment.salt()) {}

HintWriter::~HintWriter() {
  if (file_) unlink_quietly(env_.fs, [&]() -> const std::string& { return temporary_; });
}

Status HintWriter::create() {
  Result<std::unique_ptr<File>> file = env_.fs.create(temporary_, kMode);
  if (!file.ok() && file.status().is(Code::exists)) {  // of a writer that was killed
    STAVE_RETURN_IF_ERROR(env_.fs.unlink(temporary_));
    file = env_.fs.create(temporary_, kMode);
  }
  if (!file.ok()) return file.status();
  file_ = file.take();
  return {};
}

Status HintWriter::write(Bytes bytes) {
  STAVE_RETURN_IF_ERROR(file_->write(written_, bytes));
  written_ += bytes.size();
  return {};
}

Status HintWriter::add(const HintEntry& e) {
  builder_.add(e);
  if (builder_.pending().size() < kWriteSize) return {};
  STAVE_RETURN_IF_ERROR(write(builder_.pending()));
  builder_.drop_pending();
  return {};
}

Status HintWriter::finish(HintSummary summary, bool sync) {
  summary.file_id = segment_.id();
  summary.data_length = segment_.tail();
  STAVE_RETURN_IF_ERROR(builder_.finish(summary, [this](Bytes piece) { return write(piece); }));
  if (sync) STAVE_RETURN_IF_ERROR(file_->sync());
  STAVE_RETURN_IF_ERROR(env_.fs.rename(temporary_, path_));
  file_.reset();
  return {};
}

}  // namespace stave
