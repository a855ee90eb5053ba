// The driver of a crash test: runs writers and kills them, and checks what they left.
#pragma once

#include <sys/types.h>

#include <string>

#include "model.h"
#include "process.h"

namespace crash {

// When the writer dies.
enum class Kill : int { running, opening, closing, none };

class Driver {
 public:
  Driver(std::string dir, std::string io, std::string sync, Mix mix, uint64_t seed);
  ~Driver();

  // False: something is wrong, and it has been printed. The directory is kept then.
  bool round(uint64_t number);
  // Ends the reader and verifies every byte.
  bool finish();
  [[nodiscard]] unsigned kills() const { return kills_; }
  [[nodiscard]] uint64_t acked() const { return acked_; }
  [[nodiscard]] uint64_t reader_rounds() const { return shared_->reader_rounds.load(); }

 private:
  pid_t run(const char* role);
  Kill run_writer_and_kill();
  bool wait_for(Phase phase, pid_t pid);
  bool check(bool read_only);
  bool start_new_store();
  bool stop_reader();
  bool fail(const std::string& what);

  Task task_;
  Random random_;
  int shared_fd_ = -1;
  SharedState* shared_;
  Model model_;
  pid_t reader_ = -1;
  int writer_status_ = 0;
  uint64_t open_micros_ = 1000;
  unsigned kills_ = 0;
  uint64_t acked_ = 0;
  bool made_ = false;  // a writer got as far as running: the store must exist from now on
};

}  // namespace crash
