#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Makes what the guests are booted with, in FOLDER: firmware, the EFI program that can stand for it, the parts of the
# initrd, images and their encrypted form, and the guest owner's tables.
#
# usage: prepare.sh BUILD FOLDER PART...
#   BUILD   where oskbc, sev-guest-owner and the agent were built
#   FOLDER  is there, and empty
#   PART    of the initrds; only those that take long are left out where they are not named
set -euo pipefail
shopt -s inherit_errexit
umask 022

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=cache.sh
. "$here/cache.sh"
e2e=$here/../e2e
# shellcheck source-path=SCRIPTDIR source=../e2e/common.sh
. "$e2e/common.sh"
# shellcheck source-path=SCRIPTDIR source=images.sh
. "$here/images.sh"

build_loader() {
  local flags=(--target=x86_64-unknown-windows -std=c11 -ffreestanding -fno-stack-protector
    -fshort-wchar -mno-red-zone -O2 -Wall -Wextra -Werror)
  clang "${flags[@]}" -c "$here/efi/secret_loader.c" -o "$folder/secret_loader.obj"
  lld-link /subsystem:efi_application /entry:efi_main /nodefaultlib \
    "/out:$folder/BOOTX64.EFI" "$folder/secret_loader.obj"
}

# Loud, because what is not tried with the real firmware is not tried.
find_firmware() {
  local image
  image=$("$here/fetch_firmware.sh" 2>firmware.log) || {
    tail -n 1 firmware.log | tee no-firmware >&2
    return 0
  }
  ln -s "$image" firmware
}

# Copies programs and the shared libraries that they need, to where the loader looks for them.
copy_programs() {
  local root=$1 file
  shift
  for file in "$@"; do
    install -D -s "$file" "$root/bin/${file##*/}"
    ldd "$file" | awk '$2 == "=>" { print $3 } $1 ~ /ld-linux/ { print $1 }' | while read -r library; do
      case $library in
        /lib64/*) install -D "$library" "$root$library" ;;
        *) install -D -s "$library" "$root/lib/${library##*/}" ;;
      esac
    done
  done
}

# An initrd is a row of archives: each part is one.
# FOLDER ARCHIVE [LEVEL]
pack() {
  (cd "$1" && find . -mindepth 1 -print0 | LC_ALL=C sort -z |
    cpio --quiet --null -o -H newc -R 0:0 | gzip -n "-${3:-9}") >"$2"
}

make_system() {
  local root=$folder/system
  mkdir -p "$root"/{bin,dev,proc,sys,tmp,etc}
  install "$(command -v busybox)" "$root/bin/busybox"
  install "$here/inside/init" "$root/init"
  printf '%s\n' root:x:0:0:::/bin/sh nobody:x:65534:65534:::/bin/sh >"$root/etc/passwd"
  pack "$root" "$folder/system.cpio.gz"
}

# What every guest runs, and busybox, for a guest with an initrd of somebody else's.
make_scenarios() {
  mkdir -p scenarios/test busybox/test/bin
  cp -r "$here"/inside/{lib.sh,start,scenarios} scenarios/test/
  pack "$folder/scenarios" "$folder/scenarios.cpio.gz"
  install "$(command -v busybox)" busybox/test/bin/busybox
  pack "$folder/busybox" "$folder/busybox.cpio.gz"
}

# NAME COMMAND...: what need not be possible everywhere. Where it is not, no-NAME says why.
make_optional() {
  local name=$1 status=0
  shift
  "$@" >"$name.log" 2>&1 || status=$?
  case $status in
    0) ;;
    77) tail -n 1 "$name.log" >"no-$name" ;;
    *)
      cat "$name.log" >&2
      fail "this could not be made, see above: $name"
      ;;
  esac
}

wanted() {
  local part
  for part in "${parts[@]}"; do
    [ "$part" != "$1" ] || return 0
  done
  return 1
}

make_initrds() {
  wanted initramfs-tools || wanted dracut || return 0
  make_optional initrds "$here/initrds.sh" "$build" "$kernel" "$folder"
}

