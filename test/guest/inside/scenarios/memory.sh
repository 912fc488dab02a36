# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash source=test/guest/inside/lib.sh
#
# For a look at all of the guest's memory afterwards: nothing but the agent ever reads the secret.
. /test/lib.sh
situation 'all of the memory'
gives 0 'container: ' oskbc-initrd-agent run /image /container
check 'the file is gone' is_gone "$secret"
