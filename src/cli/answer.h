// The answers of the store that are no errors, as exit codes.
#pragma once

#include <string>

#include "cli/context.h"
#include "cli/exit_code.h"

namespace stave::cli {

// Says on standard error, unless --quiet was given, that the key is not there.
void tell_missing(const Context& context, const std::string& key);

// For the status of a call about `key`: done, no such key, or the condition did not hold, of which
// the latter two are told. Throws Failure for all else.
Exit answer(const Context& context, int status, const std::string& key);

}  // namespace stave::cli
