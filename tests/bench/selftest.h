// Engines that answer wrongly, to see that the benchmark notices. Only named ones run.
#pragma once

#include "bench/engine.h"

namespace stave::bench {

enum class Lie {
  none,     // an honest one, so that the others' failures say something
  garbles,  // the first byte of a value is another
  cuts,     // a value is a byte shorter
  tail,     // the last byte of a value is another
  loses,    // each tenth put is dropped
  stale,    // a put of a key that is there is dropped
  invents,  // every key is found
  keeps,    // deletes nothing
  drops,    // a merge loses every record
  reverts,  // a merge under a rate cap brings the first values back
  forgets,  // a store that is opened again is empty
  fails,    // an error, not a wrong answer
  hangs,    // a put never ends
  dies,     // of SIGBUS, as who writes through a mapping onto a full disk
  skips,    // walks leave a record out
  repeats,  // walks meet a record twice
  ends,     // walks end early
};

std::vector<EngineKind> selftest_engines();

}  // namespace stave::bench
