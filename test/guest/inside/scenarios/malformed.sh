# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash source=test/guest/inside/lib.sh
#
# The kernel's command line says how the table is malformed, and what the kernel says of it.
. /test/lib.sh
words=$(sed -n 's/.*oskbc\.words=\([^ ]*\).*/\1/p' /proc/cmdline | tr + ' ')
situation "malformed table: $(sed -n 's/.*oskbc\.kind=\([^ ]*\).*/\1/p' /proc/cmdline | tr + ' ')"
gives 4 'its table is malformed (see dmesg)' oskbc list
doctor_blames 4 entries 'its table is malformed (see dmesg)'
check "the kernel says \"$words\"" kernel_says "$words"
