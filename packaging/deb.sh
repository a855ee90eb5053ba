#!/usr/bin/env bash
# Debian packages of the library, the command and the bindings, into build/deb.
set -euo pipefail
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

usage() {
  cat <<USAGE
usage: packaging/deb.sh [--try]

Builds the packages of packaging/debian, unsigned, into build/deb, as root or not.

  --try   as root: also installs them, in a copy of this machine's file tree that is thrown away,
          and runs packaging/debian/tests/smoke there
USAGE
}

# What git lists, as Debian wants it: with debian/ at the top.
copy_tree() {
  rm -rf "$deb"
  mkdir -p "$tree"
  (cd "$root" && git ls-files -z | xargs -0 cp --parents -Pt "$tree")
  mv "$tree/packaging/debian" "$tree/debian"
}

# In a mount namespace of its own: an overlay over the root, of which nothing is left. The
# machine's other file systems are not in it, so what it needs is copied into it.
try_debs() {
  local upper=$1
  mount -t tmpfs tmpfs "$upper"
  mkdir "$upper/changes" "$upper/work" "$upper/root"
  mount -t overlay overlay \
    -o "lowerdir=/,upperdir=$upper/changes,workdir=$upper/work" "$upper/root" || return 77
  local place=$upper/root/stave-trial
  mkdir -p "$place"
  cp -r "$tree/.." "$place"
  mv "$place/stave/debian" "$place/stave/packaging/debian"
  mount -t proc proc "$upper/root/proc"
  mount --rbind /dev "$upper/root/dev"
  mount -t tmpfs tmpfs "$upper/root/tmp"
  # shellcheck disable=SC2016 # the words of the shell inside
  chroot "$upper/root" sh -ec '
    cd /stave-trial/stave
    dpkg --install ../*.deb
    packaging/debian/tests/smoke
    dpkg --purge $(for deb in ../*.deb; do dpkg-deb --field "$deb" Package; done)'
}

deb=$root/build/deb
tree=$deb/stave
trial=
case ${1:-} in
  '') ;;
  --try) trial=1 ;;
  --in-namespace)
    try_debs "$2"
    exit
    ;;
  -h | --help)
    usage
    exit 0
    ;;
  *)
    usage >&2
    exit 2
    ;;
esac

ensure_packages "${build_packages[@]}" "${deb_packages[@]}"
title "Building packages into $deb"
copy_tree
logged "$root/build/deb.log" env -C "$tree" dpkg-buildpackage --build=binary --no-sign
(cd "$deb" && ls -l -- *.deb)
[ -n "$trial" ] || exit 0

title 'Trying them where nothing is left of it'
upper=$(mktemp -d)
status=0
as_root unshare --mount "$0" --in-namespace "$upper" || status=$?
rmdir "$upper"
if [ $status -eq 77 ]; then
  say 'skipped: no overlay file system can be mounted here (in a container without the right?)'
  status=0
fi
exit $status
