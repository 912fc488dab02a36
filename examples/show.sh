# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What the scripts of this folder share: how they show what they do. To be sourced after
# test/e2e/common.sh. The caller sets `work` (a private folder, where it stands when these are called),
# `top` (the repository) and `e2e` (the folder test/e2e), and `owner_tool` and `platform` (the programs) for the
# owner's steps.
# shellcheck disable=SC2034,SC2154

policy=1
setup_options=()
command_line='console=ttyS0 agent.aa_kbc_params=offline_sev_kbc::null'

title() {
  printf '\n== %s\n' "$*"
}

stop() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# Builds these targets in $build, once it is set up with the options in $setup_options.
build_targets() {
  # A reader's umask holds for what is built; ours is for the keys.
  (
    umask 022
    [ -f "$build/build.ninja" ] || meson setup "$build" "$top" --buildtype=release "${setup_options[@]}"
    ninja -C "$build" "$@"
  )
}

# Runs a command and shows it, as a reader would type it.
run() {
  printf '$ %s\n' "$*"
  "$@"
}

oskbc() {
  "$tool" "$@"
}

sev-guest-owner() {
  "$owner_tool" "$@"
}

platform_tool() {
  "$platform" "$@"
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

# An image, encrypted with key_id1 of keys.json; leaves plain/, encrypted/ and first.packet.
encrypt_demo() {
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
  cp "$top"/test/vectors/ocicrypt/skopeo1.18_keyunwrap_layer1.std{in,out}.json .
  python3 -c 'import json, sys; print(json.load(sys.stdin)["keyunwrapparams"]["annotation"])' \
    <skopeo1.18_keyunwrap_layer1.stdin.json >first.packet
}

# The client starts the key provider once for each layer, and each start reads the secret, so it stays
# for the while. An agent, which opens the keyset once, needs no such thing.
decrypt_demo() {
  local root=$1
  title 'The guest: the image, decrypted'
  provider_config guest.conf --root "$work/$root" --keep-secret keyprovider
  printf '$ skopeo copy --insecure-policy \\\n    --decryption-key provider:attestation-agent:%s \\\n    %s\n' \
    "$guest_parameter" 'oci:encrypted oci:decrypted'
  decrypt_image "$work/guest.conf" "$work/encrypted" "$work/decrypted"
  python3 "$e2e/oci_layout.py" compare plain decrypted || stop 'the decrypted image differs'
  echo 'The decrypted image equals the first one, byte for byte.'
}

answer_recording() {
  local root=$1
  title 'The guest: a recorded request, answered'
  printf '$ oskbc --root %s --keep-secret keyprovider <request >answer\n' "$root"
  oskbc --root "$root" --keep-secret keyprovider <skopeo1.18_keyunwrap_layer1.stdin.json >answer
  python3 - answer skopeo1.18_keyunwrap_layer1.stdout.json <<'END' || stop 'the answer differs'
import base64, json, sys
one, other = (json.load(open(file))["keyunwrapresults"]["optsdata"] for file in sys.argv[1:])
sys.exit(bytes(one) != base64.b64decode(other))
END
  echo 'The answer says the same as the recorded one.'
}

make_keys() {
  title '1. The guest owner makes a key and wraps an image with it'
  if [ -z "$skopeo" ]; then
    take_recording
    echo 'The key and the packet are recorded ones.'
    return
  fi
  run sev-guest-owner keygen key_id1
  encrypt_demo
  run sev-guest-owner image check encrypted --keys keys.json
}

compute_digest() {
  title '2. The guest owner computes the launch digest of what will be booted'
  python3 "$top/test/host/fake_firmware.py" ovmf.fd
  printf 'a kernel' >vmlinuz
  printf 'an initrd with liboskbc and its agent' >initrd.img
  run sev-guest-owner digest --ovmf ovmf.fd --kernel vmlinuz --initrd initrd.img --append "$command_line"
  digest=$(sev-guest-owner digest --ovmf ovmf.fd --kernel vmlinuz --initrd initrd.img \
    --append "$command_line" --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["digests"][0]["hex"])')
}
