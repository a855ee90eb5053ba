#include "engine/repair_output.h"

#include <algorithm>

#include "engine/hint_file.h"

namespace stave {
namespace {

constexpr uint64_t kChunk = 1 << 20;

}  // namespace

Status RepairOutput::create() {
  auto file = env_->fs.create(env_->path(data_file_name(header_.file_id)), 0644);
  if (!file.ok()) return file.status();
  file_ = file.take();
  buffer_.resize(kFileHeaderSize);
  encode_file_header(buffer_.data(), header_);
  return {};
}

Status RepairOutput::add(const Record& record) {
  Record plain = record;
  plain.flags = 0;  // an expiry sets its own
  const uint64_t size = record_size(plain);
  const size_t at = buffer_.size();
  buffer_.resize(at + size);
  encode_record(buffer_.data() + at, header_.salt, plain);
  ++records_;
  last_seq_ = std::max(last_seq_, record.seq);
  return buffer_.size() >= kChunk ? flush() : Status();
}

Status RepairOutput::flush() {
  if (buffer_.empty()) return {};
  STAVE_RETURN_IF_ERROR(file_->write(written_, buffer_));
  file_->start_writeback(written_, buffer_.size());
  written_ += buffer_.size();
  buffer_.clear();
  return {};
}

Status RepairOutput::finish(ManifestFile* listed) {
  STAVE_RETURN_IF_ERROR(flush());
  STAVE_RETURN_IF_ERROR(file_->sync());
  *listed = {header_.file_id, header_.origin, true, written_, last_seq_};
  auto segment = std::make_shared<Segment>(env_, header_, Extent{});
  STAVE_RETURN_IF_ERROR(segment->attach(std::move(file_), 0, Access::read));
  segment->publish_tail(written_);
  segment->set_sealed();
  return rebuild_hint(*env_, *segment);
}

std::shared_ptr<Segment> hint_only(const std::shared_ptr<Env>& env, const FileHeader& header,
                                   uint64_t length) {
  auto segment = std::make_shared<Segment>(env, header, Extent{});
  segment->publish_tail(length);
  segment->set_sealed();
  return segment;
}

}  // namespace stave
