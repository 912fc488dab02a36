#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Runs an example on the sample's fake tree and compares what it writes. Meson's suite "examples" calls it.
#
# usage: try.sh unwrap PROGRAM           unwrap.c
#        try.sh rust TARGET_FOLDER BUILD rust/ and its tests, with cargo and the library of Meson's folder BUILD
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
# Nobody debugs these builds, and they take less time without what debuggers need.
run_cargo() {
  (cd "$sample/../rust" && CARGO_PROFILE_DEV_DEBUG=0 cargo "$@" --offline --locked) || fail "cargo $*"
}

# Both ways to the library: the folder by its name, and pkg-config with the file that is installed.
try_rust() {
  local target=$1 build
  if ! command -v cargo >/dev/null; then
    printf 'SKIP: cargo is not installed, so the Rust wrapper was not built\n'
    exit 77
  fi
  build=$(cd "$2" && pwd)
  export LD_LIBRARY_PATH=$build/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
  sed "s|^libdir=.*|libdir=$build/lib|" "$build/meson-private/oskbc.pc" >"$work/oskbc.pc"
  export PKG_CONFIG_PATH=$work
  if [ -e "$build/lib/liboskbc.so" ]; then
    OSKBC_LIB_DIR=$build/lib run_cargo test --target-dir "$target"
  else
    export OSKBC_STATIC=1
    run_cargo test --target-dir "$target"
  fi
  run_cargo build --examples --target-dir "$target"
  try_unwrap "$target/debug/examples/unwrap"
  try_attestation_agent "$target/debug/examples/attestation_agent"
  try_data_hub "$target/debug/examples/data_hub"
  if [ "${OSKBC_STATIC:-}" = 1 ]; then
    try_static_program "$target"
  else
    refuse_static_program "$target"
  fi
}

# The packet's values in the order of the agent's command line.
packet_values() {
  sed -E 's/.*"kid":"([^"]+)","wrapped_data":"([^"]+)","iv":"([^"]+)","wrap_type":"([^"]+)".*/\1 \2 \3 \4/' \
    "$sample/packet.json"
}

try_attestation_agent() {
  local program=$1 values
  read -ra values < <(packet_values)
  make_tree
  "$program" $params "$work/root" "${values[@]}" >"$work/options" || fail "$program: exit status $?"
  cmp "$work/options" <(expected_options) || fail "$program writes other options than the sample's"
  if "$program" $params "$work/root" "${values[@]}" >"$work/options" 2>"$work/error"; then
    fail "$program succeeds when the secret is gone"
  fi
  [ ! -s "$work/options" ] || fail "$program writes something when the secret is gone"
  printf 'ok: %s unwraps the sample once per keyset\n' "${program##*/}"
}

try_data_hub() {
  local program=$1
  make_tree
  "$program" "$work/root" kbs:///default/key/1 kbs:///default/key/1 >"$work/keys" || fail "$program: exit status $?"
  [ "$(stat -c %s "$work/keys")" = 64 ] || fail "$program does not write the sample's key twice"
  [ "$(head -c 32 "$work/keys" | sha256sum)" = "$(tail -c 32 "$work/keys" | sha256sum)" ] ||
    fail "$program writes two keys for one URI"
  printf 'ok: %s answers two requests from one keyset\n' "${program##*/}"
}

# A program that needs no shared library, where the library was built static.
try_static_program() {
  local target=$1 program=$1/static/unwrap triple
  triple=$(rustc -vV | sed -n 's/^host: //p')
  RUSTFLAGS='-C target-feature=+crt-static' run_cargo build --examples --target "$triple" --target-dir "$target"
  mkdir -p "$target/static"
  cp "$target/$triple/debug/examples/unwrap" "$program"
  ! readelf -d "$program" | grep -q NEEDED || fail "$program needs a shared library"
  try_unwrap "$program"
}

# What would build and not start is refused.
refuse_static_program() {
  local target=$1
  if (cd "$sample/../rust" && RUSTFLAGS='-C target-feature=+crt-static' \
    cargo build --offline --locked --target-dir "$target/refused") >"$work/error" 2>&1; then
    fail 'a static program is built over a shared library'
  fi
  grep -q 'set OSKBC_STATIC=1' "$work/error" || fail 'a static program over a shared library: no word of OSKBC_STATIC'
  printf 'ok: a static program over a shared library is refused\n'
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
