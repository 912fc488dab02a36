#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The Rust wrapper declares the C interface by hand: every function with its parameters and types, every
# status with its number, and nothing else. Both files are brought into Rust's form and compared, so that
# this needs no Rust.
#
# usage: check-rust-ffi.sh HEADER CRATE   (the crate's folder, with src/ffi.rs and src/status.rs)
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=checks.sh
. "$(dirname "$0")/checks.sh"

# What is not found is missed by the comparison, so a search that finds nothing is no failure here.
find_all() {
  grep -oE "$1" || true
}

# Without comments and directives, on one line.
flatten_c() {
  sed '/^#/d' "$1" | tr '\n' ' ' | sed -E 's@/\*([^*]|\*+[^*/])*\*+/@@g'
}

flatten_rust() {
  sed 's@//.*@@' "$1" | tr -s '[:space:]' ' '
}

# Prints each function of the header as Rust writes it. An @ stands for the space of a pointer, so that
# "const oskbc_client," is not taken for a type and a name once more.
functions_in_header() {
  flatten_c "$1" | find_all 'OSKBC_API [^;]+;' | tr -s ' ' | sed -E '
    s/^OSKBC_API //
    s/;$//
    s/\(void\)/()/
    s/^(.* \**)([a-z_]+)\(/\1@\2(/
    s/([(,] ?)const ([a-z0-9_]+)\* ([a-z_]+)/\1\3: *const@\2/g
    s/([(,] ?)([a-z0-9_]+)\*\* ([a-z_]+)/\1\3: *mut@*mut@\2/g
    s/([(,] ?)([a-z0-9_]+)\* ([a-z_]+)/\1\3: *mut@\2/g
    s/([(,] ?)([a-z0-9_]+) ([a-z_]+)/\1\3: \2/g
    s/^void @(.*)$/\1/
    s/^const ([a-z0-9_]+)\* @(.*)$/\2 -> *const@\1/
    s/^([a-z0-9_]+) @(.*)$/\2 -> \1/
    s/@/ /g' | in_rust_types
}

in_rust_types() {
  sed -E 's/\bchar\b/c_char/g; s/\bint\b/c_int/g; s/\bvoid\b/c_void/g; s/\bsize_t\b/usize/g; s/\buint8_t\b/u8/g'
}

functions_in_rust() {
  flatten_rust "$1" | find_all 'pub fn [^;]+;' | sed -E 's/^pub fn //; s/;$//; s/\( /(/; s/,? \)/)/'
}

types_and_statuses_in_header() {
  flatten_c "$1" | find_all 'typedef [a-z_]+ oskbc_status' | sed -E 's/typedef (.*) (.*)/type \2 = \1/' | in_rust_types
  flatten_c "$1" | find_all 'typedef struct [a-z_]+' | sed 's/typedef/opaque/'
  flatten_c "$1" | find_all 'OSKBC_[A-Z_]+ = [0-9]+' |
    sed -E 's/ = /: oskbc_status = /; s/^(OSKBC_MEMORY_[A-Z]+): oskbc_status/\1: c_int/; s/^/const /'
}

types_and_statuses_in_rust() {
  flatten_rust "$1" | find_all 'pub (type|const) [^;]+;' | sed -E 's/^pub //; s/;$//'
  flatten_rust "$1" | find_all '#\[repr\(C\)\] pub struct [a-z_]+' | sed 's/.*pub struct/opaque struct/'
}

report() {
  local file=$1 other=$2 list=$3 other_list=$4 what=$5 line
  while read -r line; do
    problem "$file" "has \"$line\", and $other does not" "$what"
  done < <(LC_ALL=C comm -23 "$list" "$other_list")
}

# The safe wrapper has the same names for statuses, without the prefix.
names_in_header() {
  sed -nE 's/^const (OSKBC_(E_)?([A-Z_]+)): oskbc_status.*/\3 = \1;/p' "$1"
}

names_in_rust() {
  sed -nE 's/^ *([A-Z_]+ = OSKBC_[A-Z_]+;)$/\1/p' "$1"
}

[ $# = 2 ] || usage HEADER CRATE
header=$1 ffi=$2/src/ffi.rs status=$2/src/status.rs
for file in "$header" "$ffi" "$status"; do
  [ -f "$file" ] || problem "$file" 'is missing' 'give the public header and the folder of the crate'
done
[ "$problems" = 0 ] || finish nothing
make_work_folder
{ functions_in_header "$header"; types_and_statuses_in_header "$header"; } | LC_ALL=C sort >"$work/c"
{ functions_in_rust "$ffi"; types_and_statuses_in_rust "$ffi"; } | LC_ALL=C sort >"$work/rust"

grep -q '(' "$work/c" || problem "$header" 'declares no function with OSKBC_API' 'is this the header?'
report "$header" "$ffi" "$work/c" "$work/rust" 'declare it there just so'
report "$ffi" "$header" "$work/rust" "$work/c" 'write it as the header has it, or take it out'
names_in_header "$work/c" | LC_ALL=C sort >"$work/c-names"
names_in_rust "$status" | LC_ALL=C sort >"$work/rust-names"
report "$header" "$status" "$work/c-names" "$work/rust-names" 'add it to the list of statuses, with what it means'
report "$status" "$header" "$work/rust-names" "$work/c-names" 'name it as the header does'
finish "$(grep -c '(' "$work/c") functions, $(grep -c '^const.*status' "$work/c") statuses and $(grep -cE '^(type|opaque)' "$work/c") types"
