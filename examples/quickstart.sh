#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Builds oskbc and shows what it does, on any machine with Debian: an image is encrypted by a real
# container client, a keyset is laid out as a guest's kernel would show it, and the image is decrypted.
#
# usage: examples/quickstart.sh
#
# Installs missing packages with apt-get (as root, or with sudo), builds in build/quickstart, keeps a
# container client below ~/.cache/oskbc, and removes everything else at its end.
set -euo pipefail
umask 077

top=$(cd "$(dirname "$0")/.." && pwd)
build=$top/build/quickstart
e2e=$top/test/e2e
# shellcheck source-path=SCRIPTDIR source=../test/e2e/common.sh
. "$e2e/common.sh"

title() {
  printf '\n== %s\n' "$*"
}

stop() {
  printf 'quickstart: %s\n' "$*" >&2
  exit 1
}

# Runs a command and shows it, as a reader would type it.
run() {
  printf '$ %s\n' "$*"
  "$@"
}

oskbc() {
  "$tool" "$@"
}

build_tool() {
  title 'Build'
  # A reader's umask holds for what is built; ours is for the keys.
  (
    umask 022
    [ -f "$build/build.ninja" ] || meson setup "$build" "$top" --buildtype=release
    ninja -C "$build" tools/oskbc/oskbc
  )
  tool=$build/tools/oskbc/oskbc
}

find_client() {
  title 'A container client that knows key providers'
  if skopeo=$("$e2e/fetch_skopeo.sh" "$(skopeo_cache)" 2>"$work/fetch.log"); then
    "$skopeo" --version
  else
    skopeo=
    printf '\n********************************************************************\n'
    printf 'SKIPPED: the real client, since %s\n' "$(tail -n 1 "$work/fetch.log")"
    printf 'What follows is shown with requests that such a client once sent.\n'
    printf '********************************************************************\n'
  fi
}

show_keys() {
  title 'The guest owner: a keys file (a demonstration key, for nothing else)'
  run cat keys.json
}

# With a client: a new key, and an image encrypted with it.
encrypt() {
  head -c 32 /dev/urandom >one.key
  make_keyset key_id1 one.key >keys.json
  show_keys
  title 'The guest owner: an image, encrypted'
  python3 "$e2e/make_image.py" plain
  provider_config owner.conf keyprovider
  printf '$ skopeo copy --insecure-policy \\\n    --encryption-key provider:attestation-agent:%s \\\n    %s\n' \
    "$guide_parameter" 'oci:plain oci:encrypted'
  encrypt_image "$work/owner.conf" "$guide_parameter" "$work/plain" "$work/encrypted"
  python3 "$e2e/oci_layout.py" check-encrypted plain encrypted key_id1 A256GCM
  python3 "$e2e/oci_layout.py" show encrypted
  python3 "$e2e/oci_layout.py" packet encrypted >first.packet
}

# Without: the key of the recordings, and a packet from one of them.
take_recording() {
  printf 'throw-away test key' | sha256sum | cut -c 1-64 | python3 -c \
    'import sys; sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read()))' >one.key
  make_keyset key_id1 one.key >keys.json
  show_keys
  title 'The guest owner: a packet, as an encrypted image carries it in its manifest'
  cp "$top"/test/vectors/ocicrypt/skopeo1.18_keyunwrap_layer1.std{in,out}.json .
  python3 -c 'import json, sys; print(json.load(sys.stdin)["keyunwrapparams"]["annotation"])' \
    <skopeo1.18_keyunwrap_layer1.stdin.json >first.packet
  run base64 -d first.packet
  echo
}

show_guest() {
  title 'The guest: the keyset in a fake tree, as the kernel module efi_secret shows it'
  inject "$work/guest" keys.json
  run find guest -type f
  run oskbc --root guest --keep-secret list
  run oskbc --root guest doctor
  title 'The guest: the first layer'"'"'s key, unwrapped (a secret, so that only its digest is shown)'
  printf '$ oskbc --root guest --keep-secret unwrap first.packet | sha256sum\n'
  oskbc --root guest --keep-secret unwrap first.packet | sha256sum
}

# The client starts the key provider once for each layer, and each start reads the secret, so it stays
# for the while. An agent, which opens the keyset once, needs no such thing.
decrypt() {
  title 'The guest: the image, decrypted'
  provider_config guest.conf --root "$work/guest" --keep-secret keyprovider
  printf '$ skopeo copy --insecure-policy \\\n    --decryption-key provider:attestation-agent:%s \\\n    %s\n' \
    "$guest_parameter" 'oci:encrypted oci:decrypted'
  decrypt_image "$work/guest.conf" "$work/encrypted" "$work/decrypted"
  python3 "$e2e/oci_layout.py" compare plain decrypted || stop 'the decrypted image differs'
  echo 'The decrypted image equals the first one, byte for byte.'
}

answer_recording() {
  title 'The guest: a recorded request, answered'
  printf '$ oskbc --root guest --keep-secret keyprovider <request >answer\n'
  oskbc --root guest --keep-secret keyprovider <skopeo1.18_keyunwrap_layer1.stdin.json >answer
  python3 - answer skopeo1.18_keyunwrap_layer1.stdout.json <<'END' || stop 'the answer differs'
import base64, json, sys
one, other = (json.load(open(file))["keyunwrapresults"]["optsdata"] for file in sys.argv[1:])
sys.exit(bytes(one) != base64.b64decode(other))
END
  echo 'The answer says the same as the recorded one.'
}

show_once() {
  local status=0
  title 'The guest: without --keep-secret, the keyset is read once and wiped'
  run oskbc --root guest list
  [ ! -e "$(secret_file guest)" ] || stop 'the secret is still there'
  echo 'The file of the secret is gone. Once more:'
  run oskbc --root guest list 2>&1 || status=$?
  [ $status = 4 ] || stop "the exit status is $status, not 4 (no secret)"
  echo 'As it should be: exit status 4, no secret.'
}

main() {
  title 'Packages'
  "$top/test/scripts/install-packages.sh"
  echo 'All that is needed is installed.'
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  build_tool
  find_client
  cd "$work"
  if [ -n "$skopeo" ]; then encrypt; else take_recording; fi
  show_guest
  if [ -n "$skopeo" ]; then decrypt; else answer_recording; fi
  show_once
  title 'Done'
}

main "$@"
