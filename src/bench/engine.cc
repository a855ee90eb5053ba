#include "bench/engine.h"

#include "bench/error.h"

namespace stave::bench {

std::unique_ptr<Walk> Engine::walk(Direction, Wanted) { throw Error("it has no order of keys"); }

const char* role_name(EngineKind::Role role) {
  switch (role) {
    case EngineKind::Role::ours:
      return "ours";
    case EngineKind::Role::peer:
      return "peer";
    case EngineKind::Role::limit:
      return "limit";
    case EngineKind::Role::baseline:
      return "baseline";
    case EngineKind::Role::selftest:
      return "selftest";
  }
  return "";
}

std::vector<EngineKind> builtin_engines() {
  std::vector<EngineKind> engines;
  engines.push_back(stave_engine("mapped"));
  engines.push_back(stave_engine("positional"));
  engines.push_back(file_per_key_engine());
  engines.push_back(limit_mapping_engine());
  engines.push_back(limit_write_engine());
  engines.push_back(limit_honest_engine());
  return engines;
}

}  // namespace stave::bench
