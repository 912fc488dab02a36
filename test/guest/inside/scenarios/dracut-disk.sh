# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash source=test/guest/inside/lib.sh
#
# An initrd of dracut, in which systemd has opened the disk, and mounted the root that is on it: the agent is a service
# there.
. /test/lib.sh
kill -55 1
situation "a disk of the owner's"
check 'it is open' test -b /dev/mapper/data
check "with the owner's cipher" sh -c 'dmsetup table data | grep -q "crypt aes-xts-plain64"'
check 'it is the root to come' grep -q '^/dev/mapper/data /sysroot ext4' /proc/mounts
gives 0 'disk data: ' cat /sysroot/line
check 'the agent is a service' systemctl is-active oskbc-agent.service
check 'which stays for the system' grep -q '^@oskbc-agent' "/proc/$(systemctl show -p MainPID --value oskbc-agent.service)/cmdline"
journalctl --no-pager -u oskbc-agent.service
situation 'a disk whose header the host forged'
check 'its unit fails' not systemctl start systemd-cryptsetup@forged.service
forged_stays_closed
journalctl --no-pager -u oskbc-agent.service
opens_without_the_check
