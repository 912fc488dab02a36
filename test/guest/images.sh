# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What prepare.sh makes of images: some encrypted and signed by their owner, what a host could offer instead, and the
# programs of the guest that check, unpack and run them. To be sourced there, after ../e2e/common.sh.
# shellcheck disable=SC2154  # the variables of prepare.sh

# Whose image it says it is.
identity=owner.example/image:1

# skopeo, which tells a lot even when it is told to be quiet; with the options that stand before its command.
use_skopeo() {
  XDG_DATA_HOME=$work/notes "$skopeo" --insecure-policy "$@" >>skopeo.log 2>&1 || {
    cat skopeo.log >&2
    return 1
  }
}

# NAME: a key pair to sign images with.
make_signer() {
  head -c 15 /dev/urandom | base64 >"$1.passphrase"
  use_skopeo generate-sigstore-key --output-prefix "$1" --passphrase-file "$1.passphrase"
}

# SIGNER IMAGE TO: signs what is in an OCI layout. Signatures travel beside images that are kept as "dir".
sign() {
  mkdir -p signatures.d
  printf 'default-docker:\n  use-sigstore-attachments: true\n' >signatures.d/default.yaml
  use_skopeo --registries.d signatures.d copy -q --sign-by-sigstore-private-key "$1.private" \
    --sign-passphrase-file "$1.passphrase" --sign-identity "$identity" "oci:$2" "dir:$3"
}

# IMAGE CHANGE: changes the list of a signed image's layers, by a line of Python, and leaves the signature.
change_layers() {
  python3 - "$1/manifest.json" "$2" <<'END'
import json, sys
manifest = json.load(open(sys.argv[1]))
exec(sys.argv[2], {"layers": manifest["layers"]})
json.dump(manifest, open(sys.argv[1], "w"))
END
}

# What a host could offer instead of the owner's image; it does not know the owner's line.
make_bad_images() {
  local root=$1 name
  python3 "$here/make_container.py" host ./container 'a line of the host'
  use_skopeo copy -q oci:host/basic "dir:$root/plain"
  use_skopeo copy -q oci:encrypted/basic "dir:$root/unsigned"
  make_signer somebody
  sign somebody encrypted/basic "$root/somebody"
  for name in dropped added; do
    cp -r "$root/basic" "$root/$name"
  done
  change_layers "$root/dropped" 'layers.pop()'
  change_layers "$root/added" 'layers.append(layers[0])'
}

# The keyset has, beside the key, what says which images may run.
make_images_keyset() {
  python3 - keys.json owner.pub "$identity" <<'END'
import base64, json, sys
keys = json.load(open(sys.argv[1]))
signed = {"type": "sigstoreSigned", "keyPath": "/run/owner.pub",
          "signedIdentity": {"type": "exactReference", "dockerReference": sys.argv[3]}}
policy = {"default": [{"type": "reject"}], "transports": {"dir": {"": [signed]}}}
keys["default/security-policy/test"] = base64.b64encode(json.dumps(policy).encode()).decode()
keys["default/cosign-public-key/test"] = base64.b64encode(open(sys.argv[2], "rb").read()).decode()
print(json.dumps(keys))
END
}

# The digest of the answers to all requests, which nobody has without the key: from a tree that stands for a guest.
expect_answers() {
  local request
  owner table build --keys keys.json -o answers.table
  owner table tree answers.table answers
  while read -r request; do
    printf '%s' "$request" | "$tool" --root answers --keep-secret keyprovider
  done | sha256sum >answers.line
}

# Layers that are compressed otherwise, and layers that were not when they were encrypted.
make_more_kinds() {
  use_skopeo copy -q --dest-compress-format zstd oci:plain/basic oci:plain/zstd
  use_skopeo copy -q oci:plain/basic docker-archive:plain/uncompressed.tar
}

# FROM KIND
encrypt_and_sign() {
  copy_image "$work/owner.conf" --encryption-key "provider:attestation-agent:$guide_parameter" "$1" \
    "oci:$work/encrypted/$2" 2>>skopeo.log
  sign owner "encrypted/$2" "$folder/images/images/$2"
}

make_encrypted_images() {
  local image
  skopeo=$("$e2e/fetch_skopeo.sh" "$(skopeo_cache)" 2>fetch.log) || {
    tail -n 1 fetch.log >no-client
    return 0
  }
  make_more_kinds
  provider_config owner.conf keyprovider
  make_signer owner
  mkdir -p encrypted images/images requests
  for image in plain/*/; do
    encrypt_and_sign "oci:$work/${image%/}" "$(basename "$image")"
  done
  encrypt_and_sign "docker-archive:$work/plain/uncompressed.tar" uncompressed
  make_bad_images images/images
  (umask 077 && make_images_keyset >images.json)
  python3 "$e2e/oci_layout.py" requests encrypted/basic >requests/requests
  expect_answers <requests/requests
  pack "$folder/requests" "$folder/requests.cpio.gz"
  pack "$folder/images" "$folder/images.cpio.gz" 1
  make_container_tools
}

# Images whose line nobody can guess, so that whoever prints it has decrypted it.
make_images() {
  cc -static -O2 "$here/container.c" -o container
  head -c 15 /dev/urandom | base64 >image.line
  python3 "$here/make_container.py" plain ./container "$(<image.line)"
  make_encrypted_images
}

# --- the guest's programs ----------------------------------------------------------------------------------

# skopeo with its loader and libraries, which may be those of another suite than the rest of the initrd.
copy_skopeo() {
  local root=$1 program=$skopeo loader=/lib64/ld-linux-x86-64.so.2 libraries=/usr/lib
  if [ -d "${skopeo%/*}/root" ]; then
    program=${skopeo%/*}/root/usr/bin/skopeo
    loader=$(find "${skopeo%/*}/root/usr/lib" -name 'ld-linux*.so.*' -type f | head -n 1)
    libraries=${loader%/*}
  fi
  mkdir -p "$root/bin" "$root/opt/skopeo"
  install "$program" "$loader" "$root/opt/skopeo"
  "$loader" --library-path "$libraries" --list "$program" | awk '$2 == "=>" { print $3 }' |
    xargs install -t "$root/opt/skopeo"
  cat >"$root/bin/skopeo" <<END
#!/bin/sh
exec /opt/skopeo/${loader##*/} --library-path /opt/skopeo /opt/skopeo/skopeo "\$@"
END
  chmod +x "$root/bin/skopeo"
}

# What the guide's guest has for containers.
make_container_tools() {
  local root=$folder/container-tools tools
  tools=$("$here/container_packages.sh")
  copy_skopeo "$root"
  LD_LIBRARY_PATH=$tools/usr/lib/x86_64-linux-gnu copy_programs "$root" "$tools"/usr/bin/{crun,umoci}
  mkdir -p "$root/var/tmp" "$root/run" "$root/etc"
  # As it is installed, for programs that are elsewhere.
  sed 's|/usr/bin/oskbc|/bin/oskbc|' "$build/tools/oskbc/ocicrypt.conf" >"$root/etc/ocicrypt.conf"
  # It is large, and not ours.
  pack "$root" "$folder/container-tools.cpio.gz" 1
}
