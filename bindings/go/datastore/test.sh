#!/usr/bin/env bash
# Tests the adapter, whose modules come from the network.
#   usage: datastore/test.sh GO
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
go=$1

if ! said=$("$go" mod download 2>&1); then
  # A module that is not what go.sum says is a failure; one that cannot be had is none.
  if grep -qE 'SECURITY|mismatch' <<<"$said"; then
    printf '%s\n' "$said" >&2
    exit 1
  fi
  echo "skipped: bindings.go.datastore: go cannot get github.com/ipfs/go-datastore: ${said##*$'\n'}"
  exit 0
fi
"$go" vet ./...
"$go" test -count=1 ./...
"$go" test -count=1 -race ./...
