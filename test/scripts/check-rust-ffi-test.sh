#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Proves that check-rust-ffi.sh sees header and Rust drift apart: changes copies of both in many ways, and
# expects a message for each change.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=checks.sh
. "$(dirname "$0")/checks.sh"

header=$top/include/oskbc/oskbc.h
crate=$top/examples/rust
changes=0

start() {
  rm -rf "$work/src"
  cp -R "$header" "$crate/src" "$work"
  messages=()
}

# FILE SED-SCRIPT MESSAGE: a script that changes nothing would show nothing.
plant() {
  local file=$work/$1
  changes=$((changes + 1))
  messages+=("$3")
  cp "$file" "$work/before"
  sed -E -i -e "$2" "$file"
  ! cmp -s "$file" "$work/before" || problem "$1" "'$2' changes nothing" 'mend this test'
}

# One run of the check for all that was planted since the start; it takes a second.
expect_all() {
  local output message status=0
  output=$("$top/test/scripts/check-rust-ffi.sh" "$work/oskbc.h" "$work" 2>&1) || status=$?
  [ "$status" = 1 ] || problem check-rust-ffi.sh "exit status $status" 'expected 1'
  for message in "${messages[@]}"; do
    [[ $output == *"$message"* ]] || problem check-rust-ffi.sh "does not say: $message" "it says: $output"
  done
}

change_rust() {
  start
  plant src/ffi.rs '/pub fn oskbc_version/d' 'oskbc.h: has "oskbc_version() -> *const c_char"'
  plant src/ffi.rs 's/oskbc_wipe\(data: \*mut c_void, len: usize\)/oskbc_wipe(data: *mut c_void, len: u32)/' \
    'has "oskbc_wipe(data: *mut c_void, len: usize)"'
  plant src/ffi.rs 's/uri: \*const c_char/uri: *mut c_char/' 'has "oskbc_get_resource(client: *const oskbc_client, uri: *const c_char'
  plant src/ffi.rs 's/(oskbc_client_key_count\(.*\)) -> usize/\1 -> oskbc_status/' \
    'has "oskbc_client_key_count(client: *const oskbc_client) -> usize"'
  plant src/ffi.rs 's/(fn oskbc_strerror\(.*\)) -> [^;]*/\1/' 'has "oskbc_strerror'
  plant src/ffi.rs 's/fn oskbc_client_close\(client: \*mut \*mut/fn oskbc_client_close(client: *mut/' \
    'has "oskbc_client_close(client: *mut *mut oskbc_client)"'
  plant src/ffi.rs 's/^( *)pub fn oskbc_last_error/\1pub fn oskbc_more();\n&/' 'ffi.rs: has "oskbc_more()"'
  plant src/ffi.rs 's/(OSKBC_E_WIPE.*) = 6/\1 = 7/' 'has "const OSKBC_E_WIPE: oskbc_status = 6"'
  plant src/ffi.rs '/OSKBC_E_INTERNAL/d' 'has "const OSKBC_E_INTERNAL: oskbc_status = 14"'
  plant src/ffi.rs 's/oskbc_status = c_int/oskbc_status = i64/' 'has "type oskbc_status = c_int"'
  plant src/ffi.rs 's/pub struct oskbc_options/pub struct options/' 'has "opaque struct oskbc_options"'
  plant src/status.rs '/OSKBC_E_DECRYPT/d' 'has "DECRYPT = OSKBC_E_DECRYPT;"'
  plant src/status.rs 's/IO = /FILE = /' 'status.rs: has "FILE = OSKBC_E_IO;"'
  expect_all
}

change_header() {
  start
  plant oskbc.h 's/^OSKBC_API void oskbc_wipe/OSKBC_API int oskbc_new(unsigned* flags);\n&/' 'oskbc.h: has "oskbc_new('
  plant oskbc.h 's/size_t request_len/uint32_t request_len/' 'request_len: uint32_t'
  plant oskbc.h 's/^  OSKBC_E_KEYSET_FILE_OLD = 18/&,\n  OSKBC_E_NEW = 19/' 'has "const OSKBC_E_NEW: oskbc_status = 19"'
  plant oskbc.h 's/typedef int oskbc_status/typedef long oskbc_status/' 'has "type oskbc_status = c_int"'
  expect_all
}

take_another_file_for_the_header() {
  start
  plant oskbc.h 's/^OSKBC_API/API/' 'declares no function with OSKBC_API'
  expect_all
}

make_work_folder
"$top/test/scripts/check-rust-ffi.sh" "$header" "$crate" || problem check-rust-ffi.sh 'fails as it is' 'mend this first'
change_rust
change_header
take_another_file_for_the_header
finish "$changes changes of header and Rust"
