// The engines that stave is compared with. Each is built only where its Debian package is
// installed; each file states its settings, docs/benchmark.md why they are fair.
#pragma once

#include "bench/engine.h"

namespace stave::bench {

EngineKind leveldb_engine();
EngineKind rocksdb_engine();
EngineKind lmdb_engine();
EngineKind tkrzw_engine();
EngineKind kyoto_cabinet_engine();
EngineKind berkeley_db_engine();

// Those that were built.
std::vector<EngineKind> peer_engines();

// Memory that a peer with a cache of its own may use for it: the others have the page cache.
inline constexpr uint64_t kCacheBytes = 256ULL << 20;

}  // namespace stave::bench
