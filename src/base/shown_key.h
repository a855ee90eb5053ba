#pragma once

#include <string>

#include "base/bytes.h"

namespace stave {

// For error texts: "key" and its first bytes in quotation marks, unprintable ones as '?'.
std::string shown_key(Bytes key);

}  // namespace stave
