#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Proves that check-man.sh sees what it is there for: breaks one promise after the other in a copy, and expects
# each to be found, by its file and its reason.
#
# usage: check-man-test.sh [TOOL]
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=checks.sh
. "$(dirname "$0")/checks.sh"

plants=0
expected=()
header=include/oskbc/oskbc.h
unwrap_page=lib/man/oskbc_unwrap_key.3

make_copy() {
  rm -rf "${work:?}/tree"
  mkdir -p "$work/tree/lib"
  cp -R "$top/include" "$top/tools" "$work/tree"
  cp -R "$top/lib/man" "$top/lib/liboskbc.map" "$work/tree/lib"
}

# What the next run has to find: what was broken, the file, the message. Several at once, because a run takes
# some seconds.
expect() {
  expected+=("$1" "$2" "$3")
  plants=$((plants + 1))
}

run_check() {
  local output status=0 i
  output=$("$top/test/scripts/check-man.sh" --root "$work/tree" "$@" 2>&1) || status=$?
  [ "$status" = 1 ] || problem check-man.sh "exits with $status for broken promises" 'expected 1'
  for ((i = 0; i < ${#expected[@]}; i += 3)); do
    grep -F "FAIL ${expected[i + 1]}: " <<<"$output" | grep -qF "${expected[i + 2]}" ||
      problem check-man.sh "does not find ${expected[i]}" "expected ${expected[i + 1]}: ${expected[i + 2]}"
  done
  expected=()
  make_copy
}

# Edits a file of the copy; an edit that changes nothing would prove nothing.
edit() {
  local file=$work/tree/$1
  cp "$file" "$work/before"
  sed -i "$2" "$file"
  ! cmp -s "$file" "$work/before" || problem check-man-test.sh "nothing to change in $1 with $2" 'mend this test'
}

make_work_folder
make_copy
"$top/test/scripts/check-man.sh" --root "$work/tree" "$@" || problem check-man.sh 'fails on the copy as it is' 'mend that first'

rm "$work/tree/$unwrap_page"
expect 'a missing page' lib/man 'oskbc_unwrap_key is in the NAME of 0 pages'
edit lib/liboskbc.map 's/    oskbc_wipe;/    oskbc_wipe;\n    oskbc_wrap_key;/'
expect 'a new export' lib/liboskbc.map 'exports oskbc_wrap_key'
edit lib/man/oskbc_last_error.3 's/oskbc_wipe, oskbc_version/oskbc_wipe, oskbc_version, oskbc_gone/'
expect 'a page for what is gone' lib/man/oskbc_last_error.3 'names oskbc_gone'
edit $header 's/  OSKBC_E_KEYSET_FILE_OLD = 18/  OSKBC_E_KEYSET_FILE_OLD = 18,\n  OSKBC_E_NEW = 19/'
expect 'a new status' lib/man/oskbc.3 'lacks OSKBC_E_NEW with its number 19'
edit lib/man/oskbc.3 's/oskbc_client_key_count, //'
expect 'a function that the overview lacks' lib/man/oskbc.3 'lacks oskbc_client_key_count'
edit lib/man/meson.build "s/'oskbc_wipe'//"
expect 'a page that is not installed' lib/man/meson.build 'does not install a page for oskbc_wipe'
run_check

edit $header 's/size_t packet_len, uint8_t\* out/uint32_t packet_len, uint8_t* out/'
expect 'a changed prototype' $unwrap_page "its SYNOPSIS lacks 'oskbc_status oskbc_unwrap_key"
edit $header 's/^OSKBC_API void oskbc_wipe/OSKBC_API void oskbc_forget(void);\n&/'
expect 'a new function' lib/man 'oskbc_forget is in the NAME of 0 pages'
edit $unwrap_page 's/^\.B OSKBC_E_DECRYPT/.B OSKBC_E_WIPE/'
expect 'a status that the page lacks' $unwrap_page 'lacks OSKBC_E_DECRYPT'
expect 'a status that is not returned' $unwrap_page 'has OSKBC_E_WIPE'
if [ $# -gt 0 ]; then
  edit "tools/${1##*/}/${1##*/}.1" 's/\\-\\-json//g'
  expect 'an option without a word' "tools/${1##*/}" 'no page has --json'
fi
run_check "$@"
finish "$plants broken promises"
