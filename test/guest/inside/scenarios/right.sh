# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash source=test/guest/inside/lib.sh
#
# The host offers what was measured.
. /test/lib.sh
situation 'what was measured'
doctor_is_content
gives 0 key_id1 oskbc list --consume
check 'the memory is zero' is_wiped
