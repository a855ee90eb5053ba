#include "peers/peers.h"

namespace stave::bench {

std::vector<EngineKind> peer_engines() {
  std::vector<EngineKind> engines;
#ifdef STAVE_PEER_KYOTOCABINET
  engines.push_back(kyoto_cabinet_engine());
#endif
#ifdef STAVE_PEER_TKRZW
  engines.push_back(tkrzw_engine());
#endif
#ifdef STAVE_PEER_LMDB
  engines.push_back(lmdb_engine());
#endif
#ifdef STAVE_PEER_LEVELDB
  engines.push_back(leveldb_engine());
#endif
#ifdef STAVE_PEER_ROCKSDB
  engines.push_back(rocksdb_engine());
#endif
#ifdef STAVE_PEER_BERKELEYDB
  engines.push_back(berkeley_db_engine());
#endif
  return engines;
}

}  // namespace stave::bench
