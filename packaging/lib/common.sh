# shellcheck shell=bash disable=SC2034 # names are used by who sources this
# What demo.sh and test.sh share: words on the screen, Debian packages, builds.
# Sourced after `set -euo pipefail`; expects nothing else.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

# The one list of Debian 12 packages. What only the tests need stands apart, so that the demo
# reaches a fresh machine with less.
build_packages=(
  build-essential cmake ninja-build pkg-config python3
  libboost-dev libsodium-dev libxxhash-dev libcli11-dev nlohmann-json3-dev
  libcsv-dev libedit-dev
)
test_packages=(
  libcmocka-dev librapidcheck-dev valgrind
  lmdb-utils db-util
  clang clang-format clang-tidy libclang-rt-14-dev llvm shellcheck
  swig python3-dev python3-setuptools mypy
  ruby ruby-dev ruby-minitest ruby-moneta
  junit4 maven libbuild-helper-maven-plugin-java libmaven-compiler-plugin-java
  libmaven-jar-plugin-java libmaven-resources-plugin-java libsurefire-java
)
# A newer toolchain that is on the machine already is used.
command -v javac >/dev/null || [ -x "${JAVA_HOME:-}/bin/javac" ] ||
  test_packages+=(openjdk-17-jdk-headless)
command -v go >/dev/null || [ -x /usr/local/go/bin/go ] || test_packages+=(golang-go)
# What building and trying the Debian packages needs beyond those.
deb_packages=(
  debhelper dh-python libcmocka-dev python3-dev ruby ruby-dev ruby-minitest
  default-jdk-headless golang-go
)
# The stores that stave-bench compares with; packaging/bench.sh installs them.
bench_packages=(
  libkyotocabinet-dev libtkrzw-dev liblmdb-dev libleveldb-dev librocksdb-dev libdb5.3-dev
)

if [ -t 1 ]; then
  bold=$'\e[1m' plain=$'\e[0m'
else
  bold='' plain=''
fi

say() { printf '%s\n' "$*"; }
title() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# as_root COMMAND...: as root, or by sudo; asks for a password only where somebody can type one.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif [ -t 0 ]; then
    sudo "$@"
  else
    sudo -n "$@"
  fi
}

can_be_root() {
  [ "$(id -u)" -eq 0 ] && return 0
  command -v sudo >/dev/null || return 1
  [ -t 0 ] || sudo -n true 2>/dev/null
}

# missing_packages PACKAGE...: those of them that are not installed, one per line.
missing_packages() {
  local package
  for package in "$@"; do
    # shellcheck disable=SC2016 # dpkg-query's own variable
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
      say "$package"
  done
}

# ensure_packages PACKAGE...: installs what is missing, and nothing (no apt-get) if all is there.
ensure_packages() {
  local missing
  { command -v dpkg-query && command -v apt-get; } >/dev/null ||
    fail "this script installs Debian 12 packages, and there is no apt-get here. It needs the
  equivalents of: $*
  With them installed: cmake --preset release && cmake --build --preset release"
  mapfile -t missing < <(missing_packages "$@")
  [ ${#missing[@]} -eq 0 ] && return 0
  can_be_root ||
    fail "Debian packages are missing, and this user is neither root nor may use sudo.
  Have somebody who is run this once, then try again:
  apt-get install ${missing[*]}"
  say "Installing ${#missing[@]} missing Debian packages: ${missing[*]}"
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300)
  local log
  log=$(mktemp)
  if ! { as_root "${apt[@]}" update &&
    as_root "${apt[@]}" install -y --no-install-recommends "${missing[@]}"; } \
    >"$log" 2>&1 </dev/null; then
    tail -n 30 "$log" >&2
    rm -f "$log"
    fail "apt-get could not install: ${missing[*]}"
  fi
  rm -f "$log"
}

# logged FILE COMMAND...: output into FILE, shown only when the command fails.
logged() {
  local log=$1
  shift
  mkdir -p "$(dirname "$log")"
  if ! "$@" >"$log" 2>&1; then
    tail -n 80 "$log" >&2
    printf 'error: failed: %s\n  the whole output: %s\n' "$*" "$log" >&2
    return 1
  fi
}

# show_steps FILE: copies a build's output from standard input into FILE, and tells how far it is
# by ninja's "[12/345] ...": one live line on a terminal, else a line for every tenth.
show_steps() {
  local line steps total=0 percent told=0
  while IFS= read -r line; do
    printf '%s\n' "$line" >&3
    [[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]] || continue
    steps=${BASH_REMATCH[1]}
    # A second count begins where the build's own files had to be made anew first.
    [ "$total" = "${BASH_REMATCH[2]}" ] || told=0
    total=${BASH_REMATCH[2]}
    percent=$((100 * steps / total))
    if [ -t 1 ]; then
      printf '\r\e[K  %3d %%  (step %d of %d)' "$percent" "$steps" "$total"
    elif [ "$percent" -ge $((told + 10)) ]; then
      told=$((percent / 10 * 10))
      printf '  %3d %%  (step %d of %d)\n' "$percent" "$steps" "$total"
    fi
  done 3>"$1"
  if [ -t 1 ]; then printf '\r\e[K'; fi
}

# shown FILE COMMAND...: as logged, and says meanwhile how far the build is.
shown() {
  local log=$1
  shift
  mkdir -p "$(dirname "$log")"
  if ! "$@" 2>&1 </dev/null | show_steps "$log"; then
    tail -n 80 "$log" >&2
    printf 'error: failed: %s\n  the whole output: %s\n' "$*" "$log" >&2
    return 1
  fi
}

# configure PRESET [CMAKE-ARGUMENT...]: into build/PRESET.
configure() {
  local preset=$1
  shift
  local arguments=("$@")
  if command -v ccache >/dev/null; then
    arguments+=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  fi
  cd "$root" || return
  logged "build/$preset/configure.log" cmake --preset "$preset" "${arguments[@]}"
}

build_by=logged # or shown
# build PRESET [TARGET...]: what `configure` prepared; all of it without targets.
build() {
  local preset=$1 target
  shift
  local targets=()
  for target in "$@"; do targets+=(--target "$target"); done
  cd "$root" || return
  "$build_by" "build/$preset/build.log" cmake --build --preset "$preset" "${targets[@]}"
}
