# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash source=test/guest/inside/lib.sh
. /test/lib.sh
situation 'a kernel that cannot unload modules, the doctor first'
gives 0 'this kernel does not unload modules' oskbc doctor
check 'the module stays loaded' is_loaded
gives 0 key_id1 oskbc list --consume
check 'the memory is zero' is_wiped
