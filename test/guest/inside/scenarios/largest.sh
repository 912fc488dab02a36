# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash source=test/guest/inside/lib.sh
. /test/lib.sh
situation 'the largest table that fits'
# The table's length, which its header has after the GUID.
check 'it has 3072 bytes' test "$(secret_area | od -A n -t d4 -j 16 -N 4 | tr -d ' ')" = 3072
doctor_is_content
gives 0 key_id1 oskbc list --consume
check 'the memory is zero' is_wiped
