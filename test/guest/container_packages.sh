#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Finds or fetches what unpacks and runs a container in the guest, umoci and crun, as Debian's packages have them;
# prints the folder that they are unpacked in, which has the layout of /. Nothing is installed.
#
# usage: container_packages.sh
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=cache.sh
. "$here/cache.sh"

# The other libraries that crun needs are those of systemd, which every Debian has.
packages=(crun umoci libseccomp2 libyajl2)

cache_key() {
  cat /etc/os-release "$here/container_packages.sh"
}

build() {
  local package
  apt-get download "${packages[@]}" >&2
  for package in *.deb; do
    dpkg-deb -x "$package" result
  done
}

[ $# = 0 ] || usage "$0"
from_cache container-packages no
