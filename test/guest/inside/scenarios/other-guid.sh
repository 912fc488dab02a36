# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash source=test/guest/inside/lib.sh
. /test/lib.sh
situation 'another GUID only'
gives 4 'which has 1 entry, among them' oskbc list
doctor_blames 4 entry 'which has 1 entry, among them'
