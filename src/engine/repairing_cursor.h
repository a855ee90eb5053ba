// A hint is derived: what is wrong with it alone must not keep anyone from the data.
#pragma once

#include <memory>

#include "engine/cursor.h"
#include "engine/env.h"

namespace stave {

// Whether an error of a hint is one that a run of the data file makes good.
bool replaceable(const Status& s);
void tell_no_hint(Env& env, const Segment& segment, const Status& why);

// A hint's cursor that goes on with a run of the whole file when it meets damage.
class RepairableCursor : public Cursor {
 public:
  // Whether it has: to make another cursor of the file would cost as much again.
  [[nodiscard]] virtual bool repaired() const = 0;
};
std::unique_ptr<RepairableCursor> repairing_cursor(std::shared_ptr<Env> env,
                                                   std::shared_ptr<Segment> segment,
                                                   std::unique_ptr<Cursor> hint);

}  // namespace stave
