# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash source=test/guest/inside/lib.sh
#
# An initrd of initramfs-tools, after it has opened its disks and mounted its root: the keyscript had the passphrases from
# the agent.
. /test/lib.sh
situation "a disk of the owner's"
check 'it is open' test -b /dev/mapper/data
check "with the owner's cipher" sh -c 'dmsetup table data | grep -q "crypt aes-xts-plain64"'
check 'it is the root' grep -q '^/dev/mapper/data /root ext4 ro' /proc/mounts
gives 0 'disk data: ' cat /root/line
check "the secret area's entries are gone" test "$(entries)" = 0
forged_stays_closed
opens_without_the_check
