#include "cli/store.h"

#include <cstdio>

#include "cli/failure.h"

namespace stave::cli {
namespace {

void set_option(stave_options* options, const char* name, const char* value) {
  check(stave_options_set(options, name, value));
}

void set_from_command_line(stave_options* options, const std::string& assignment) {
  size_t equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw Failure(Exit::usage, "--option needs NAME=VALUE, not '" + assignment + "'");
  }
  set_option(options, assignment.substr(0, equals).c_str(), assignment.substr(equals + 1).c_str());
}

bool is_set(const stave_options* options, const char* name) {
  char value[16];
  size_t length = 0;
  check(stave_options_get(options, name, value, sizeof value, &length));
  return std::string_view(value) == "true";
}

}  // namespace

OptionsHandle make_options(const Context& context, Access access) {
  stave_options* made = nullptr;
  check(stave_options_create(&made));
  OptionsHandle options(made);
  set_option(made, "create_if_missing", access == Access::create ? "true" : "false");
  for (const std::string& assignment : context.options) set_from_command_line(made, assignment);
  // Last: a verb that reads must never take the writer's place, whatever -o says.
  if (access == Access::read) set_option(made, "read_only", "true");
  if (access != Access::read && is_set(made, "read_only")) {
    throw Failure(Exit::usage, "this verb writes, and read_only=true forbids it: leave one out");
  }
  return options;
}

namespace {

Failure no_store_failure(const Context& context, const stave_options* options, Access access) {
  const std::string dir = "'" + context.dir + "'";
  if (access == Access::create && is_set(options, "create_if_missing")) {
    return Failure(Exit::no_store, "cannot make " + dir +
                                       ": its parent directory does not exist (check --dir, or "
                                       "make the parent first)");
  }
  return Failure(Exit::no_store,
                 "no store in " + dir + " (check --dir; 'stave put' and 'stave load' make one)");
}

const char* level_name(int level) {
  switch (level) {
    case STAVE_LOG_ERROR:
      return "error";
    case STAVE_LOG_WARN:
      return "warning";
    case STAVE_LOG_INFO:
      return "info";
    default:
      return "debug";
  }
}

void check_lent(const OpenStore& lent, Access access) {
  if (access == Access::read) return;
  if (lent.read_only) {
    throw Failure(Exit::usage, "this writes, and the store was opened read-only");
  }
  if (lent.batch != nullptr) {
    throw Failure(Exit::usage,
                  "only put and delete can be part of a batch: commit or abort it first");
  }
}

std::unique_ptr<stave_db, Destroy<stave_release>> open_store(const Context& context,
                                                             Access access) {
  if (context.dir.empty()) {
    throw Failure(Exit::usage, "no store named: give --dir DIR or set STAVE_DIR");
  }
  OptionsHandle options = make_options(context, access);
  stave_db* opened = nullptr;
  int status = stave_open(context.dir.c_str(), options.get(), &opened);
  if (status == STAVE_BUSY) {
    throw Failure(Exit::busy, std::string(stave_last_error()) +
                                  " (-o open_timeout=10s waits until it is free)");
  }
  if (status == STAVE_NO_STORE) throw no_store_failure(context, options.get(), access);
  check(status);
  return std::unique_ptr<stave_db, Destroy<stave_release>>(opened);
}

}  // namespace

Store::Store(const Context& context, Access access)
    : context_(context), open_(context.lent == nullptr ? own_ : *context.lent) {
  if (context.lent != nullptr) {
    check_lent(open_, access);
    return;
  }
  own_.db = open_store(context, access);
  own_.read_only = access == Access::read;
  report_events();
}

Store::~Store() {
  if (own_.db == nullptr) return;
  report_events();
  stave_close(own_.db.get());
}

void Store::close() {
  report_events();
  if (own_.db == nullptr) return;
  check(stave_close(own_.db.get()));
  own_.db.reset();
}

stave_stats Store::stats() const {
  stave_stats stats{};
  stats.size = sizeof(stats);
  check(stave_get_stats(get(), &stats));
  return stats;
}

void Store::report_events() {
  stave_log_event event{};
  event.size = sizeof(event);
  // The verb ends with the same text.
  const bool told = context_.verb.ends_with("merge");
  while (stave_next_log_event(get(), &event) == STAVE_OK) {
    if (!context_.verbose && event.level < STAVE_LOG_WARN) continue;
    if (told && std::string_view(event.message).starts_with("merging failed: ")) continue;
    std::fprintf(stderr, "stave: %s: %s\n", level_name(event.level),
                 one_line(event.message).c_str());
  }
  if (event.dropped > open_.dropped) {
    std::fprintf(stderr, "stave: warning: %llu log events were lost\n",
                 static_cast<unsigned long long>(event.dropped - open_.dropped));
    open_.dropped = event.dropped;
  }
}

}  // namespace stave::cli
