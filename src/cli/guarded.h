// Runs a verb, prints what it throws as one line, and gives the exit code.
#pragma once

#include <new>

#include "cli/context.h"
#include "cli/failure.h"

namespace stave::cli {

// `step` returns an Exit. BrokenPipe passes: what is open must be closed on its way.
template <typename Step>
Exit guarded(const Context& context, Step step) {
  try {
    return step();
  } catch (const Failure& failure) {
    print_error(context, failure.what());
    return failure.exit();
  } catch (const BrokenPipe&) {
    throw;
  } catch (const std::bad_alloc&) {
    print_error(context, "out of memory");
  } catch (const std::exception& error) {
    print_error(context, error.what());
  }
  return Exit::other;
}

// Standard output is flushed also after a failure: what was printed before it belongs to the user.
template <typename Step>
Exit guarded_and_flushed(const Context& context, Step step) {
  const Exit exit = guarded(context, step);
  const Exit flushed = guarded(context, [&context] {
    context.out.flush();
    return Exit::ok;
  });
  return exit == Exit::ok || flushed != Exit::ok ? flushed : exit;
}

}  // namespace stave::cli
