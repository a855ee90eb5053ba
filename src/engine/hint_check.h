// A hint, entry by entry, against the data file that it is derived from.
#pragma once

#include <memory>
#include <string>

#include "engine/env.h"
#include "engine/segment.h"

namespace stave {

// *why: what is wrong with the hint; "" if it says what the data says. The segment is sealed and
// attached. An error: the data cannot be read, or is damaged itself.
Status check_hint(Env& env, const std::shared_ptr<Segment>& segment, std::string* why);

}  // namespace stave
