#include "engine/repairing_cursor.h"

#include "base/key_code.h"
#include "engine/run.h"
#include "engine/tail_index.h"

namespace stave {

// Want of descriptors or memory would only grow by making the index again.
bool replaceable(const Status& s) {
  return s.is(Code::not_found) || s.is(Code::corrupt) || s.is(Code::unsupported) || s.is(Code::io);
}

// A missing one is nothing to warn of; a damaged one says something of the disk.
void tell_no_hint(Env& env, const Segment& segment, const Status& why) {
  env.log.write(why.is(Code::not_found) ? LogLevel::info : LogLevel::warn,
                "the index of " + segment.path() + " is made again in memory: " + why.message());
}

namespace {

class RepairingCursor final : public RepairableCursor {
 public:
  RepairingCursor(std::shared_ptr<Env> env, std::shared_ptr<Segment> segment,
                  std::unique_ptr<Cursor> hint)
      : env_(std::move(env)), segment_(std::move(segment)), source_(std::move(hint)) {}

  void seek(Bytes key) override {
    start(false, key);
    source_->seek(key);
  }
  void seek_down(Bytes key) override {
    start(true, key);
    source_->seek_down(key);
  }

  [[nodiscard]] const Status& status() const override { return status_; }
  [[nodiscard]] bool repaired() const override { return repaired_; }

 private:
  void start(bool down, Bytes key) {
    down_ = down;
    status_ = {};
    last_key_.assign(key);
    handed_out_ = lent_ = false;
    take_back();
  }

  bool refill() override {
    if (!status_.ok()) return false;
    if (!repaired_ && lent_) {
      last_key_.assign(last_lent().key);
      handed_out_ = true;
    }
    if (source_->next()) {
      lend_from(*source_);
      lent_ = true;
      return true;
    }
    status_ = source_->status();
    if (repaired_ || !replaceable(status_) || !repair()) return false;
    // The run's own code is relative to nothing.
    const HintEntry& e = source_->entry();
    code_ = key_code::after(last_key_, e.key, down_);
    lend(segment_.get(), &e, 1, &code_);
    return true;
  }

  bool repair() {
    tell_no_hint(*env_, *segment_, status_);
    Result<std::shared_ptr<const Run>> run =
        build_run(*segment_, kFileHeaderSize, segment_->tail());
    status_ = run.status();
    if (!run.ok()) return false;
    repaired_ = true;
    source_ = run_cursor(segment_, run.take());
    down_ ? source_->seek_down(last_key_) : source_->seek(last_key_);
    while (source_->next()) {
      if (!handed_out_ || source_->entry().key != Bytes(last_key_)) return true;
    }
    status_ = source_->status();
    return false;
  }

  const std::shared_ptr<Env> env_;
  const std::shared_ptr<Segment> segment_;
  std::unique_ptr<Cursor> source_;
  bool repaired_ = false;
  bool down_ = false;
  bool lent_ = false;
  uint64_t code_ = 0;
  std::string last_key_;  // where to go on: the key sought or handed out last
  bool handed_out_ = false;
  Status status_;
};

}  // namespace

std::unique_ptr<RepairableCursor> repairing_cursor(std::shared_ptr<Env> env,
                                                   std::shared_ptr<Segment> segment,
                                                   std::unique_ptr<Cursor> hint) {
  return std::make_unique<RepairingCursor>(std::move(env), std::move(segment), std::move(hint));
}

}  // namespace stave
