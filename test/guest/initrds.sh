#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Has initramfs-tools and dracut make an initrd each, for the guests' kernel, from an installation of this
# project: initramfs-tools.cpio.gz and dracut.cpio.gz in FOLDER; or those that open disks: disk.cpio.gz
# and dracut-disk.cpio.gz.
#
# usage: initrds.sh [--disk] BUILD KERNEL FOLDER
#   BUILD   configured with the prefix /usr and both hooks
#   KERNEL  the folder that kernel.sh prints, or its folder system/ for disks
#
# Both read /usr, /etc, /boot and /lib/modules, so they run where these are laid over this machine's own: in a
# mount namespace, that goes away with them. Exit status 77, and one line why, where there can be none.
set -euo pipefail
shopt -s inherit_errexit

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=cache.sh
. "$here/cache.sh"

# --- outside the namespace -----------------------------------------------------------------------------

own_mounts=(unshare --mount --propagation private)
[ "$(id -u)" = 0 ] || own_mounts=(unshare --user --map-root-user --mount)

# What is to be laid over this machine's folders.
make_layer() {
  local layer=$1 version
  DESTDIR=$layer meson install -C "$build" --no-rebuild --quiet --strip
  mkdir -p "$layer"/{boot,etc} "$layer/usr/lib"
  if [ $kind = disk ]; then
    sed 's|^@data@$|secret = "luks-key"|' "$here/inside/disks/agent-config.toml" >"$layer/etc/agent-config.toml"
    cp "$here/inside/disks/crypttab.initramfs" "$layer/etc/crypttab"
    mkdir -p "$layer"/etc/{oskbc,systemd/system/sysinit.target.wants}
    sed 's|^@data@$|entry = "default/key/data"|' "$here/inside/disks/agent-config.toml" \
      >"$layer/etc/oskbc/agent-config.toml"
    cp -r "$here"/inside/system/systemd-cryptsetup@*.service.d "$layer/etc/systemd/system/"
    ln -s /usr/lib/systemd/system/oskbc-agent.service "$layer/etc/systemd/system/sysinit.target.wants/"
  else
    echo 'aa_kbc_params = "offline_sev_kbc::null"' >"$layer/etc/agent-config.toml"
    : >"$layer/etc/crypttab"
  fi
  cp -r "$kernel/lib/modules" "$layer/usr/lib/"
  version=$(ls "$kernel/lib/modules")
  cp "$kernel/config" "$layer/boot/config-$version"
}

make_initrds() {
  local packages
  "${own_mounts[@]}" true 2>/dev/null || { echo 'mount namespaces are not allowed here'; exit 77; }
  packages=$("$here/initrd_packages.sh") || { echo 'the packages cannot be had'; exit 77; }
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  make_layer "$work/layer"
  "${own_mounts[@]}" "$0" --inside $kind "$work" "$packages" "$folder"
}

# --- inside ----------------------------------------------------------------------------------------------

lay_over() {
  local place=$1
  mount -t overlay -o "lowerdir=$work/layer$place:$packages$place:$place" overlay "$place"
}

# NAME STAGE BUSYBOX: its own scripts only find the scenario's.
run_initramfs_tools() {
  local configuration=$work/initramfs-tools script
  script=$configuration/scripts/$2/test
  mkdir -p "$configuration"/{conf.d,hooks} "${script%/*}"
  touch "$configuration/modules"
  printf '%s\n' MODULES=most "BUSYBOX=$3" COMPRESS=gzip RUNSIZE=10% >"$configuration/initramfs.conf"
  cat >"$script" <<'END'
#!/bin/sh
if [ "${1:-}" = prereqs ]; then echo "${0%/*}" | sed -n 's|.*/init-premount|oskbc|p'; else . /test/start; fi
END
  chmod +x "$script"
  mkinitramfs -d "$configuration" -o "$folder/$1.cpio.gz" "$version"
}

run_dracut() {
  local hooks=$work/hooks
  mkdir -p "$hooks/cmdline" "$hooks/pre-mount"
  # It asks for a root file system, which this guest never comes to; after its own hooks, which ask first.
  echo 'root=none rootok=1' >"$hooks/cmdline/99-test.sh"
  echo '. /test/start' >"$hooks/pre-mount/99-test.sh"
  dracut --quiet --force --no-hostonly --no-early-microcode --gzip --omit 'systemd dracut-systemd systemd-initrd crypt' \
    --include "$hooks" /lib/dracut/hooks --kver "$version" "$folder/dracut.cpio.gz"
}

# With systemd, which opens the disks by the agent's socket.
run_dracut_disk() {
  local hooks=$work/hooks
  mkdir -p "$hooks/pre-pivot"
  echo '. /test/start >/dev/console 2>&1' >"$hooks/pre-pivot/99-test.sh"
  dracut --quiet --force --no-hostonly --no-early-microcode --gzip --add 'systemd crypt dm' \
    --include "$hooks" /lib/dracut/hooks --include "$here/inside/disks/crypttab.systemd" /etc/crypttab \
    --install 'dmsetup cryptsetup' --kver "$version" "$folder/dracut-disk.cpio.gz"
}

inside() {
  kind=$1 work=$2 packages=$3 folder=$4
  version=$(ls "$work/layer/usr/lib/modules")
  export PATH=/usr/sbin:/usr/bin:/sbin:/bin TMPDIR=$work
  for place in /boot /etc /usr; do
    lay_over "$place"
  done
  if [ "$kind" = disk ]; then
    # After all disks are open and the root is mounted; cryptsetup's scripts need busybox.
    run_initramfs_tools disk local-bottom y
    run_dracut_disk
    return
  fi
  # The guest runs the scenario after udev has seen all devices, and after our script. Without busybox, since it may be
  # missing.
  run_initramfs_tools initramfs-tools init-premount n
  run_dracut
}

if [ "${1:-}" = --inside ] && [ $# = 5 ]; then
  inside "${@:2}"
  exit
fi
kind=plain
if [ "${1:-}" = --disk ]; then
  kind=disk
  shift
fi
[ $# = 3 ] || usage "$0"
build=$(realpath "$1") kernel=$(realpath "$2") folder=$(realpath "$3")
make_initrds
