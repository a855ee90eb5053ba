#include "format/hint.h"
#include "format/hint_layout.h"

namespace stave {

HintFilter::HintFilter(Bytes section, uint32_t salt) : salt_(salt) {
  const size_t size = section.size();
  damaged_ = size < hint::kFilterBlock + hint::kFilterTrailer ||
             (size - hint::kFilterTrailer) % hint::kFilterBlock != 0 ||
             !hint::checksum_valid(section);
  if (damaged_) return;
  bits_ = section.substr(0, size - hint::kFilterTrailer);
  probes_ = load_le<uint32_t>(section.data() + bits_.size());
  damaged_ = probes_ != hint::kFilterProbes;
}

bool HintFilter::may_contain(Bytes key) const {
  if (damaged_) return true;
  const uint64_t h = hint::filter_hash(key, salt_);
  const uint64_t blocks = bits_.size() / hint::kFilterBlock;
  const char* block = bits_.data() + hint::filter_block_of(h, blocks) * hint::kFilterBlock;
  for (uint32_t i = 0; i < hint::kFilterProbes; ++i) {
    const uint32_t bit = hint::filter_bit(h, i);
    if ((block[bit / 8] >> bit % 8 & 1) == 0) return false;
  }
  return true;
}

}  // namespace stave
