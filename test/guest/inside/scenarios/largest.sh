# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash source=test/guest/inside/lib.sh
. /test/lib.sh
situation 'the largest keyset that fits'
check 'the area is full' test "$(secret_area | tr -d '\000' | wc -c)" -gt 3020
doctor_is_content
gives 0 key_id1 oskbc list --consume
check 'the memory is zero' is_wiped
