# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash source=test/guest/inside/lib.sh
#
# An initrd that initramfs-tools or dracut made: udev has seen the platform device, and the agent was started before
# anything would be mounted.
. /test/lib.sh
situation "an initrd of $(sed -n 's/.*oskbc\.maker=\([^ ]*\).*/\1/p' /proc/cmdline)"
check 'the configuration is there' grep -q offline_sev_kbc /etc/agent-config.toml
check 'the agent is there' oskbc-agent --version
check 'udev loaded the module' is_loaded
check 'the file is gone already' is_gone "$secret"
check 'the memory is zero' is_wiped
gives 0 'has taken the keyset' oskbc doctor
gives 0 key_id1 oskbc list
[ ! -f /requests ] || gives 0 'answers: ' answers
gives 4 'it was read already' oskbc list --consume
check 'the module is still loaded' is_loaded
