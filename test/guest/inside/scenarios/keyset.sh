# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash source=test/guest/inside/lib.sh
. /test/lib.sh
situation 'malformed keyset'
doctor_blames 7 keyset 'keyset'
gives 7 'keyset' oskbc list --consume
check 'the file is gone' is_gone "$secret"
check 'the memory is zero' is_wiped
