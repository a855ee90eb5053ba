// fork_guard
