# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash source=test/guest/inside/lib.sh
#
# For a look at all of the guest's memory afterwards: nothing but the agent ever reads the secret, and while it runs it
# has the keys.
. /test/lib.sh
situation 'all of the memory'
check 'the agent starts' agent_starts
gives 0 'answers: ' answers
check 'the file is gone' is_gone "$secret"
check 'the agent stops' agent_stops
