# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash source=test/guest/inside/lib.sh
#
# Without a secret, the agent runs all the same, and says why it has no keys.
. /test/lib.sh
situation 'no secret area'
gives 4 'announced no EFI secret area' oskbc list
doctor_blames 4 'secret area' 'announced no EFI secret area'
check 'the module is not loaded afterwards' not is_loaded
check 'the agent starts' agent_starts
gives 4 'announced no EFI secret area' oskbc --agent "$agent" list
[ ! -f /requests ] || gives 4 'announced no EFI secret area' answers
check 'the agent stops' agent_stops
