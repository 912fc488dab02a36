#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The whole way of a key, from the guest owner's keygen to the decrypted image, step by step. There is no
# SEV hardware in it: a stand-in plays the platform, with keys and certificates of its own making, and
# checks every MAC as the firmware would. The firmware is one of the test vectors', four pages with the
# tables of an AmdSev OVMF.
#
# usage: examples/whole-way.sh [OSKBC SEV-GUEST-OWNER PLATFORM-TOOL]
#
# Without arguments installs what is missing and builds the three in build/whole-way.
set -euo pipefail
umask 077

top=$(cd "$(dirname "$0")/.." && pwd)
e2e=$top/test/e2e
build=$top/build/whole-way
# shellcheck source-path=SCRIPTDIR source=../test/e2e/common.sh
. "$e2e/common.sh"
# shellcheck source-path=SCRIPTDIR source=show.sh
. "$top/examples/show.sh"

api=(--api-major 1 --api-minor 51 --build-id 3)

build_tools() {
  title 'Packages and build'
  "$top/test/scripts/install-packages.sh"
  build_targets tools/oskbc/oskbc tools/sev-guest-owner/sev-guest-owner test/owner/platform_tool
  tool=$build/tools/oskbc/oskbc
  owner_tool=$build/tools/sev-guest-owner/sev-guest-owner
  platform=$build/test/owner/platform_tool
}

open_session() {
  title '3. The platform shows its certificates; the guest owner checks them and opens a session'
  platform_tool init host
  # The root is made up, as the platform is; AMD's own are known without being named.
  run sev-guest-owner verify-chain host/pdh.cert host/cert_chain.cert host/cek.cert host/ask.cert host/ark.cert \
    --ark-sha256 "$(sha256sum host/ark.cert | cut -d ' ' -f 1)"
  run sev-guest-owner session --pdh host/pdh.cert --policy $policy -o launch
}

launch_and_measure() {
  title '4. The platform launches the guest and measures it; the guest owner checks the measurement'
  measurement=$(platform_tool launch host --godh launch/godh.cert --blob launch/launch_blob.bin \
    --policy $policy --digest "$digest" "${api[@]}")
  echo "The platform's measurement: $measurement"
  run sev-guest-owner measure --tik launch/tik "${api[@]}" --policy $policy --digest "$digest" \
    --verify "$measurement"
}

inject_secret() {
  title '5. The guest owner encrypts a secret table for this launch; the platform injects it'
  run sev-guest-owner table build --keys keys.json -o table
  run sev-guest-owner table show table
  run sev-guest-owner secret --table table --tek launch/tek --tik launch/tik --measure "$measurement" \
    "${api[@]}" --policy $policy --digest "$digest" -o packet
  platform_tool inject host --header packet/packet_header.bin --secret packet/secret.bin -o injected
}

boot_guest() {
  title '6. The guest finds the keyset where its kernel shows it'
  mkdir guest
  run sev-guest-owner table tree injected guest
  run oskbc --root guest doctor
  printf '$ oskbc --root guest --keep-secret unwrap first.packet | sha256sum\n'
  oskbc --root guest --keep-secret unwrap first.packet | sha256sum
}

end_guest() {
  title '7. The secret is read for the last time, and gone'
  run oskbc --root guest list --consume
  [ ! -e "$(secret_file guest)" ] || stop 'the secret is still there'
  echo 'The whole way is done.'
}

main() {
  case $# in
    0) build_tools ;;
    3) tool=$(realpath "$1") owner_tool=$(realpath "$2") platform=$(realpath "$3") ;;
    *)
      sed -n 's/^# \(usage\)/\1/p' "$0" >&2
      exit 64
      ;;
  esac
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  find_client
  cd "$work"
  make_keys
  compute_digest
  open_session
  launch_and_measure
  inject_secret
  boot_guest
  if [ -n "$skopeo" ]; then decrypt_demo guest; else answer_recording guest; fi
  end_guest
}

main "$@"
