# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash source=test/guest/inside/lib.sh
#
# What does not take the secret away, one after the other, on a guest whose kernel loads the module by
# itself; and in the end, an agent that answers requests.
. /test/lib.sh

# The kernel starts this for each event, as udev would see it.
cat >/bin/on-event <<'END'
#!/bin/sh
[ "$ACTION" != add ] || exec modprobe "$MODALIAS"
END
chmod +x /bin/on-event
echo /bin/on-event >/sys/kernel/uevent_helper

appears() {
  local tries=0
  while ! is_loaded; do
    tries=$((tries + 1))
    [ $tries -lt 50 ] || return 1
    usleep 100000
  done
}

as_nobody() {
  su -s /bin/sh nobody -c "$*"
}

situation 'not root, nothing mounted'
gives 5 'Operation not permitted' as_nobody oskbc list
doctor_blames 5 kernel 'Operation not permitted' as_nobody

situation 'loaded by the kernel itself'
echo add >/sys/devices/platform/efi_secret.0/uevent
check 'the module is loaded' appears
doctor_is_content
check 'the module is still loaded' is_loaded

situation 'securityfs mounted before'
umount /sys/kernel/security
mount_securityfs
gives 0 'efi_secret is loaded' oskbc doctor
check 'securityfs is still mounted' is_mounted

situation 'three entries, ours in the middle'
check 'there are three' test "$(entries)" = 3
gives 0 '3 entries' oskbc doctor
gives 0 key_id1 oskbc --keep-secret list

situation 'not root'
gives 5 'Permission denied' as_nobody oskbc list
doctor_blames 5 keyset 'Permission denied' as_nobody

situation '/proc not mounted'
umount /proc
gives 0 key_id1 oskbc --keep-secret list
doctor_is_content
mount -t proc proc /proc

situation 'read-only mount'
umount /sys/kernel/security
mount -t securityfs -o ro securityfs /sys/kernel/security
gives 6 'Read-only file system' oskbc list --consume
doctor_blames 6 removal 'Read-only file system'
umount /sys/kernel/security
mount_securityfs
check 'the secret is still there' test -e "$secret"

situation 'an agent, told by the kernel command line'
rm /etc/agent-config.toml
check 'the agent starts' agent_starts
gives 0 key_id1 oskbc --agent "$agent" list
[ ! -f /requests ] || gives 0 'answers: ' answers
check 'the file is gone' is_gone "$secret"
check 'the module is still loaded' is_loaded
check 'the other entries are still there' test "$(entries)" = 2
