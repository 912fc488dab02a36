#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Builds the guest's kernel and its module efi_secret from Debian's linux-source package, or finds them
# in the cache; prints the folder, which holds bzImage, config and lib/modules/VERSION, in no-unload/ the
# same of a kernel that cannot unload modules, and in system/ of one that has what containers and systemd need.
#
# usage: kernel.sh [--cached]
#   --cached  builds nothing: exit status 1 where the cache has no such kernel
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=cache.sh
. "$here/cache.sh"

source_package=linux-source-6.1
source_archive=/usr/src/$source_package.tar.xz

cache_key() {
  dpkg-query -W -f '${Version}\n' "$source_package"
  cat "$here/kernel.config" "$here/system.config" "$here/kernel.sh"
}

# Configures with the options of a file, of which every one has to take effect.
configure() {
  local options=$1 line
  make -s -C linux KCONFIG_ALLCONFIG="$options" allnoconfig >&2
  while read -r line; do
    grep -qxF -- "$line" linux/.config || fail "'$line' did not take effect"
  done < <(grep CONFIG_ "$options")
}

# Nothing of the builder gets into the kernel: the same source gives the same one.
make_linux() {
  local compiler=gcc
  ! command -v ccache >/dev/null || compiler='ccache gcc'
  nice make -s -C linux -j "${OSKBC_JOBS:-$(nproc)}" CC="$compiler" \
    KBUILD_BUILD_USER=oskbc KBUILD_BUILD_HOST=guest KBUILD_BUILD_TIMESTAMP=@0 "$@" >&2
}

build_into() {
  local result=$1
  make_linux bzImage modules
  make_linux INSTALL_MOD_PATH="$result" modules_install
  install -m 644 linux/arch/x86/boot/bzImage "$result/bzImage"
  install -m 644 linux/.config "$result/config"
  # They point to the tree that goes away now.
  rm -f "$result"/lib/modules/*/build "$result"/lib/modules/*/source
}

# The others are built in the same tree, since many of the first one's objects are good for them.
build() {
  tar -xf "$source_archive"
  mv "$source_package" linux
  configure "$here/kernel.config"
  build_into "$PWD/result"
  sed 's/^CONFIG_MODULE_UNLOAD=y$/# CONFIG_MODULE_UNLOAD is not set/' "$here/kernel.config" >no-unload.config
  configure "$PWD/no-unload.config"
  mkdir result/no-unload
  build_into "$PWD/result/no-unload"
  cat "$here/kernel.config" "$here/system.config" >system.config
  configure "$PWD/system.config"
  mkdir result/system
  build_into "$PWD/result/system"
}

case "$*" in
  '') cached=no ;;
  --cached) cached=yes ;;
  *) usage "$0" ;;
esac
[ -f "$source_archive" ] || fail "$source_archive is missing: run test/scripts/install-packages.sh --guest"
from_cache kernel "$cached"
