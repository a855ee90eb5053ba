// What a model test does to a store, as data: RapidCheck makes the sequences and shrinks them.
#pragma once

#include <rapidcheck.h>

#include <cstdint>
#include <ostream>
#include <vector>

namespace stave::test {

enum class Do : uint8_t {
  put,
  put_ttl,
  remove,
  batch,
  delete_range,
  clear,
  update,   // read, decide and write in one call: which, b says
  guarded,  // a batch with conditions
  sync,
  merge,
  clock,  // time passes, or the wall clock is set back
  reopen,
  kill9,
  power_cut,
  writeback,
  walk,  // an iterator, to and fro
  hold,  // a snapshot
  look,  // at a held one: gets, and an iterator
  doom,  // the machine stops at the n-th file operation from now
};

struct Command {
  Do what = Do::put;
  uint32_t a = 0;  // keys, sizes, seeds: read differently by each command
  uint32_t b = 0;
};

std::ostream& operator<<(std::ostream& out, const Command& c);

// Which of the disturbing commands take part.
struct Mix {
  bool power_cuts = false;
  bool dooms = false;
  bool updates = true;  // and expiry
};

rc::Gen<std::vector<Command>> commands(const Mix& mix);

}  // namespace stave::test
