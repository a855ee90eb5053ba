#!/usr/bin/env bash
# Makes the checked-in wrappers anew, or says whether they are what swig would make.
#   usage: bindings/regenerate.sh [--compare] LANGUAGE
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

compare=
if [ "${1:-}" = --compare ]; then
  compare=yes
  shift
fi
language=${1:-}
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT

# run_swig OUTPUT-FILE ARGUMENT...: warnings are errors. Inside the language's folder, and with
# its own paths cut out, so that the output is the same on every machine.
run_swig() {
  local output=$1
  shift
  (cd "$here/$language" && "${SWIG:-swig}" -Wall -Werror -I../common -outdir "${outdir:-$fresh}" -o "$fresh/$output" "$@")
  sed -i "s|$fresh/||g" "$fresh/$output"
}

# note_escapes FILE: tells Go that C keeps no pointers and never calls back, so that keys may lie on
# a goroutine's stack.
note_escapes() {
  printf '//go:build go1.24\n\npackage native\n\n/*\n'
  sed -n 's/^extern .* \(_wrap_[^(]*\)(.*swig_voidp.*/#cgo noescape \1\n#cgo nocallback \1/p' "$fresh/$1"
  printf '*/\nimport "C"\n'
}

checked_in=$here/$language/generated
case $language in
  python)
    # SWIG's native.py is left behind: the package imports stave._native itself.
    run_swig native_wrap.c -python -builtin -threads python.i
    files=(native_wrap.c)
    ;;
  java)
    outdir=$fresh/io/stave
    mkdir -p "$outdir"
    run_swig native_wrap.c -java -package io.stave java.i
    # SWIG knows no other modifier for this one: it is not for users.
    sed -i 's/^public interface/interface/' "$outdir/NativeConstants.java"
    mapfile -t files < <(cd "$fresh" && find . -type f | LC_ALL=C sort)
    ;;
  go)
    run_swig native_wrap.c -go go.i
    note_escapes native.go >"$fresh/noescape.go"
    files=(native.go native_wrap.c noescape.go)
    checked_in=$here/go/internal/generated
    ;;
  ruby)
    run_swig native_wrap.cpp -ruby -c++ -prefix Stave:: ruby.i
    files=(native_wrap.cpp)
    checked_in=$here/ruby/ext/stave/generated # in the gem
    ;;
  *)
    echo "usage: $0 [--compare] go|java|python|ruby" >&2
    exit 2
    ;;
esac

if [ -n "$compare" ]; then
  for file in "${files[@]}"; do
    diff -u "$checked_in/$file" "$fresh/$file" || {
      echo "error: ${checked_in#"$here"/}/$file is not what swig makes now.
  Run: bindings/regenerate.sh $language" >&2
      exit 1
    }
  done
else
  for file in "${files[@]}"; do install -D -m 644 "$fresh/$file" "$checked_in/$file"; done
fi
