// AES-128-CMAC (RFC 4493) by the processor's AES instructions: the keyed hash of short keys, a
// pseudo-random function at a quarter of SipHash's instructions (docs/performance.md). The
// libraries that offer it cost more per call than the whole of it.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"

namespace stave {

class AesCmac {
 public:
  // Whether this processor has the instructions; nothing else here may be called without them.
  [[nodiscard]] static bool available();

  explicit AesCmac(const std::array<uint8_t, 16>& key);
  // The 16 bytes of the code, as two little-endian words.
  void operator()(Bytes message, uint64_t* first, uint64_t* second) const;

 private:
  static constexpr int kRounds = 10;
  struct alignas(16) Block {
    uint8_t bytes[16];
  };
  std::array<Block, kRounds + 1> round_keys_{};
  Block whole_{};   // what is added to a last block of 16 bytes
  Block padded_{};  // to a shorter one
};

}  // namespace stave
