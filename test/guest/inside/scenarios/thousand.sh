# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash source=test/guest/inside/lib.sh
#
# More keys than the secret area has room for: two entries in it open a file of the initrd.
. /test/lib.sh

# Of the file, which were not injected.
keys_of_file() {
  [ "$(oskbc list | grep -c "default/key/\|key_id1")" = 1000 ]
}

situation '1,000 keys in a file'
check 'the secret area holds the two that open it' area_holds oskbc/keyset/sha256
check 'and none of the others' not area_holds default/key
doctor_is_content
check 'the agent starts' agent_starts
check 'the entries are gone' test "$(entries)" = 0
check 'the memory is zero' is_wiped
check 'it has them all' keys_of_file
gives 0 default/key/0999 oskbc list
[ ! -f /requests ] || gives 0 'answers: ' answers
check 'the agent stops' agent_stops

