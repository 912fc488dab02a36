# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What the end-to-end test and the quick start both do. To be sourced. The caller sets:
#   tool    the oskbc program, absolute
#   work    a private folder
#   skopeo  a skopeo that knows key providers
#   agent   the oskbc-agent-grpc program, absolute, for start_agent()
# shellcheck disable=SC2034,SC2154  # variables of the file that this is sourced into, and for it

keyset_guid=e6f5a162-d67f-4750-a67c-5d065f2a9910
guide_parameter=keys.json:key_id1
guest_parameter=offline_sev_kbc::null

# Where a fetched skopeo is kept.
skopeo_cache() {
  printf '%s/oskbc/skopeo' "${XDG_CACHE_HOME:-${HOME:-~}/.cache}"
}

secret_file() {
  printf '%s/sys/kernel/security/secrets/coco/%s' "$1" "$keyset_guid"
}

# Lays a keyset out as a guest's kernel would show it.
inject() {
  local root=$1 keyset=$2 file
  file=$(secret_file "$root")
  mkdir -p "${file%/*}"
  cp "$keyset" "$file"
  chmod 0440 "$file"
}

# A keyset of pairs: an id, a file with the raw key.
make_keyset() {
  python3 - "$@" <<'END'
import base64, json, pathlib, sys
ids, files = sys.argv[1::2], sys.argv[2::2]
print(json.dumps({i: base64.b64encode(pathlib.Path(f).read_bytes()).decode() for i, f in zip(ids, files)}))
END
}

# Writes the configuration that tells ocicrypt to start the tool with these arguments.
provider_config() {
  local file=$1
  shift
  python3 - "$tool" "$@" >"$file" <<'END'
import json, sys
command = {"path": sys.argv[1], "args": sys.argv[2:]}
print(json.dumps({"key-providers": {"attestation-agent": {"cmd": command}}}))
END
}

# Runs skopeo copy in the work folder, because a parameter's file is looked up in the working directory.
# A provider that hangs would hang the client for ever, so there is a limit. XDG_DATA_HOME is where it
# keeps notes about blobs; ours are of no use later.
copy_image() {
  local config=$1
  shift
  (cd "$work" && OCICRYPT_KEYPROVIDER_CONFIG=$config XDG_DATA_HOME=$work/notes timeout -k 5 30 \
    "$skopeo" --tmpdir "$work" copy --insecure-policy -q "$@" </dev/null)
}

encrypt_image() {
  local config=$1 parameter=$2 from=$3 to=$4
  copy_image "$config" --encryption-key "provider:attestation-agent:$parameter" "oci:$from" "oci:$to"
}

decrypt_image() {
  local config=$1 from=$2 to=$3
  copy_image "$config" --decryption-key "provider:attestation-agent:$guest_parameter" "oci:$from" "oci:$to"
}

# Prints what follows a word in a file, once a service that was just started has written it there; fails if it
# does not in twenty seconds.
word_after() {
  local word=$1 file=$2 found=
  for _ in {1..200}; do
    # What was started in the background makes the file itself, sooner or later.
    [ ! -e "$file" ] || found=$(sed -n "s/^.*$word //p" "$file")
    [ -z "$found" ] || break
    sleep 0.1
  done
  if [ -z "$found" ]; then
    printf 'no "%s" in %s, the service has not started:\n' "$word" "$file" >&2
    cat "$file" >&2
    return 1
  fi
  printf '%s' "$found"
}

# Starts the agent in a guest's root, $work/NAME, and tells ocicrypt of it in $work/NAME.conf. `agents` gets its
# process.
start_agent() {
  local name=$1 address
  "$agent" --root "$work/$name" --keyprovider_sock 127.0.0.1:0 >"$work/$name.addresses" 2>"$work/$name.log" &
  agents+=($!)
  address=$(word_after keyprovider: "$work/$name.addresses") || return
  printf '{"key-providers":{"attestation-agent":{"grpc":"%s"}}}\n' "$address" >"$work/$name.conf"
}
