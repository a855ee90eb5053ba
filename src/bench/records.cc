#include "bench/records.h"

namespace stave::bench {

ValueMaker::ValueMaker(size_t size, uint64_t seed) : size_(size), pool_(kPoolBytes + size) {
  Random random(seed);
  for (char& c : pool_) c = static_cast<char>(random.next());
}

std::string what_is_wrong(std::string_view value, size_t size, uint64_t record, uint8_t oldest,
                          uint8_t newest) {
  if (value.size() != size) {
    return "a value of " + std::to_string(value.size()) + " bytes instead of " +
           std::to_string(size);
  }
  uint64_t head;
  std::memcpy(&head, value.data(), sizeof head);
  auto version = static_cast<uint8_t>(head);
  if (head != value_tag(record, version)) return "bytes that are not this record's";
  if (version < oldest || version > newest) {
    return "version " + std::to_string(version) + " instead of " + std::to_string(oldest) + " to " +
           std::to_string(newest);
  }
  return "a value whose end is not this record's";
}

}  // namespace stave::bench
