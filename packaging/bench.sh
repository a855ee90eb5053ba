#!/usr/bin/env bash
# Takes a Debian 12 machine all the way: installs the other stores, builds, compares them with stave.
set -euo pipefail
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

if [ "${1:-}" = -h ] || [ "${1:-}" = --help ]; then
  cat <<'USAGE'
usage: packaging/bench.sh [flags of stave-bench compare]

Writes build/bench.html and build/bench.json. Without flags: a million records, core workloads.
USAGE
  exit 0
fi

ensure_packages "${build_packages[@]}" "${test_packages[@]}" "${bench_packages[@]}"
title "Building"
configure release -DSTAVE_BUILD_TESTS=ON
build release stave-bench
mkdir -p "$root/build/bench-data"
title "Comparing; this takes minutes, on an idle machine"
"$root/build/release/tests/bench/stave-bench" compare --data-dir "$root/build/bench-data" \
  --html "$root/build/bench.html" --json "$root/build/bench.json" "$@"
say "The report with charts: $root/build/bench.html"
