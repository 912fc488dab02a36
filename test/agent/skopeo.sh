#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The real client from end to end over gRPC: skopeo encrypts an image with oskbc, and decrypts it with what
# oskbc-agent-grpc answers. Prints TAP.
#
# usage: skopeo.sh OSKBC OSKBC-AGENT-GRPC
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
  if [ $# != 2 ] || [ ! -x "$1" ] || [ ! -x "$2" ]; then
    echo 'usage: skopeo.sh OSKBC OSKBC-AGENT-GRPC' >&2
    exit 64
  fi
  tool=$(readlink -f "$1") agent=$(readlink -f "$2")
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
  check 'the agents stop cleanly' stop_agents
  finish
}

main "$@"
