# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash source=test/guest/inside/lib.sh
. /test/lib.sh
situation 'a kernel that cannot unload modules'
gives 0 key_id1 oskbc list --consume
check 'the file is gone' is_gone "$secret"
check 'the memory is zero' is_wiped
check 'the module stays loaded' is_loaded
gives 4 'it was read already' oskbc list
