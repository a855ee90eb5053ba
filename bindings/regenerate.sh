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
  *)
    echo "usage: $0 [--compare] python|java" >&2
    exit 2
    ;;
esac

checked_in=$here/$language/generated
if [ -n "$compare" ]; then
  for file in "${files[@]}"; do
    diff -u "$checked_in/$file" "$fresh/$file" || {
      echo "error: bindings/$language/generated/$file is not what swig makes now.
  Run: bindings/regenerate.sh $language" >&2
      exit 1
    }
  done
else
  for file in "${files[@]}"; do install -D -m 644 "$fresh/$file" "$checked_in/$file"; done
fi
