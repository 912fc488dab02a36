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
# shellcheck source-path=SCRIPTDIR source=show.sh
. "$top/examples/show.sh"

build_tool() {
  title 'Build'
  build_targets tools/oskbc/oskbc
  tool=$build/tools/oskbc/oskbc
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
  encrypt_demo
}

show_recording() {
  take_recording
  show_keys
  title 'The guest owner: a packet, as an encrypted image carries it in its manifest'
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

show_once() {
  local status=0
  title 'The guest: without --keep-secret, the keyset is read once and wiped'
  run oskbc --root guest list --consume
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
  if [ -n "$skopeo" ]; then encrypt; else show_recording; fi
  show_guest
  if [ -n "$skopeo" ]; then decrypt_demo guest; else answer_recording guest; fi
  show_once
  title 'Done'
}

main "$@"
