// What of a file's live records has expired, so that merges can take it away.
#pragma once

#include "engine/catalog.h"

namespace stave {

// Live records that a merge now could drop since they have expired; an estimate, rather too low.
[[nodiscard]] uint64_t expired_records(const Env& env, const Segment& segment);

// Whether a record has expired that lives or is dead anyhow: exact, where expiries are known.
[[nodiscard]] bool any_expired(const Env& env, const Segment& segment);

// Reads the hints of sealed files whose expiries are not known, since the keydir's checkpoint
// spared the open to read them: once for each file.
void learn_expiries(Env& env, const Version& version);

}  // namespace stave
