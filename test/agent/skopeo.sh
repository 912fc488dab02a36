#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The real client from end to end: skopeo encrypts an image with oskbc, and decrypts it with what oskbc-agent-grpc answers,
# and with what `oskbc --agent` has from oskbc-agent. Prints TAP.
#
# usage: skopeo.sh OSKBC OSKBC-AGENT-GRPC OSKBC-AGENT
set -euo pipefail
shopt -s inherit_errexit
umask 077

here=$(cd "$(dirname "$0")" && pwd)
e2e=$here/../e2e
# shellcheck source-path=SCRIPTDIR source=../e2e/common.sh
. "$e2e/common.sh"
# shellcheck source-path=SCRIPTDIR source=../tools/tap.sh
. "$here/../tools/tap.sh"

prepare() {
  local key
  for key in one other; do
    head -c 32 /dev/urandom >"$work/$key.key"
  done
  make_keyset key_id1 "$work/one.key" >"$work/keys.json"
  make_keyset key_id2 "$work/other.key" >"$work/unknown.json"
  inject "$work/guest" "$work/keys.json"
  inject "$work/unknown" "$work/unknown.json"
  provider_config "$work/owner.conf" keyprovider
  python3 "$e2e/make_image.py" "$work/plain"
  encrypt_image "$work/owner.conf" "$guide_parameter" "$work/plain" "$work/encrypted"
}

comes_back() {
  decrypt_image "$work/guest.conf" "$work/encrypted" "$work/$1" >"$work/out" 2>"$work/err" &&
    python3 "$e2e/oci_layout.py" compare "$work/plain" "$work/$1" >"$work/out" 2>"$work/err"
}

is_gone() {
  [ ! -e "$(secret_file "$work/guest")" ]
}

shows_the_reason() {
  ! decrypt_image "$work/unknown.conf" "$work/encrypted" "$work/failed" >"$work/out" 2>"$work/err" &&
    complains OSKBC_E_UNKNOWN_KEY && grep -q OSKBC_E_UNKNOWN_KEY "$work/unknown.log" &&
    [ ! -e "$work/failed/index.json" ]
}

# An agent over ttRPC, which the client reaches by the command that it starts for each layer.
start_bridge() {
  inject "$work/bridge" "$work/keys.json"
  mkdir -p "$work/bridge/etc"
  echo 'aa_kbc_params = "offline_sev_kbc::null"' >"$work/bridge/etc/agent-config.toml"
  "$ttrpc_agent" --root "$work/bridge" --cdh_sock "unix://$work/bridge.sock" >"$work/bridge.addresses" \
    2>"$work/bridge.log" &
  agents+=($!)
  word_after cdh: "$work/bridge.addresses" >/dev/null
  provider_config "$work/bridge.conf" --agent "unix://$work/bridge.sock" keyprovider
}

comes_back_by_bridge() {
  decrypt_image "$work/bridge.conf" "$work/$1" "$work/$2" >"$work/out" 2>"$work/err" &&
    python3 "$e2e/oci_layout.py" compare "$work/$3" "$work/$2" >"$work/out" 2>"$work/err"
}

# More layers than a keyset that can be read once would do.
makes_many_layers() {
  python3 "$e2e/make_image.py" "$work/many" 12 &&
    encrypt_image "$work/bridge.conf" "$guide_parameter" "$work/many" "$work/many.encrypted" >"$work/out" 2>"$work/err"
}

# Whether all of them end with 0.
stop_agents() {
  local pid status=0
  for pid in "${agents[@]}"; do
    kill "$pid" 2>/dev/null || true
    wait "$pid" || status=$?
  done
  agents=()
  return $status
}

main() {
  if [ $# != 3 ] || [ ! -x "$1" ] || [ ! -x "$2" ] || [ ! -x "$3" ]; then
    echo 'usage: skopeo.sh OSKBC OSKBC-AGENT-GRPC OSKBC-AGENT' >&2
    exit 64
  fi
  tool=$(readlink -f "$1") agent=$(readlink -f "$2") ttrpc_agent=$(readlink -f "$3")
  agents=()
  trap 'stop_agents; rm -rf "$work"' EXIT
  if ! skopeo=$("$e2e/fetch_skopeo.sh" "$(skopeo_cache)" 2>"$work/fetch.log"); then
    printf '1..0 # SKIP %s\n' "$(tail -n 1 "$work/fetch.log")"
    return
  fi
  prepare
  start_agent guest
  start_agent unknown
  check 'the client decrypts all layers over gRPC, each byte as before' comes_back first
  check 'the secret is gone' is_gone
  check 'the same agent opens the image again' comes_back second
  check 'a key that is not there fails, and the agent says why' shows_the_reason
  start_bridge
  check 'the client decrypts all layers by a command that asks the agent' comes_back_by_bridge encrypted third plain
  check 'an image of many layers is encrypted by the same command' makes_many_layers
  check 'and decrypted, each byte as before' comes_back_by_bridge many.encrypted many.decrypted many
  check 'the agents stop cleanly' stop_agents
  finish
}

main "$@"
