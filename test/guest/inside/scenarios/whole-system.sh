# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash source=test/guest/inside/lib.sh
#
# A Debian system that systemd has started, with oskbc-agent.service enabled: it took the keyset at boot, answers, and is
# shut in as its unit says.
. /test/lib.sh
# systemd's own lines go to the console as well, until this signal (systemd(1): SIGRTMIN+21).
kill -55 1
unit=oskbc-agent.service
process=$(systemctl show -p MainPID --value $unit)

# NAME VALUE: what the kernel says of the service's process.
process_has() {
  grep -x "$1:[[:space:]]*$2" "/proc/$process/status"
}

situation 'a Debian system'
check 'no unit has failed' test -z "$(systemctl --failed --plain --no-legend)"
check 'the agent runs' systemctl is-active $unit
# Whether the module is still there depends on who was first, udev or the agent, which unloads what it loaded.
check 'the kernel showed the secret' kernel_says 'Created 1 entries'
check 'the file is gone' is_gone "$secret"
check 'the memory is zero' is_wiped
gives 0 key_id1 oskbc list
gives 0 'has taken the keyset' oskbc doctor
[ ! -f /requests ] || gives 0 'answers: ' answers

situation 'the service is shut in'
check 'a filter for system calls' process_has Seccomp 2
check 'no new privileges' process_has NoNewPrivs 1
check 'few capabilities' test "$(systemctl show -p CapabilityBoundingSet --value $unit | wc -w)" -le 3
check 'mounts of its own' test "$(readlink "/proc/$process/ns/mnt")" != "$(readlink /proc/1/ns/mnt)"
check 'no network' test "$(readlink "/proc/$process/ns/net")" != "$(readlink /proc/1/ns/net)"
check 'nothing in its unit is wrong' systemd-analyze verify --man=no --recursive-errors=no $unit
# In tenths of what systemd calls exposure.
gives 0 'Overall exposure level' systemd-analyze security --no-pager --threshold=30 $unit

# WORDS: in the agent's log.
agent_says() {
  journalctl --no-pager -u $unit | grep -F -- "$1"
}

situation "a disk of the owner's"
check 'it is mounted' grep -q '^/dev/mapper/data /srv ext4' /proc/mounts
gives 0 'disk data: ' cat /srv/line
check 'the agent gave its passphrase' agent_says 'the volume data: given'

situation 'a disk whose header the host forged'
gives 1 'failed' systemctl start systemd-cryptsetup@forged.service
check 'its unit says why' sh -c 'journalctl --no-pager -u systemd-cryptsetup@forged.service | grep "null cipher"'
check 'the agent was not asked' not agent_says 'the volume forged'
forged_stays_closed
check 'the agent says why' agent_says 'the volume forged: denied: keyslot 0 has a null cipher'
check 'the agent gave nothing' not agent_says 'the volume forged: given'

situation 'a service with a credential'
check 'it has started' systemctl is-active web.service
check 'the agent gave it' agent_says "web.service's credential tls: given"
printf 'credential: %s\n' "$(cut -c 1-64 /run/web.digest)"

situation 'a service without a rule'
check 'the agent denied it' agent_says "denied.service's credential tls: denied: no rule"
check 'it has an empty credential' grep -q "$(printf '' | sha256sum)" /run/denied.digest
