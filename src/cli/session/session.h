// An open store and the commands that work on it one after the other: the verbs of `stave`, which
// get the store lent, and a few of the session's own (begin, commit, help, ...). One thread.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/session/words.h"
#include "cli/store.h"

namespace stave::cli {

class Session {
 public:
  // Opens the store. Throws Failure.
  Session(const Context& context, Access access);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Runs one command; what goes wrong has been printed by then, with `place` ("line 7") if that is
  // not "". No words do nothing. Throws BrokenPipe alone.
  Exit run(const std::vector<Argument>& words, const std::string& place = "");

  // Throws Failure if the store cannot be closed. An open batch is dropped.
  void close() { store_.close(); }

  // True after quit.
  bool ended() const { return ended_; }
  void end() { ended_ = true; }

  stave_db* db() const { return store_.get(); }
  bool read_only() { return store_.open().read_only; }
  Context& context() { return context_; }

  // The open batch, else null. Throw Failure.
  stave_batch* batch() const { return batch_.get(); }
  void begin_batch();
  void commit_batch(bool sync);
  void drop_batch();

  // All commands, newly made.
  std::vector<Verb> commands();

 private:
  Exit parse_and_run(Context& context, const std::vector<Argument>& words);

  Context context_;
  Store store_;
  BatchHandle batch_;
  bool ended_ = false;
};

// The parser of some commands, as it is in a session.
void declare_commands(CLI::App& app, Context& context, const std::vector<Verb>& commands);

}  // namespace stave::cli
