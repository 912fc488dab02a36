#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Whoever linked the library yesterday can run with today's: its functions, their parameters and the types
# behind them are those of the committed dump.
#
# usage: check-abi.sh LIBRARY HEADER_FOLDER DUMP [--update]
#   --update  writes the dump anew, for a function that was added
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=checks.sh
. "$(dirname "$0")/checks.sh"

# The interface alone, and nothing of the machine that made it.
write_dump() {
  abidw --headers-dir "$2" --drop-private-types --exported-interfaces-only --type-id-style hash \
    --no-corpus-path --no-comp-dir-path --no-show-locs --no-elf-needed --out-file "$3" "$1"
}

[ $# = 3 ] || [ "$*" = "${*:1:3} --update" ] || usage 'LIBRARY HEADER_FOLDER DUMP [--update]'
readelf -h "$1" 2>/dev/null | grep -q 'DYN ' || skip "$1 is no shared library"
readelf -S "$1" | grep -q '\.debug_info' || skip "$1 has no debugging information to read types from"
need abidiff abidw
make_work_folder
if [ $# = 4 ]; then
  write_dump "$1" "$2" "$3"
  exit
fi

write_dump "$1" "$2" "$work/now.abi"
# The name of the dump is no part of the interface.
if ! abidiff "$3" "$work/now.abi" >"$work/report"; then
  cat "$work/report"
  problem "$1" "its interface is not that of ${3##*/}" \
    'what is there stays as it is; for a new function run this with --update and commit the dump'
fi
finish "$(grep -c '<function-decl' "$3") functions of ${3##*/}"
