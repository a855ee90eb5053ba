#!/usr/bin/env bash
# Makes the checked-in wrappers anew.  usage: bindings/regenerate.sh LANGUAGE [OUTPUT-FOLDER]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

case ${1:-} in
  python)
    out=${2:-$here/python/generated}
    spare=$(mktemp -d) # SWIG's own native.py: the package imports stave._native itself
    trap 'rm -rf "$spare"' EXIT
    mkdir -p "$out"
    # From inside the folder, so that no path of this machine stands in the output.
    cd "$here/python"
    swig -Wall -Werror -python -builtin -threads -I../common -outdir "$spare" \
      -o "$spare/native_wrap.c" python.i
    sed "s|$spare/||g" "$spare/native_wrap.c" >"$out/native_wrap.c"
    ;;
  *)
    echo "usage: $0 python [OUTPUT-FOLDER]" >&2
    exit 2
    ;;
esac
