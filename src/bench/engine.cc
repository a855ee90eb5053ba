#include "bench/engine.h"

namespace stave::bench {

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
