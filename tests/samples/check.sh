#!/usr/bin/env bash
# Builds and runs one sample against an installed stave, in a directory that is removed after.
# usage: CC=... PREFIX=... LIBDIR=... MANDIR=... \
#   check.sh readme|hello|rpath|pkg_config|dlopen|find_package|manual
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
    # Its packages for a build by hand are those that the scripts install.
    # shellcheck source=../../packaging/lib/common.sh
    . "$samples/../../packaging/lib/common.sh"
    for package in "${build_packages[@]}"; do
      grep -Eq "(^|[ \`])$package([ \`]|\$)" "$root/README.md" || fail "README.md lacks $package"
    done
    ;;
  hello)
    compile_linked hello.c
    expect 'hello, world' ./sample
    ;;
  rpath)
    unset LD_LIBRARY_PATH
    # shellcheck disable=SC2046 # several words on purpose
    "$CC" -std=c99 "$samples/hello.c" $(pkg-config --cflags --libs stave) \
      "-Wl,-rpath,$LIBDIR" -o sample
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
  manual)
    # The installed command (which finds its library without help) against the installed page.
    unset LD_LIBRARY_PATH
    page=$MANDIR/man1/stave.1
    help=$("$PREFIX/bin/stave" --help)
    verbs=$(sed -n '/^Verbs:/,/^Exit/{s/^  \([a-z]*\)  *[A-Z].*/\1/p}' <<<"$help")
    [ "$(wc -w <<<"$verbs")" -ge 13 ] || fail "few verbs in the help: $verbs"
    for verb in $verbs; do
      grep -Eq "^\.BR? $verb( |\$)" "$page" || fail "$page says nothing of '$verb'"
    done
    ;;
  *) fail "no sample '$1'" ;;
esac