make_disk_initrd() {
  wanted disk || wanted dracut-disk || return 0
  make_optional initrds "$here/initrds.sh" --disk "$build" "$kernel/system" "$folder"
}

make_disks() {
  wanted disk || wanted dracut-disk || wanted whole-system || return 0
  make_optional disks "$here/disks.py" keys.json
}

# A keys file of a thousand, of which two are injected, and the others are in a file of the initrd.
make_thousand() {
  wanted thousand || return 0
  local root=$folder/thousand ids
  mapfile -t ids < <(seq -f 'default/key/%04g' 999)
  mkdir -p "$root/etc/oskbc"
  install -m 600 keys.json thousand.json
  owner keygen -o thousand.json "${ids[@]}" >&2
  owner keyset seal --keys thousand.json -o "$root/etc/oskbc/keyset.jwe" >&2
  owner table build --keys thousand.json --keyset-file "$root/etc/oskbc/keyset.jwe" -o thousand.table
  pack "$root" "$folder/thousand.cpio.gz"
}

make_whole_system() {
  wanted whole-system || return 0
  make_optional system "$here/system.sh" "$build" "$kernel/system" "$folder"
}

make_ours() {
  local root=$folder/ours
  mkdir -p "$root/etc"
  copy_programs "$root" "$build/tools/oskbc/oskbc" "$build/tools/agent/oskbc-agent"
  echo 'aa_kbc_params = "offline_sev_kbc::null"' >"$root/etc/agent-config.toml"
  pack "$root" "$folder/ours.cpio.gz"
}

# NAME KERNEL
make_module() {
  local root=$folder/$1
  mkdir -p "$root/lib"
  cp -r "$2/lib/modules" "$root/lib/"
  pack "$root" "$folder/$1.cpio.gz"
}

owner() {
  "$owner_tool" "$@"
}

# The key, and beside it a resource and blanks that fill the area to its last byte.
fill_area() {
  python3 - keys.json <<'END'
import base64, json, sys
keys = json.load(open(sys.argv[1]))
# Header and entry have 20 bytes each before their data.
size = 3072 - 20 - 20
room = size - len(json.dumps({**keys, "filling": ""}))
keys["filling"] = base64.b64encode(b"\xa5" * (room // 4 * 3)).decode()
print(json.dumps(keys).ljust(size), end="")
END
}

make_tables() {
  head -c 24 /dev/urandom >other.secret
  owner table build --keys keys.json -o keys.table
  if [ -f disks.json ]; then
    owner table build --entry "$keyset_guid=disks.json" -o disks.table
    owner table build --entry "$keyset_guid=disks.json" \
      --entry 736869e5-84f0-4973-92ec-06879ce3da0b=luks.passphrase -o luks.table
  fi
  [ ! -f images.json ] || owner table build --keys images.json -o images.table
  owner table build --entry 736870e5-84f0-4973-92ec-06879ce3da0b=other.secret -o other.table
  owner table build --entry 736870e5-84f0-4973-92ec-06879ce3da0b=other.secret \
    --entry "$keyset_guid=keys.json" \
    --entry 0a46e24d-478c-4eb1-8696-113eeec3aa99=other.secret -o three.table
  fill_area >largest.json
  owner table build --entry "$keyset_guid=largest.json" -o largest.table
}

[ $# -ge 2 ] || usage "$0"
build=$(realpath "$1") folder=$(realpath "$2")
parts=("${@:3}")
# For what the end-to-end test shares.
tool=$build/tools/oskbc/oskbc work=$folder
owner_tool=$build/tools/sev-guest-owner/sev-guest-owner
cd "$folder"
kernel=$("$here/kernel.sh" --cached) || fail 'the cache has no kernel: run test/guest/run.sh'
ln -s "$kernel" kernel
ln -s "$owner_tool" sev-guest-owner
find_firmware
build_loader
make_system
make_scenarios
make_ours
make_initrds
make_disk_initrd
make_whole_system
make_module module "$kernel"
make_module no-unload-module "$kernel/no-unload"
make_module system-module "$kernel/system"
owner keygen key_id1 >&2
make_disks
make_thousand
make_images
make_tables
