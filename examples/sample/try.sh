#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Runs an example on the sample's fake tree and compares what it writes. Meson's suite "examples" calls it.
#
# usage: try.sh unwrap PROGRAM             unwrap.c
#        try.sh rust TARGET_FOLDER LIBRARY rust/, built with cargo against the library
set -euo pipefail

sample=$(cd "$(dirname "$0")" && pwd)
params=offline_sev_kbc::null

fail() {
  printf 'FAIL: %s\n' "$*"
  exit 1
}

make_tree() {
  rm -rf "$work/root"
  "$sample/make-tree.sh" "$work/root"
}

# The file ends with a newline for the sake of editors; the packet's plaintext does not.
expected_options() {
  head -c -1 "$sample/options.json"
}

# A program that unwraps one packet: right, then with the secret gone, then with a packet that is none.
try_unwrap() {
  local program=$1 status=0
  make_tree
  "$program" $params "$work/root" <"$sample/packet.json" >"$work/options" || fail "$program: exit status $?"
  cmp "$work/options" <(expected_options) || fail "$program writes other options than the sample's"
  "$program" $params "$work/root" <"$sample/packet.json" >"$work/options" 2>"$work/error" || status=$?
  [ $status = 4 ] || fail "$program: exit status $status, not 4, when the secret is gone"
  [ ! -s "$work/options" ] || fail "$program writes something when the secret is gone"
  make_tree
  status=0
  "$program" $params "$work/root" <<<'no packet' >"$work/options" 2>"$work/error" || status=$?
  [ $status = 8 ] || fail "$program: exit status $status, not 8, for a malformed packet"
  [ -s "$work/error" ] || fail "$program says nothing about a malformed packet"
  printf 'ok: %s unwraps the sample and tells failures apart\n' "${program##*/}"
}

# cargo looks at the folder that it is started in; --locked and --offline keep it from changing anything.
try_rust() {
  local target=$1 folder=${2%/*}
  if ! command -v cargo >/dev/null; then
    printf 'SKIP: cargo is not installed, so the Rust example was not built\n'
    exit 77
  fi
  case ${2##*/} in *.a)
    printf 'SKIP: the Rust example links the shared library, and this build has the static one\n'
    exit 77
    ;;
  esac
  folder=$(cd "$folder" && pwd)
  (cd "$sample/../rust" && OSKBC_LIB_DIR=$folder cargo build --offline --locked --target-dir "$target") ||
    fail 'cargo build'
  export LD_LIBRARY_PATH=$folder${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
  try_unwrap "$target/debug/oskbc-example"
}

work=$(mktemp -d "${TMPDIR:-/tmp}/oskbc-example.XXXXXX")
trap 'rm -rf "$work"' EXIT
case "${1:-}:$#" in
  unwrap:2) try_unwrap "$2" ;;
  rust:3) try_rust "$2" "$3" ;;
  *)
    sed -n 's/^# \(usage\|   \)/\1/p' "$0" >&2
    exit 64
    ;;
esac
