#include "driver.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>

namespace crash {
namespace {

const char* const kKillNames[] = {"running", "opening", "closing", "none"};

uint64_t now_us() {
  auto t = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(t).count());
}

// Short waits spin: a sleep would be longer than what is to be hit.
void wait_us(uint64_t us) {
  uint64_t end = now_us() + us;
  if (us > 2000) usleep(static_cast<useconds_t>(us - 500));
  while (now_us() < end) continue;
}

}  // namespace

Driver::Driver(std::string dir, std::string io, std::string sync, Mix mix, uint64_t seed)
    : random_(seed), shared_(create_shared(&shared_fd_)) {
  task_.dir = std::move(dir);
  task_.io = std::move(io);
  task_.sync = std::move(sync);
  task_.mix = mix;
  task_.seed = seed;
}

Driver::~Driver() {
  if (reader_ > 0) {
    kill(reader_, SIGKILL);
    waitpid(reader_, nullptr, 0);
  }
}

bool Driver::fail(const std::string& what) {
  std::fprintf(stderr, "round %llu, %s: %s\n", static_cast<unsigned long long>(task_.round),
               task_.dir.c_str(), what.c_str());
  return false;
}

pid_t Driver::run(const char* role) {
  std::string fd = std::to_string(shared_fd_), seed = std::to_string(task_.seed);
  std::string round = std::to_string(task_.round), threads = std::to_string(task_.threads);
  std::fflush(nullptr);
  pid_t pid = fork();
  if (pid != 0) return pid;
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // whatever ends the driver ends its processes
  execl("/proc/self/exe", "crash_kill9", role, fd.c_str(), task_.dir.c_str(), task_.io.c_str(),
        task_.sync.c_str(), seed.c_str(), round.c_str(), threads.c_str(),
        task_.mix == Mix::ranges ? "ranges" : "plain", static_cast<char*>(nullptr));
  _exit(127);
}

// False: the writer ended before.
bool Driver::wait_for(Phase phase, pid_t pid) {
  while (shared_->phase.load() < phase) {
    if (waitpid(pid, &writer_status_, WNOHANG) == pid) return false;
    usleep(50);
  }
  return true;
}

Kill Driver::run_writer_and_kill() {
  uint64_t choice = random_.below(100);
  Kill when = choice < 55   ? Kill::running
              : choice < 73 ? Kill::opening
              : choice < 90 ? Kill::closing
                            : Kill::none;
  uint64_t run_us = random_.below(random_.below(4) == 0 ? 250000 : 40000),
           spin = random_.below(open_micros_ * 3 / 2 + 200);
  uint64_t close_us = random_.below(4000);
  bool clean = random_.below(2) == 0;
  pid_t pid = run("--writer");
  uint64_t opened_at = 0;
  bool alive = wait_for(kOpening, pid);
  opened_at = now_us();
  if (alive && when == Kill::opening) {
    wait_us(spin);
  } else if (alive && (alive = wait_for(kRunning, pid))) {
    open_micros_ = now_us() - opened_at;
    wait_us(run_us);
    if (when != Kill::running) {
      shared_->stop.store(clean || when == Kill::closing ? kClose : kRelease);
      alive = wait_for(when == Kill::closing ? kClosing : kClosed, pid);
    }
    if (alive && when == Kill::closing) wait_us(close_us);
  }
  if (!alive) return Kill::none;  // its status has been collected
  if (when != Kill::none) {
    kill(pid, SIGKILL);
    kills_++;
  }
  waitpid(pid, &writer_status_, 0);
  return when;
}

bool Driver::round(uint64_t number) {
  task_.round = number;
  task_.threads = 1 + static_cast<uint32_t>(random_.below(kThreadsMax));
  if (number % 12 == 0 && !start_new_store()) return false;
  if (number % 12 == 2) reader_ = run("--reader");
  shared_->start_round();
  writer_status_ = 0;
  Kill when = run_writer_and_kill();
  if (shared_->phase.load() >= kRunning) made_ = true;
  std::string killed = std::string(" (killed: ") + kKillNames[static_cast<int>(when)] + ")";
  if (shared_->writer.made.load()) return fail(shared_->writer.text + killed);
  bool ended_well = WIFEXITED(writer_status_) && WEXITSTATUS(writer_status_) == 0;
  bool was_killed = WIFSIGNALED(writer_status_) && WTERMSIG(writer_status_) == SIGKILL;
  if (!ended_well && !was_killed) return fail("the writer crashed by itself" + killed);
  for (uint32_t i = 0; i < task_.threads; i++) acked_ += shared_->threads[i].acked.load();
  std::string wrong = model_.replay(task_, *shared_);
  if (!wrong.empty()) return fail(wrong + killed);
  if (shared_->reader.made.load()) return fail(shared_->reader.text + killed);
  // A read-only look leaves the store as it fell, for the next writer to recover.
  return check(random_.below(100) < 60) || fail("after" + killed);
}

bool Driver::check(bool read_only) {
  stave_options* o = read_only ? reader_options(task_) : checker_options(task_);
  stave_db* db = nullptr;
  int code = stave_open(task_.dir.c_str(), o, &db);
  stave_options_destroy(o);
  if (code == STAVE_NO_STORE && read_only && !made_) return true;
  if (code != STAVE_OK) {
    return fail(std::string("open, read_only ") + (read_only ? "true" : "false") + ": " +
                stave_status_name(code) + ": " + stave_last_error());
  }
  if (!read_only) made_ = true;
  std::string wrong = model_.check(db);
  bool clean = random_.below(2) == 0;
  code = clean ? stave_close(db) : STAVE_OK;
  stave_release(db);
  if (wrong.empty() && code != STAVE_OK) wrong = stave_last_error();
  return wrong.empty() || fail(wrong + (read_only ? " (seen read-only)" : ""));
}

bool Driver::stop_reader() {
  if (reader_ <= 0) return true;
  int status = 0;
  shared_->reader_stop.store(1);
  waitpid(reader_, &status, 0);
  reader_ = -1;
  shared_->reader_stop.store(0);
  if (shared_->reader.made.load()) return fail(shared_->reader.text);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? true : fail("the reader crashed");
}

bool Driver::start_new_store() {
  if (!finish()) return false;
  std::filesystem::remove_all(task_.dir);
  shared_->start_store();
  model_ = Model();
  made_ = false;
  return true;
}

bool Driver::finish() {
  if (!stop_reader()) return false;
  if (!made_) return true;
  if (!check(false)) return false;
  stave_options* o = reader_options(task_);
  stave_db* db = nullptr;
  int code = stave_open(task_.dir.c_str(), o, &db);
  stave_options_destroy(o);
  if (code != STAVE_OK) return fail(std::string("the last open: ") + stave_last_error());
  stave_verify_report report{};
  report.size = sizeof report;
  code = stave_verify(db, &report);
  stave_release(db);
  return code == STAVE_OK || fail(std::string("verify: ") + report.first_problem);
}

}  // namespace crash
