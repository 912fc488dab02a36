#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Finds or fetches the programs that make initrds, initramfs-tools and dracut, as Debian's packages have
# them; prints the folder that they are unpacked in, which has the layout of /, with all of it below usr/
# and etc/, and an empty boot/. Nothing is installed: on this machine they would take its own initrds in hand.
#
# usage: initrd_packages.sh
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=cache.sh
. "$here/cache.sh"

packages=(initramfs-tools initramfs-tools-core klibc-utils libklibc dracut-core udev kmod linux-base
  cryptsetup cryptsetup-bin cryptsetup-initramfs dmsetup libdevmapper1.02.1)

cache_key() {
  cat /etc/os-release "$here/initrd_packages.sh"
}

build() {
  local package folder
  apt-get download "${packages[@]}" >&2
  for package in *.deb; do
    dpkg-deb -x "$package" unpacked
  done
  # The packages' folders from before /bin and others became links.
  mkdir -p result/{boot,usr}
  mv unpacked/etc result/etc
  for folder in bin sbin lib; do
    [ ! -d "unpacked/$folder" ] || mkdir -p "unpacked/usr/$folder"
    [ ! -d "unpacked/$folder" ] || cp -a "unpacked/$folder/." "unpacked/usr/$folder/"
  done
  cp -a unpacked/usr/. result/usr/
}

[ $# = 0 ] || usage "$0"
from_cache initrd-packages no
