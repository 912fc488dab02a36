#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Builds the Debian packages from what is committed, by way of the tarball of "meson dist". The same commit
# gives the same bytes, wherever and whenever it is built with the same versions of what it needs.
#
# usage: build-deb.sh FOLDER
#   FOLDER  where the packages go; made if it is not there
#
# Needs what debian/control names under Build-Depends, and git: test/scripts/install-packages.sh --packages
# installs all of it. OSKBC_JOBS says how many things may run at once.
set -euo pipefail
shopt -s inherit_errexit

top=$(cd "$(dirname "$0")/../.." && pwd)

complain() {
  printf 'build-deb.sh: %s\n' "$*" >&2
}

stop() {
  complain "$@"
  exit 1
}

check_needs() {
  local program
  for program in dpkg-buildpackage dh git meson; do
    command -v "$program" >/dev/null ||
      stop "$program is missing; run: test/scripts/install-packages.sh --packages"
  done
  git -C "$top" rev-parse -q --verify HEAD >/dev/null 2>&1 ||
    stop "$top is no git clone; the tarball is made of what is committed"
  [ -z "$(git -C "$top" status --porcelain)" ] ||
    complain "what is not committed is not in the packages"
}

# Prints the folder with the sources as "meson dist" makes them.
make_dist() {
  local options=(-Dtests=false -Dexamples=false -Dtools=false) dist
  meson setup "$work/build" "$top" "${options[@]}" >/dev/null
  meson dist -C "$work/build" --no-tests --allow-dirty --formats gztar >/dev/null
  tar -xzf "$work"/build/meson-dist/*.tar.gz -C "$work"
  dist=("$work"/oskbc-*)
  printf '%s\n' "${dist[0]}"
}

# Packs the sources anew, since "meson dist" notes who packed them, and when.
pack_source() {
  local source=$1 name=${1##*/} epoch
  epoch=$(git -C "$top" log -1 --format=%ct)
  tar -C "$work" --sort=name --mtime="@$epoch" --mode=u=rwX,go=rX --owner=0 --group=0 --numeric-owner \
    -c "$name" | gzip -9n >"$work/oskbc_${name#oskbc-}.orig.tar.gz"
  cp -r "$source/tools/packaging/debian" "$source/debian"
}

check_version() {
  local packaged
  packaged=$(dpkg-parsechangelog -l "$1/debian/changelog" -S Version | sed 's/-[^-]*$//')
  [ "${1##*/oskbc-}" = "$packaged" ] ||
    stop "debian/changelog is about $packaged, meson.build about ${1##*/oskbc-}; make them one"
}

if [ $# != 1 ] || [ -z "$1" ] || [ "${1#-}" != "$1" ]; then
  sed -n 's/^# \(usage\|  *[A-Z]* \)/\1/p' "$0" >&2
  exit 64
fi
check_needs
mkdir -p "$1"
packages=$(cd "$1" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/oskbc-deb.XXXXXX")
trap 'rm -rf "$work"' EXIT
# The packages' bytes must not depend on who builds.
umask 022
source=$(make_dist)
pack_source "$source"
check_version "$source"
(cd "$source" && dpkg-buildpackage -us -uc --jobs="${OSKBC_JOBS:-$(nproc)}")
mv "$work"/*.deb "$work"/*.dsc "$work"/*.changes "$work"/*.buildinfo "$work"/*.tar.* "$packages"
printf 'build-deb.sh: the packages are in %s\n' "$packages"
