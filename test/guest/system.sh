#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Makes the initrd whose content is a whole Debian system, with systemd and this project installed: whole-system.cpio.gz
# in FOLDER.
#
# usage: system.sh BUILD KERNEL FOLDER
#   BUILD   configured with the prefix /usr
#   KERNEL  the folder system/ of the one that kernel.sh prints
#
# OSKBC_GUEST_PACKAGES names a folder with the project's Debian packages, as test/packaging/run.sh leaves them in
# build/packaging/packages: then these are installed; otherwise, what BUILD has. Exit status 77, and one line why,
# where there can be no such system.
set -euo pipefail
shopt -s inherit_errexit

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=cache.sh
. "$here/cache.sh"
# shellcheck source-path=SCRIPTDIR source=../packaging/root.sh
. "$here/../packaging/root.sh"

install_packages() {
  local name files=()
  mkdir "$root/packages"
  for name in liboskbc0 oskbc oskbc-agent; do
    cp "$OSKBC_GUEST_PACKAGES/${name}"_*.deb "$root/packages"
    files+=("/packages/$(basename "$root/packages/${name}"_*.deb)")
  done
  install_in "$root" "${files[@]}"
  rm -r "$root/packages"
}

# With the libraries that the root lacks; it is of the same release.
install_build() {
  local library
  DESTDIR=$root meson install -C "$build" --no-rebuild --quiet --strip
  ldd "$root"/usr/bin/oskbc* | awk '$2 == "=>" { print $3 }' | sort -u | while read -r library; do
    [ -e "$root$library" ] || install -D "$library" "$root$library"
  done
}

# A line of /etc/machine-id is what tells systemd that this is no first boot, which would enable all there is.
configure() {
  cp -r "$kernel/lib/modules" "$root/usr/lib/"
  echo 0123456789abcdef0123456789abcdef >"$root/etc/machine-id"
  cp -r "$here/inside/system/." "$root/etc/systemd/system/"
  # The console is the scenario's.
  in_root "$root" systemctl mask getty.target serial-getty@ttyS0.service
  in_root "$root" systemctl enable oskbc-agent.service web.service denied.service
  sed 's|^@data@$|entry = "default/key/data"|' "$here/inside/disks/agent-config.toml" \
    >"$root/etc/oskbc/agent-config.toml"
  cp "$here/inside/disks/crypttab.systemd" "$root/etc/crypttab"
  echo '/dev/mapper/data /srv ext4 ro 0 0' >>"$root/etc/fstab"
  ln -s usr/lib/systemd/systemd "$root/init"
}

# All of it has to fit into an initrd: no documents, no other languages, no lists of packages.
slim() {
  rm -rf "$root"/usr/share/{doc,i18n,info,lintian,locale,man,zoneinfo} "$root"/usr/lib/x86_64-linux-gnu/gconv \
    "$root"/var/{cache,log}/* "$root"/var/lib/apt/lists
}

# What comes first needs no more than what is quick: it is unpacked by an emulated machine.
pack() {
  (cd "$root" && find . -mindepth 1 -xdev -print0 | LC_ALL=C sort -z | cpio --quiet --null -o -H newc) |
    gzip -n -1 >"$folder/whole-system.cpio.gz"
}

[ $# = 3 ] || usage "$0"
build=$(realpath "$1") kernel=$(realpath "$2") folder=$(realpath "$3")
base=$("$here/debian_root.sh" --cached) || {
  echo 'the cache has no Debian root for it: run test/guest/run.sh as root'
  exit 77
}
root=$(mktemp -d)
trap 'rm -rf --one-file-system "$root"' EXIT
tar -C "$root" -xf "$base/root.tar"
if [ -n "${OSKBC_GUEST_PACKAGES:-}" ]; then install_packages; else install_build; fi
configure
slim
pack
