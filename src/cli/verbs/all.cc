#include "cli/command.h"

namespace stave::cli {

std::vector<Verb> make_verbs() {
  std::vector<Verb> verbs;
  auto add = [&verbs](const char* name, const char* summary, std::unique_ptr<Command> command) {
    verbs.push_back({name, summary, std::move(command)});
  };
  add("put", "Store a value under a key", make_put());
  add("get", "Print the value of a key", make_get());
  add("delete", "Remove keys, or a range of them", make_delete());
  add("clear", "Remove every key", make_clear());
  add("exists", "Tell by the exit code whether a key is there", make_exists());
  add("ttl", "Print how long a key will still be there", make_ttl());
  add("touch", "Let a key expire in a while from now", make_touch());
  add("persist", "Let a key never expire", make_persist());
  add("incr", "Add to the number under a key, and print the sum", make_incr());
  add("append", "Add bytes to the end of a value", make_append());
  add("cas", "Compare a key with what is expected, and set or delete it (compare and set)",
      make_cas());
  add("list", "Print keys and values in key order", make_list());
  add("scan", "Print a range of keys and values, in either order", make_scan());
  add("count", "Count the keys of a range", make_count());
  add("dump", "Write all keys and values for Berkeley DB, LMDB, or as JSON, CSV, TSV", make_dump());
  add("load", "Store the rows of files or of standard input", make_load());
  add("import", "Take over the store of another program (Riak's Bitcask)", make_import());
  add("merge", "Rewrite files that hold dead records, and give back their space", make_merge());
  add("stats", "Print figures of the store", make_stats());
  add("files", "Draw the data files with their live and dead bytes", make_files());
  add("verify", "Read and check every byte of the store", make_verify());
  add("repair", "Make a damaged store openable, with all that can be read", make_repair());
  add("backup", "Make or bring up to date a copy of the store in another directory", make_backup());
  add("watch", "Print operations as they are made", make_watch());
  add("repl", "Take commands line by line: edited at a terminal, or from a pipe", make_repl());
  add("menu", "Work on the store by choosing from a menu", make_menu());
  add("calc", "Tell what a store of so many keys needs", make_calc());
  add("bench", "Measure the speed of stave on this machine", make_bench());
  add("options", "List the options of the engine", make_options());
  add("man", "Print a manual page as troff: stave man | man -l -", make_man());
  add("completions", "Print the completions for a shell", make_completions());
  add("version", "Print the version", make_version());
  return verbs;
}

}  // namespace stave::cli
