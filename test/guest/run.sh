#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Boots real guests, emulated, and looks what becomes of their secrets; prints TAP. Installs what is
# missing, builds the project in build/guest, and builds the guests' kernel the first time: that takes
# some minutes, and is kept below ~/.cache/oskbc.
#
# usage: test/guest/run.sh [--if-cached] [BOOT...]
#   --if-cached  boots nothing, and says so, where there is no kernel yet; OSKBC_GUEST=1 overrules this
#   BOOT...      only these; "list" prints their names
#
# Consoles are kept in build/guest/consoles. OSKBC_GUEST_SECONDS is the limit of one boot.
set -euo pipefail
shopt -s inherit_errexit

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
build=$top/build/guest
jobs=${OSKBC_JOBS:-$(nproc)}

skip() {
  printf '1..0 # SKIP no guest was booted, since %s; to boot, run: test/guest/run.sh\n' "$1"
  exit
}

install_packages() {
  "$top/test/scripts/install-packages.sh" --guest
}

# Installed as a distribution would: the initrd's makers look below /usr only.
build_project() {
  local options=(--prefix=/usr --buildtype=debugoptimized -Dtests=false -Dagent=enabled
    -Dservices=disabled -Dinitramfs_tools=enabled -Ddracut=enabled)
  [ -f "$build/build.ninja" ] || meson setup "$build" "$top" "${options[@]}"
  nice ninja -C "$build" -j "$jobs"
}

if_cached=no
if [ "${1:-}" = --if-cached ]; then
  if_cached=yes
  shift
fi
case ${1:-} in
  list) exec python3 "$here/boot.py" "$build" list ;;
  -*)
    sed -n 's/^# \(usage\|  *--\)/\1/p' "$0" >&2
    exit 64
    ;;
esac
# Before the long part.
for boot in "$@"; do
  python3 "$here/boot.py" "$build" list | grep -qxF -- "$boot" || {
    echo "run.sh: no boot $boot; test/guest/run.sh list prints what there is" >&2
    exit 64
  }
done
if [ $if_cached = yes ] && [ "${OSKBC_GUEST:-}" != 1 ]; then
  "$here/kernel.sh" --cached >/dev/null 2>&1 || skip 'the cache has no kernel for it'
fi
# Standard output is for results alone.
{
  install_packages
  build_project
  "$here/kernel.sh"
  # Where it cannot be had, one boot is left out, and says why.
  "$here/debian_root.sh" || true
} >&2
exec python3 "$here/boot.py" "$build" "$@"
