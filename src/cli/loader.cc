#include "cli/loader.h"

#include "cli/failure.h"

namespace stave::cli {
namespace {

// Large values end a batch early: it is held in memory twice, here and in the log's buffer.
constexpr uint64_t kBatchBytesMax = 8u << 20;

BatchHandle make_batch() {
  stave_batch* made = nullptr;
  check(stave_batch_create(&made));
  return BatchHandle(made);
}

}  // namespace

Loader::Loader(Context& context, Store& store, Settings settings)
    : context_(context), store_(store), settings_(settings), batch_(make_batch()) {}

void Loader::put(std::string_view key, std::string_view value,
                 std::optional<uint64_t> expires_at_ms) {
  stave_batch* batch = batch_.get();
  const int status =
      expires_at_ms ? stave_batch_put_until(batch, key.data(), key.size(), value.data(),
                                            value.size(), *expires_at_ms)
                    : stave_batch_put(batch, key.data(), key.size(), value.data(), value.size());
  added(status, key.size() + value.size());
}

void Loader::remove(std::string_view key) {
  added(stave_batch_delete(batch_.get(), key.data(), key.size()), key.size());
}

void Loader::added(int status, size_t bytes) {
  if (exit_for_status(status) == Exit::usage) throw DecodeError(status_failure(status).what());
  check(status);
  batch_bytes_ += bytes;
  if (stave_batch_count(batch_.get()) >= settings_.batch_records ||
      batch_bytes_ >= kBatchBytesMax) {
    flush();
  }
}

void Loader::flush() {
  size_t count = stave_batch_count(batch_.get());
  if (count == 0) return;
  check(stave_write(store_.get(), batch_.get(), settings_.sync ? STAVE_WRITE_SYNC : 0));
  check(stave_batch_clear(batch_.get()));
  records_ += count;
  bytes_ += batch_bytes_;
  batch_bytes_ = 0;
  if (!settings_.ack) return;
  context_.out.write("ACK " + std::to_string(records_) + "\n");
  context_.out.flush();
}

}  // namespace stave::cli
