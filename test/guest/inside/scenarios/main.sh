# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash source=test/guest/inside/lib.sh
#
# The agent gives the keys of an image that the real client encrypted, and nothing is left of the secret.
. /test/lib.sh
situation 'an encrypted image'
check 'securityfs is not mounted' not is_mounted
check 'the module is not loaded' not is_loaded
check 'the secret is in memory' area_holds key_id1
doctor_is_content
check 'the module is not loaded after the doctor' not is_loaded
check 'the agent starts' agent_starts
check 'the file is gone before anybody asks' is_gone "$secret"
gives 0 key_id1 oskbc list
doctor_is_content
[ ! -f /requests ] || gives 0 'answers: ' answers
check 'the memory is zero' is_wiped
check 'the module is not loaded any more' not is_loaded

situation 'the secret was read'
check 'the agent stops' agent_stops
gives 4 'it was read already' oskbc list
doctor_blames 4 entry 'it was read already'
