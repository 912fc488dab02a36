#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Three lists of names have to be one: what the header declares, what the symbol map lists, what the
# library exports.
#
# usage: check-exports.sh LIBRARY HEADER MAP
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=checks.sh
. "$(dirname "$0")/checks.sh"

names_in_header() {
  # A declaration may go over several lines; the name is the word before the first parenthesis.
  sed '/^#/d' "$1" | tr '\n' ' ' | grep -oE 'OSKBC_API [^(;]*\(' | sed -E 's/[[:space:]]*\($//; s/.*[^A-Za-z0-9_]//' |
    LC_ALL=C sort
}

# Wildcards come out as they are and then differ from the header: they export by accident.
names_in_map() {
  sed -e 's|/\*.*\*/||' -e '/local:/,/}/d' "$1" | sed -nE 's/^[[:space:]]*([^[:space:]:{}]+);.*/\1/p' |
    LC_ALL=C sort
}

# The version node itself is an absolute symbol, type A, and no name that one could call.
names_in_library() {
  nm -D --defined-only "$1" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | LC_ALL=C sort
}

compare() {
  local one=$1 one_name=$2 other=$3 other_name=$4 name
  while read -r name; do
    problem "$one_name" "$name is there, but not in $other_name" \
      'a new function needs both, and no function goes away without a new soversion'
  done < <(LC_ALL=C comm -23 "$one" "$other")
}

check_prefix() {
  local name
  while read -r name; do
    problem "$1" "$name does not start with oskbc_" 'rename it, or keep it inside'
  done < <(grep -v '^oskbc_' "$2" || true)
}

[ $# = 3 ] || usage LIBRARY HEADER MAP
need nm
readelf -h "$1" 2>/dev/null | grep -q 'DYN ' || skip "$1 is no shared library"
make_work_folder
names_in_header "$2" >"$work/header"
names_in_map "$3" >"$work/map"
names_in_library "$1" >"$work/library"

[ -s "$work/header" ] || problem "$2" 'declares nothing with OSKBC_API' 'give the public header'
compare "$work/header" "$2" "$work/map" "$3"
compare "$work/map" "$3" "$work/header" "$2"
compare "$work/header" "$2" "$work/library" "$1"
compare "$work/library" "$1" "$work/header" "$2"
check_prefix "$1" "$work/library"
finish "$(wc -l <"$work/header") names in ${2##*/}, ${3##*/} and ${1##*/}"
