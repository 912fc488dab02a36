# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash source=test/guest/inside/lib.sh
. /test/lib.sh
situation 'area not populated'
gives 4 'was not populated' oskbc list
doctor_blames 4 entries 'was not populated'
