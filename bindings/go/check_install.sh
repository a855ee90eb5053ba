#!/usr/bin/env bash
# Compiles the package as its users do, against an installed libstave, and runs the README's example.
#   usage: check_install.sh GO CMAKE BUILD-FOLDER LIBDIR
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
go=$1 cmake=$2 build=$3 libdir=$4

prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT
"$cmake" --install "$build" --prefix "$prefix" >/dev/null
export PKG_CONFIG_PATH=$prefix/$libdir/pkgconfig LD_LIBRARY_PATH=$prefix/$libdir
"$go" test -count=1 -v -run 'Readme|OneVersion' . | tee "$prefix/said"
[ "$(grep -c '^--- PASS' "$prefix/said")" = 2 ]
