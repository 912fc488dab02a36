#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# An initrd has what the package is there for. The kernel is none, because the hook is looked at alone.
set -eu
work=$(mktemp -d)
version=0.0.0-oskbc
modules=/lib/modules/$version
config=/boot/config-$version
trap 'rm -rf "$work" "$modules" "$config"' EXIT
mkdir -p "$modules"
echo CONFIG_RD_GZIP=y >"$config"
touch "$modules/modules.order" "$modules/modules.builtin" "$modules/modules.builtin.modinfo"
depmod "$version"
mkinitramfs -c gzip -o "$work/initrd" "$version"
lsinitramfs "$work/initrd" >"$work/files"
for file in usr/bin/oskbc usr/bin/oskbc-agent usr/libexec/oskbc/start-agent scripts/init-premount/oskbc 'usr/lib/.*/liboskbc.so.0'; do
  grep -qx "$file" "$work/files" || {
    echo "the initrd has no $file"
    exit 1
  }
done
# For crypttab(5); cryptsetup's own hook takes it along.
[ -x /usr/lib/cryptsetup/scripts/oskbc ]
