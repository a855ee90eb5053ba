#!/usr/bin/env bash
# Builds and runs one sample against an installed stave, in a directory that is removed after.
# usage: CC=... PREFIX=... LIBDIR=... check.sh readme|hello|pkg_config|dlopen|find_package
set -euo pipefail

samples=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export PKG_CONFIG_PATH=${LIBDIR:-}/pkgconfig
export LD_LIBRARY_PATH=${LIBDIR:-}

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# compile_linked SOURCE: as a user would, with nothing but pkg-config's words.
compile_linked() {
  local flags
  flags=$(pkg-config --cflags --libs stave)
  # shellcheck disable=SC2086 # several words on purpose
  "$CC" -std=c99 -Wall -Wextra -Wpedantic -Werror "$samples/$1" -o sample $flags
}

# expect TEXT COMMAND...: its output must be exactly TEXT.
expect() {
  local text=$1 seen
  shift
  seen=$("$@") || fail "$* ended with status $?"
  [ "$seen" = "$text" ] || fail "$* printed '$seen' instead of '$text'"
}

listing='apple = red
banana = yellow
cherry = dark red'

case $1 in
  readme)
    # The one ```c block of the README is hello.c, byte for byte.
    # shellcheck disable=SC2016 # backticks of Markdown
    sed -n '/^```c$/,/^```$/p' "$samples/../../README.md" | sed '1d;$d' >readme.c
    cmp readme.c "$samples/hello.c"
    ;;
  hello)
    compile_linked hello.c
    expect 'hello, world' ./sample
    ;;
  pkg_config)
    compile_linked linked_sample.c
    expect "$listing" ./sample fruit
    ;;
  dlopen)
    "$CC" -std=c99 -Wall -Wextra -Wpedantic -Werror "-I$PREFIX/include" \
      "$samples/dlopen_sample.c" -o sample -ldl
    if readelf -d sample | grep -q libstave; then fail 'the sample is linked with libstave'; fi
    expect "$listing" ./sample fruit "$LIBDIR/libstave.so.0"
    expect "$listing" ./sample fruit
    ;;
  find_package)
    cmake -S "$samples/consumer" -B build "-DCMAKE_PREFIX_PATH=$PREFIX" "-DCMAKE_C_COMPILER=$CC"
    cmake --build build
    expect "$listing" ./build/sample fruit
    ;;
  *) fail "no sample '$1'" ;;
esac
