#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Makes the root of a small Debian system with systemd, of this machine's release, or finds it in the cache; prints
# the folder, which holds root.tar.
#
# usage: debian_root.sh [--cached]
#   --cached  makes nothing: exit status 1 where the cache has none
#
# Needs root, debootstrap and the archive. Ends with 77, and one line that says why, where there can be none.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=cache.sh
. "$here/cache.sh"
# shellcheck source-path=SCRIPTDIR source=../packaging/root.sh
. "$here/../packaging/root.sh"

# What a guest has besides the essential packages.
packages=(systemd-sysv dbus udev kmod)

cache_key() {
  cat /etc/os-release "$here/debian_root.sh"
}

give_up() {
  printf '%s\n' "$*" >&2
  exit 77
}

build() {
  make_root "$work/root" >&2
  install_in "$work/root" "${packages[@]}" >&2
  rm -f "$work"/root/var/cache/apt/archives/*.deb
  tar -C "$work/root" --one-file-system -cf result/root.tar .
}

case "$*" in
  '') cached=no ;;
  --cached) cached=yes ;;
  *) usage "$0" ;;
esac
[ "$(id -u)" = 0 ] || give_up 'only root can make a root'
command -v debootstrap >/dev/null || give_up 'there is no debootstrap here'
# What debootstrap mounts ends with its namespace.
if [ $cached = no ] && [ "${OSKBC_MOUNTS:-}" != own ]; then
  OSKBC_MOUNTS=own exec unshare --mount --propagation private "$0"
fi
from_cache debian-root "$cached"
