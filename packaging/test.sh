#!/usr/bin/env bash
# Takes a Debian 12 machine all the way: installs what is missing, builds, runs every test.
set -euo pipefail
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
# shellcheck source=lib/gates.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/gates.sh"

# So that whoever runs the same sources meets the same tests. --long is for what others would find.
usual_seed=20261123

usage() {
  cat <<USAGE
usage: packaging/test.sh [--quick | --long] [gate...]

  --quick   formatting, tree and the optimised build's tests, random tests cut to a fifth
  --long    random and crash tests ten times as long, each with a seed that it draws; all sources
            linted

Gates, by default the first seven:
$(for name in "${all_gates[@]}" "${other_gates[@]}"; do
    printf '  %-8s %s\n' "$name" "${gate_title[$name]}"
  done)

The last line counts tests and gates: N passed, N failed, N skipped. Status 0 if none failed.
In the environment: STAVE_TEST_SCALE=percent sets the length of random tests by hand,
STAVE_TEST_SEED=number another seed than the usual $usual_seed; a test that draws one prints it.
USAGE
}

gates=()
seeded=yes
while [ $# -gt 0 ]; do
  case $1 in
    --quick)
      export STAVE_TEST_SCALE=${STAVE_TEST_SCALE:-20}
      all_gates=("${quick_gates[@]}")
      ;;
    --long)
      export STAVE_TEST_SCALE=${STAVE_TEST_SCALE:-1000}
      seeded=
      ;;
    -h | --help)
      usage
      exit 0
      ;;
    *)
      [ -n "${gate_title[$1]:-}" ] || {
        usage >&2
        exit 2
      }
      gates+=("$1")
      ;;
  esac
  shift
done
[ ${#gates[@]} -gt 0 ] || gates=("${all_gates[@]}")

[ -z "$seeded" ] || export STAVE_TEST_SEED=${STAVE_TEST_SEED:-$usual_seed}

ensure_packages "${build_packages[@]}" "${test_packages[@]}"
exec 2>&1 # errors of a gate stand before its verdict, not after the last line
cd "$root"
export reports=$root/build/reports
mkdir -p "$reports"
rm -f "$reports"/*.xml

passed=0 failed=0 skipped=0
summary=()

# count_report FILE: adds the tests of one ctest run; false if there is no such report.
count_report() {
  local head tests failures disabled skips
  head=$(grep -A 8 -m 1 '<testsuite ' "$1" 2>/dev/null | tr '\n' ' ') || return 1
  number() { sed -E "s/.*[[:space:]]$1=\"([0-9]+)\".*/\1/" <<<"$head"; }
  tests=$(number tests) failures=$(number failures)
  disabled=$(number disabled) skips=$(number skipped)
  passed=$((passed + tests - failures - disabled - skips))
  failed=$((failed + failures))
  skipped=$((skipped + disabled + skips))
  grep -oE 'skipped: [^&<]*' "$1" | sort -u
  [ "$tests" -gt 0 ]
}

for gate in "${gates[@]}"; do
  export gate
  title "== $gate: ${gate_title[$gate]}"
  start=$SECONDS
  # Not in a condition: bash would switch off the gate's own set -e.
  set +e
  (
    set -e
    "gate_$gate"
  )
  status=$?
  set -e
  verdict=passed
  [ $status -eq 0 ] || verdict=FAILED
  failed_before=$failed
  if ! count_report "$reports/$gate.xml"; then
    # No tests inside: the gate counts as one.
    if [ $status -eq 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
  elif [ $status -ne 0 ] && [ "$failed" -eq "$failed_before" ]; then
    failed=$((failed + 1))
  fi
  summary+=("$(printf '  %-8s %-7s %5d s   %s' \
    "$gate" "$verdict" $((SECONDS - start)) "${gate_title[$gate]}")")
done

title "Gates"
printf '%s\n' "${summary[@]}"
say "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
