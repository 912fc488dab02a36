# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash source=test/guest/inside/lib.sh
. /test/lib.sh
situation 'the module is not in the initrd'
gives 4 'was not found below /lib/modules' oskbc list
doctor_blames 4 module 'was not found below /lib/modules'
