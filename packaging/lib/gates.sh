# shellcheck shell=bash disable=SC2034,SC2154 # names are shared with test.sh and common.sh
# The gates of test.sh. A gate is a function gate_NAME that succeeds or fails; `ctest` results
# are left in $reports/NAME.xml to be counted. Each runs in a shell of its own with set -e.

declare -A gate_title=(
  [format]='sources are formatted, shell scripts sound'
  [tidy]='the tree keeps its own rules'
  [demo]='the demo runs to its end'
  [release]='gcc, optimised: all tests'
  [lint]='clang-tidy finds nothing in what changed lately'
  [asan]='address and undefined-behaviour sanitizers: suites of the library and the command'
  [tsan]='clang, thread-safety annotations, thread sanitizer: suites of the library'
  [clang]='clang without a sanitizer (tsan gives the same warnings)'
  [header]='the public header alone, four standards, two compilers'
  [symbols]='the library exports what stave.h declares'
  [samples]='samples against an installed prefix'
  [deb]='Debian packages, built, installed and tried'
)
# Release last: its summary is what a reader wants to see at the end.
all_gates=(format tidy demo lint asan tsan release)
other_gates=(clang header symbols samples deb)
quick_gates=(format tidy release)

# Relative to $root, where gates run. The build trees lie at the top.
c_files() {
  find . \( -path './build*' -o -path './bindings/*/generated' \) -prune -o -type f \( -name '*.[ch]' -o -name '*.cc' \) -print
}

# scale PERCENT: the share of the random tests' iterations that a slower build can afford.
scale() { echo $((${STAVE_TEST_SCALE:-100} * $1 / 100)); }

# run_ctest PRESET [CTEST-ARGUMENT...]
run_ctest() {
  local preset=$1
  shift
  cd "$root" || return
  "${around_ctest[@]}" ctest --preset "$preset" --parallel "$(nproc)" \
    --output-junit "$reports/$gate.xml" "$@"
}
around_ctest=()

gate_format() {
  c_files | xargs clang-format --dry-run -Werror
  find . -path './build*' -prune -o -name '*.sh' -not -path '*/lib/*' -print | xargs shellcheck .ci/run
}

gate_tidy() {
  PYTHONDONTWRITEBYTECODE=1 python3 "$root/tests/tidy/check_tree.py" "$root"
}

# The demo may have configured build/release without the tests.
build_release() {
  configure release -DSTAVE_BUILD_TESTS=ON -DSTAVE_BUILD_BINDINGS=ON
  build release
}

gate_release() {
  build_release
  run_ctest release
}

gate_clang() {
  configure clang
  build clang
}

# Sources of src/ that changed, or whose header did, since some commits ago; all of them in long
# runs and where history does not go back that far.
lint_commits=20
changed_sources() {
  local since
  since=$(git rev-parse -q --verify "HEAD~$lint_commits" 2>/dev/null) || since=
  if [ "${STAVE_TEST_SCALE:-100}" -gt 100 ] || [ -z "$since" ]; then
    find src -name '*.cc'
  else
    git diff --name-only "$since" -- src | sed -n 's/\.\(cc\|h\)$/.cc/p' | while read -r file; do
      if [ -f "$file" ]; then echo "$file"; fi
    done
  fi | sort -u
}

# What passed once with the same bytes under the same rules passes again: minutes of
# reading is not spent twice.
gate_lint() {
  local stamp=$root/build/lint.ok digest sources
  mapfile -t sources < <(changed_sources)
  say "${#sources[@]} sources, in $(printf '%s\n' "${sources[@]}" | cut -d/ -f2 | sort -u | tr '\n' ' ')"
  [ ${#sources[@]} -gt 0 ] || return 0
  digest=$({ echo "${sources[*]}" && c_files | sort | xargs sha256sum &&
    sha256sum "$root/.clang-tidy" && clang-tidy --version; } | sha256sum)
  if [ "$(cat "$stamp" 2>/dev/null)" = "$digest" ]; then
    say 'unchanged since it passed'
    return 0
  fi
  configure clang
  local pattern
  pattern=$(IFS='|' && echo "${sources[*]}")
  logged build/lint.log run-clang-tidy -quiet -p build/clang -j "$(nproc)" "^$root/($pattern)\$"
  say "$digest" >"$stamp"
}

gate_demo() {
  packaging/demo.sh
}

gate_asan() {
  configure asan
  build asan
  export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1
  export UBSAN_OPTIONS=print_stacktrace=1
  STAVE_TEST_SCALE=$(scale 25) run_ctest asan
}

gate_tsan() {
  configure tsan
  build tsan
  # This age's thread sanitizer cannot place its shadow under kernels that randomise addresses
  # by more than 28 bits.
  local fixed=(setarch "$(uname -m)" -R)
  if "${fixed[@]}" true 2>/dev/null; then around_ctest=("${fixed[@]}"); fi
  # Tests fork children that must go on after it; a report still fails the test by its status.
  export TSAN_OPTIONS=second_deadlock_stack=1:die_after_fork=0
  STAVE_TEST_SCALE=$(scale 10) run_ctest tsan
}

gate_header() {
  build_release
  run_ctest release -R '^abi\.header'
}

gate_symbols() {
  build_release
  run_ctest release -R '^abi\.symbols'
}

gate_samples() {
  build_release
  run_ctest release -L '^samples$'
}

gate_deb() {
  packaging/deb.sh --try
}
