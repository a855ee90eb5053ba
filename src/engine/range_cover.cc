#include "engine/range_cover.h"

#include <algorithm>
#include <set>

namespace stave {

RangeCover::RangeCover(const std::vector<HintRangeTombstone>& ranges) {
  struct Edge {
    Bytes at;
    uint64_t seq;
    bool begins;
  };
  std::vector<Edge> edges;
  for (const HintRangeTombstone& r : ranges) {
    edges.push_back({r.from, r.seq, true});
    if (!r.to.empty()) edges.push_back({r.to, r.seq, false});
  }
  std::sort(edges.begin(), edges.end(), [](const Edge& a, const Edge& b) { return a.at < b.at; });
  std::multiset<uint64_t> open;
  for (auto edge = edges.begin(); edge != edges.end();) {
    const Bytes at = edge->at;
    for (; edge != edges.end() && edge->at == at; ++edge) {
      // A range ends after it began, at another place: what ends here is in `open`.
      if (edge->begins) {
        open.insert(edge->seq);
      } else {
        open.erase(open.find(edge->seq));
      }
    }
    const uint64_t seq = open.empty() ? 0 : *open.rbegin();
    if (steps_.empty() || steps_.back().seq != seq) steps_.push_back({std::string(at), seq});
  }
}

uint64_t RangeCover::seq_over(Bytes key) const {
  const auto after = std::upper_bound(steps_.begin(), steps_.end(), key,
                                      [](Bytes k, const Step& s) { return k < Bytes(s.from); });
  return after == steps_.begin() ? 0 : (after - 1)->seq;
}

}  // namespace stave
