#include "bench/child.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "bench/interrupt.h"
#include "bench/number_text.h"
#include "bench/runner.h"
#include "bench/space_check.h"

namespace stave::bench {
namespace {

using Json = nlohmann::ordered_json;

// One line without its newline; "" at the end of the stream.
std::string read_line(int fd) {
  std::string line;
  char c = 0;
  for (;;) {
    const ssize_t got = ::read(fd, &c, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return "";
    if (c == '\n') return line;
    line += c;
  }
}

void write_line(int fd, const Json& json) {
  // A message may hold any bytes: a path's, a library's.
  write_all(fd, json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n", "pipe");
}

Json answer(Runner& runner, const Json& request) {
  Json reply;
  if (request.contains("inherit")) {
    const Json& from = request.at("inherit");
    runner.inherit({from.at(0), from.at(1), from.at(2)});
  }
  const std::string what = request.at("do");
  if (what == "run") {
    const Workload* workload = find_workload(request.at("workload"));
    if (workload == nullptr) throw Error("no such workload");
    reply["result"] = to_json(runner.run(*workload, request.at("timed")));
  } else if (what == "prepare") {
    reply["extra"] = runner.before_kill();
  } else if (what == "quit") {
    runner.close();
  }
  const Contents& contents = runner.contents();
  reply["contents"] = {contents.count, contents.oldest, contents.newest};
  return reply;
}

}  // namespace

Child::Child(const EngineKind& kind, const Settings& settings, std::string dir)
    : kind_(kind), settings_(settings), dir_(std::move(dir)) {
  if (!settings_.memory_group.empty()) {
    const std::string name = "stave-bench." + std::to_string(getpid()) + "." + kind_.name;
    group_ = std::make_unique<MemoryGroup>(settings_.memory_group, name);
  }
  spawn();
}

Child::~Child() { kill(); }

void Child::spawn() {
  int down[2];
  int up[2];
  if (pipe2(down, O_CLOEXEC) != 0) throw_errno("pipe");
  Fd down_read(down[0]);
  Fd down_write(down[1]);
  if (pipe2(up, O_CLOEXEC) != 0) throw_errno("pipe");
  Fd up_read(up[0]);
  Fd up_write(up[1]);
  pid_ = fork();
  if (pid_ < 0) throw_errno("fork");
  if (pid_ == 0) {
    down_write.reset();
    up_read.reset();
    serve(down_read.get(), up_write.get());
  }
  to_ = std::move(down_write);
  from_ = std::move(up_read);
}

void Child::serve(int from, int to) {
  // Not left behind, stopped, when the parent is killed. Its pipes to other children, inherited
  // here, do no harm: each child ends by its own request.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  ignore_interrupts();
  try {
    if (group_) group_->enter();
    Runner runner(kind_, settings_, dir_, group_.get());
    for (std::string line; !(line = read_line(from)).empty();) {
      const Json request = Json::parse(line);
      write_line(to, answer(runner, request));
      if (request.at("do") == "quit") _exit(0);
    }
  } catch (const WrongAnswer& wrong) {
    write_line(to, {{"wrong", wrong.what()}});
  } catch (const std::exception& error) {
    write_line(to, {{"error", error.what()}});
  }
  // No destructors: an engine that failed might hang in its own.
  _exit(1);
}

void Child::kill() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

std::string Child::how_it_ended() {
  int status = 0;
  ::kill(pid_, SIGCONT);
  waitpid(pid_, &status, 0);
  pid_ = -1;
  if (WIFSIGNALED(status)) {
    std::string text = std::string("its process died: ") + strsignal(WTERMSIG(status));
    if (WTERMSIG(status) == SIGBUS) {
      text += ". Writing through a mapping ends so when the disk is full; " + dir_ + " has " +
              short_bytes(static_cast<double>(free_bytes_of(dir_))) + " free";
    }
    return text;
  }
  return "its process ended by itself with status " + std::to_string(WEXITSTATUS(status));
}

Json Child::request(const Json& what) {
  if (pid_ <= 0) throw Error("its process is gone");
  ::kill(pid_, SIGCONT);
  write_line(to_.get(), what);
  wait_for_input(from_.get());
  const std::string line = read_line(from_.get());
  if (line.empty()) throw Error(how_it_ended());
  Json reply = Json::parse(line);
  if (reply.contains("wrong")) throw WrongAnswer(reply.at("wrong"));
  if (reply.contains("error")) throw Error(reply.at("error"));
  ::kill(pid_, SIGSTOP);
  const Json& contents = reply.at("contents");
  contents_ = {contents.at(0), contents.at(1), contents.at(2)};
  return reply;
}

Result Child::run(const Workload& workload, bool timed) {
  Json ask = {{"do", "run"}, {"workload", workload.name}, {"timed", timed}};
  std::map<std::string, double> prepared;
  if (workload.kind == Kind::open_killed && kind_.survives_kill) {
    request({{"do", "prepare"}}).at("extra").get_to(prepared);
    kill();
    spawn();
    ask["inherit"] = {contents_.count, contents_.oldest, contents_.newest};
  }
  Result result = result_from_json(request(ask).at("result"));
  result.extra.merge(prepared);
  return result;
}

void Child::quit() {
  request({{"do", "quit"}});
  ::kill(pid_, SIGCONT);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

}  // namespace stave::bench
