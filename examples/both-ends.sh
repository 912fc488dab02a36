#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The two services at work: the guest owner's key broker, which a host asks for launch bundle and launch secret,
# and the agent in the guest, which the container client asks for the layers' keys. There is no SEV hardware in
# it: stand-ins play the host and the platform, as in whole-way.sh.
#
# usage: examples/both-ends.sh [OSKBC SEV-GUEST-OWNER OSKBC-AGENT-GRPC PLATFORM-TOOL]
#
# Without arguments installs what is missing and builds the four in build/both-ends.
set -euo pipefail
umask 077

top=$(cd "$(dirname "$0")/.." && pwd)
e2e=$top/test/e2e
build=$top/build/both-ends
# shellcheck source-path=SCRIPTDIR source=../test/e2e/common.sh
. "$e2e/common.sh"
# shellcheck source-path=SCRIPTDIR source=show.sh
. "$top/examples/show.sh"

build_tools() {
  title 'Packages and build'
  "$top/test/scripts/install-packages.sh" --test
  setup_options=(-Dservices=enabled)
  build_targets tools/oskbc/oskbc tools/sev-guest-owner/sev-guest-owner \
    tools/sev-guest-owner/sev-guest-owner-serve tools/agent/oskbc-agent-grpc test/owner/platform_tool
  tool=$build/tools/oskbc/oskbc
  owner_tool=$build/tools/sev-guest-owner/sev-guest-owner
  agent=$build/tools/agent/oskbc-agent-grpc
  platform=$build/test/owner/platform_tool
}

# Sets `broker` and `broker_address`.
start_broker() {
  title '3. The guest owner says what may be released to which guest, and starts the key broker'
  platform_tool init host
  printf '{"KEYSET-1": {"allowed_digests": ["%s"], "allowed_keys": ["key_id1"], "allowed-policies": [%d]}}\n' \
    "$digest" "$policy" >keysets.json
  run cat keysets.json
  printf '$ sev-guest-owner serve --port 0 --amd-root host/ark.cert --audit audit.jsonl\n'
  "$owner_tool" serve --port 0 --amd-root host/ark.cert --audit audit.jsonl 2>broker.log &
  broker=$!
  broker_address=$(word_after 'listening on' broker.log)
  cat broker.log
}

host() {
  python3 "$top/test/broker/host.py" "$broker_address" host "$@"
}

launch_guest() {
  title '4. The host asks the broker for a launch bundle; the platform launches the guest and measures it'
  run host bundle $policy launch
  measurement=$(platform_tool launch host --godh launch/godh.cert --blob launch/launch_blob.bin \
    --policy $policy --digest "$digest" --api-major 1 --api-minor 55 --build-id 24)
  echo "The platform's measurement: $measurement"
}

inject_secret() {
  title '5. The host asks for the launch secret; the broker checks the measurement; the platform injects'
  run host secret $policy launch "$measurement" KEYSET-1 packet
  platform_tool inject host --header packet/packet_header.bin --secret packet/secret.bin -o injected
  mkdir guest
  run sev-guest-owner table tree injected guest
  echo 'Once more, and the broker refuses:'
  ! run host secret $policy launch "$measurement" KEYSET-1 again || stop 'a secret was released twice'
}

decrypt_image_by_agent() {
  title '6. In the guest, the agent answers the container client over gRPC'
  printf '$ oskbc-agent-grpc --root guest --keyprovider_sock 127.0.0.1:0\n'
  start_agent guest
  run cat guest.conf
  printf '$ skopeo copy --insecure-policy \\\n    --decryption-key provider:attestation-agent:%s \\\n    %s\n' \
    "$guest_parameter" 'oci:encrypted oci:decrypted'
  decrypt_image "$work/guest.conf" "$work/encrypted" "$work/decrypted"
  python3 "$e2e/oci_layout.py" compare plain decrypted || stop 'the decrypted image differs'
  [ ! -e "$(secret_file guest)" ] || stop 'the secret is still there'
  echo 'The decrypted image equals the first one, byte for byte, and the secret is gone from the guest.'
}

end() {
  title '7. What the broker has written down'
  run cat audit.jsonl
  kill "$broker" "${agents[@]}"
  wait "$broker" || stop 'the broker did not stop cleanly'
  wait "${agents[@]}" || stop 'the agent did not stop cleanly'
  broker='' agents=()
  echo 'Both ends are done.'
}

clean() {
  [ -z "${broker-}" ] || kill "$broker" 2>/dev/null || true
  [ ${#agents[@]} = 0 ] || kill "${agents[@]}" 2>/dev/null || true
  rm -rf "$work"
}

main() {
  case $# in
    0) build_tools ;;
    4) tool=$(realpath "$1") owner_tool=$(realpath "$2") agent=$(realpath "$3") platform=$(realpath "$4") ;;
    *)
      sed -n 's/^# \(usage\)/\1/p' "$0" >&2
      exit 64
      ;;
  esac
  agents=()
  work=$(mktemp -d)
  trap clean EXIT
  find_client
  # Meson's word for a test that could not look; what could be shown without the client, whole-way.sh shows.
  [ -n "$skopeo" ] || exit 77
  cd "$work"
  make_keys
  compute_digest
  start_broker
  launch_guest
  inject_secret
  decrypt_image_by_agent
  end
}

main "$@"
