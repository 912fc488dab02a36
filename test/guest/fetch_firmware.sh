#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Finds or fetches the AmdSev build of OVMF, and prints the path of the image.
#
# usage: fetch_firmware.sh [--cached]
#   --cached  fetches nothing: exit status 1 where there is none yet
#
# The machine's own is taken when it is installed, then what an earlier run left in the cache. Otherwise Debian's
# package ovmf-amdsev, which bookworm and trixie don't have, is fetched as ../e2e/private_apt.sh does it. Ends
# with 77, and one line that says why, where it cannot be had.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
packages=(ovmf-amdsev)
wanted='no AmdSev firmware'
image=usr/share/ovmf/OVMF.amdsev.fd
# shellcheck source-path=SCRIPTDIR source=../e2e/private_apt.sh
. "$here/../e2e/private_apt.sh"
# shellcheck source-path=SCRIPTDIR source=cache.sh
. "$here/cache.sh"

suite_for() {
  case $1 in
    bookworm | trixie | forky) echo forky ;;
    *) give_up "it is not known where ${1:-this system}'s would come from; install $image" ;;
  esac
}

unpack() {
  dpkg-deb -x "$apt"/*.deb "$tree"
}

# Whether the image has both areas.
try_it() {
  python3 "$here/firmware.py" "$tree/$image"
}

find_it() {
  local file
  for file in "/$image" "$1/tree/$image"; do
    if [ -f "$file" ]; then
      echo "$file"
      return
    fi
  done
  return 1
}

dir=$cache/firmware
case $* in
  '') ;;
  --cached) find_it "$dir" && exit || exit 1 ;;
  *) usage "$0" ;;
esac
need_programs python3 flock timeout
take_turn
find_it "$dir" || {
  fetch
  find_it "$dir"
}
