#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# An initrd has to carry every library that liboskbc.so needs: the list is short and stays short.
#
# usage: check-needed.sh LIBRARY
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=checks.sh
. "$(dirname "$0")/checks.sh"

allowed='^(libcrypto|libboost_filesystem|libstdc\+\+|libgcc_s|libc|libm|ld-linux[a-z0-9_-]*)\.so(\.[0-9.]+)?$'

needed_by() {
  readelf -d "$1" | sed -nE 's/.*\(NEEDED\).*\[(.*)\].*/\1/p'
}

[ $# = 1 ] || usage LIBRARY
need readelf
readelf -h "$1" 2>/dev/null | grep -q 'DYN ' || skip "$1 is no shared library"
mapfile -t libraries < <(needed_by "$1")
[ ${#libraries[@]} -gt 0 ] || problem "$1" 'needs no library at all' 'give the library that was built'
for library in "${libraries[@]}"; do
  [[ $library =~ $allowed ]] ||
    problem "$1" "needs $library" 'do without it, or decide that every initrd carries it and add it here'
done
finish "what ${1##*/} needs: ${libraries[*]}"
