#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The guest's tool at a shell: each command with right and with wrong input, what it says and what it exits
# with. Prints TAP.
#
# usage: oskbc_cli.sh OSKBC
set -euo pipefail
umask 077
tool=$(realpath "$1")
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

vectors=$(cd "$(dirname "$0")/../vectors" && pwd)
folder=sys/kernel/security/secrets/coco
guid=e6f5a162-d67f-4750-a67c-5d065f2a9910
# SHA-256 of "throw-away test key": the key of the recorded exchanges.
key=$(printf 'throw-away test key' | sha256sum | cut -c 1-64)
key_base64=$(python3 -c 'import base64, sys; print(base64.b64encode(bytes.fromhex(sys.argv[1])).decode())' "$key")

# --- what is at hand ---------------------------------------------------------------------------------

# Lays out a new fake tree with this text as its keyset; its path is in $root.
new_tree() {
  root=$(mktemp -d "$work/tree.XXXXXX")
  mkdir -p "$root/$folder"
  printf '%s' "$1" >"$root/$folder/$guid"
}

recorded() {
  printf '%s/ocicrypt/skopeo1.18_keyunwrap_layer1.%s.json' "$vectors" "$1"
}

annotation() {
  python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["keyunwrapparams"]["annotation"])' \
    "$(recorded stdin)"
}

# The plain options that the recorded exchange ended with.
expected_options() {
  python3 -c 'import base64, json, sys
sys.stdout.buffer.write(base64.b64decode(json.load(open(sys.argv[1]))["keyunwrapresults"]["optsdata"]))' \
    "$(recorded stdout)"
}

gives_options() {
  [ "$status" = 0 ] && [ ! -s "$work/err" ] && cmp -s "$work/out" "$work/options"
}

secret_is_there() {
  [ -e "$root/$folder/$guid" ]
}

secret_is_gone() {
  [ ! -e "$root/$folder/$guid" ]
}

keyset="{\"key_id1\": \"$key_base64\", \"default/policy/image\": \"cG9saWN5\"}"
annotation >"$work/packet.b64"
base64 -d "$work/packet.b64" >"$work/packet.json"
expected_options >"$work/options"

# --- the command line ---------------------------------------------------------------------------------

test_command_line() {
  local command
  accepted 'help names the commands' 'doctor' --help
  accepted 'the version is shown' '^oskbc 0\.2\.0$' --version
  for command in unwrap keyprovider resource list doctor export luks-check disk-passphrase; do
    accepted "help of $command" "^Usage: oskbc $command" "$command" --help
    accepted "version of $command" '^oskbc 0\.2\.0$' "$command" --version
  done
  refused 'no command' 64 'command is required; see oskbc --help'
  refused 'an unknown command is named' 64 'frobnicate' frobnicate
  refused 'an unknown option is named' 64 -- --frobnicate list --frobnicate
  refused 'two commands' 64 'unexpected argument doctor' list doctor
  refused 'a resource without a URI' 64 'URI' resource
  refused 'an option without its value' 64 'root' list --root
}

test_options() {
  new_tree "$keyset"
  refused 'a root that is missing' 64 '/nonexistent is not an existing directory' --root /nonexistent list
  refused 'a GUID that is none' 64 'guid: the secret.s GUID' --root "$root" --guid 12 list
  refused 'parameters of another client' 3 'offline_sev_kbc' --root "$root" --params cc_kbc::null list
  refused 'parameters without a URI' 3 'nothing after' --root "$root" --params offline_sev_kbc:: list
  check 'after wrong options the secret is still there' secret_is_there
  accepted 'options stand behind the command too' 'key_id1' list --keep-secret --root "$root"
  mv "$root/$folder/$guid" "$root/$folder/736870e5-84f0-4973-92ec-06879ce3da0b"
  accepted 'another entry by its GUID' 'key_id1' \
    --root "$root" --guid 736870E5-84F0-4973-92EC-06879CE3DA0B list
}

# --- the commands --------------------------------------------------------------------------------------

# unwraps NAME ARGUMENT...: the packet on standard input comes out as the recorded options.
unwraps() {
  local name=$1
  shift
  run --root "$root" "$@"
  check "$name" gives_options
}

test_unwrap() {
  new_tree "$keyset"
  unwraps 'a packet of JSON on standard input' --keep-secret unwrap <"$work/packet.json"
  unwraps 'a packet of base64 with its newline' --keep-secret unwrap <"$work/packet.b64"
  unwraps 'a packet from a file' --keep-secret unwrap "$work/packet.json"
  printf '%s,%s' "$(printf '{"kid":"other","wrapped_data":"","iv":"","wrap_type":"A256GCM"}' | base64 -w 0)" \
    "$(cat "$work/packet.b64")" >"$work/recipients"
  unwraps 'of several recipients the one with our key' --keep-secret unwrap "$work/recipients"
  check 'the secret is kept where asked' secret_is_there
  refused 'a file that is missing, with its absolute path' 5 "$work/missing" unwrap "$work/missing"
  printf 'garbage' >"$work/garbage"
  refused 'what is neither JSON nor base64' 8 'neither' --root "$root" unwrap "$work/garbage"
  refused 'an empty input' 8 'packet' --root "$root" unwrap /dev/null
  check 'a malformed packet does not use up the secret' secret_is_there
  unwraps 'the last time' unwrap <"$work/packet.json"
  check 'the secret is gone after it' secret_is_gone
  refused 'once more there is no secret, and why' 4 'read already' --root "$root" unwrap "$work/packet.json"
}

test_recipients() {
  local none
  new_tree "$(cat "$vectors/recipients/keys.json")"
  run --root "$root" --keep-secret unwrap "$vectors/recipients/samekid"
  check 'of two packets with the same key id the one that opens' succeeds_with '^\{"symkey":"VhPupCpqhpLv'
  none=$(printf '{"kid":"other","wrapped_data":"","iv":"","wrap_type":"A256GCM"}' | base64 -w 0)
  printf '%s,%s,%s' "$none" "$(cut -d , -f 1 "$vectors/recipients/samekid")" "$none" >"$work/recipients"
  refused 'where none opens, the reason that tells most' 12 'does not open' --root "$root" unwrap "$work/recipients"
  printf '{"provider":"aliyun","kid":"k"}' >"$work/other"
  refused 'a packet of another provider' 11 'provider' --root "$root" unwrap "$work/other"
}

test_unwrap_failures() {
  new_tree '{"key_id1": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}'
  refused 'a wrong key' 12 'does not open' --root "$root" unwrap "$work/packet.json"
  new_tree '{"key_id2": ""}'
  refused 'a key that is not there' 10 'no such key id' --root "$root" unwrap "$work/packet.json"
  new_tree '{"key_id1": "not base64"}'
  refused 'a malformed keyset, by the number of the entry' 7 'entry 1 ' --root "$root" unwrap "$work/packet.json"
  check 'a malformed keyset is removed too' secret_is_gone
  new_tree "$keyset"
  sed 's/A256GCM/A256XYZ/' "$work/packet.json" >"$work/unsupported"
  sed 's/"kid":"key_id1"/&,"kid":"key_id1"/' "$work/packet.json" >"$work/twice"
  refused 'another wrap type' 11 'A256GCM and A256CTR are' --root "$root" unwrap "$work/unsupported"
  refused 'a field that is there twice' 8 '"kid" is there twice' --root "$root" unwrap "$work/twice"
}

test_terminal() {
  if ! has_terminals; then
    skipped 'a secret does not go to a terminal' 'no terminal can be made here'
    return
  fi
  new_tree "$keyset"
  status=0
  script -qec "'$tool' --root '$root' unwrap '$work/packet.json'" /dev/null >"$work/out" 2>"$work/err" || status=$?
  check 'a secret does not go to a terminal' [ "$status" = 1 ]
  check 'which leaves the secret for a better command' secret_is_there
  script -qec "'$tool' --root '$root' unwrap --force '$work/packet.json'" /dev/null >"$work/out" 2>"$work/err" ||
    true
  check 'unless it is forced' says 'symkey'
}

test_keyprovider() {
  new_tree "$keyset"
  run --root "$root" keyprovider <"$(recorded stdin)"
  check 'a request is answered with numbers' succeeds_with '^\{"keyunwrapresults":\{"optsdata":\[123,34,'
  refused 'a second request finds no secret' 4 'read already' --root "$root" keyprovider <"$(recorded stdin)"
  new_tree "$keyset"
  refused 'no request' 9 'request' --root "$root" keyprovider </dev/null
  refused 'a request that is cut short' 9 'request' \
    --root "$root" keyprovider < <(head -c 100 "$(recorded stdin)")
  check 'a malformed request does not use up the secret' secret_is_there
}

test_resource() {
  new_tree "$keyset"
  accepted 'a resource by its URI' '^policy$' --root "$root" --keep-secret resource kbs:///default/policy/image
  accepted 'a resource by its id' '^policy$' --root "$root" --keep-secret resource default/policy/image
  refused 'a resource that is not there' 10 'no such' --root "$root" --keep-secret resource kbs:///a/b/c
  refused 'a URI of another scheme' 9 'kbs://' --root "$root" --keep-secret resource https://host/a/b/c
}

test_list() {
  new_tree "$keyset"
  accepted 'ids with lengths, sorted' '^32	key_id1$' --root "$root" --keep-secret list
  check 'ids are sorted' [ "$(head -n 1 "$work/out")" = '6	default/policy/image' ]
  check 'keys are never shown' [ "$(grep -c -e "$key_base64" -e policy$ "$work/out")" = 0 ]
  accepted 'the list as JSON' '"length": 32' --root "$root" list --json
  check 'which parses' python3 -m json.tool "$work/out" /dev/null
  check 'a list leaves the secret in place' secret_is_there
  accepted 'a list that uses the secret up' 'key_id1' --root "$root" list --consume
  check 'the secret is gone after it' secret_is_gone
  refused 'a list of what is gone' 4 'read already' --root "$root" list
  new_tree '{"a\u001b[31m": ""}'
  accepted 'control characters of an id are shown, not obeyed' 'a\\x1b\[31m' --root "$root" list
}

test_export() {
  local file
  new_tree "$keyset"
  refused 'an export without its file' 64 'offline-fs-kbc' --root "$root" export
  refused 'an export to a disk' 1 'unsafe-any-filesystem' --root "$root" export --offline-fs-kbc /proc/none
  check 'which leaves the secret for a better command' secret_is_there
  if [ "$(stat -f -c %T /dev/shm)" = tmpfs ]; then
    file=$(mktemp -u /dev/shm/oskbc-cli.XXXXXX)
    run --root "$root" --keep-secret export --offline-fs-kbc "$file" default/policy/image
    check 'chosen entries in a file' [ "$(tr -d '\n' <"$file")" = '{"default/policy/image": "cG9saWN5"}' ]
    check 'which is for its owner alone' [ "$(stat -c %a "$file")" = 600 ]
    refused 'an entry that is not there' 10 'no such' --root "$root" --keep-secret export --offline-fs-kbc "$file" a/b/c
    check 'leaves the file as it was' grep -q cG9saWN5 "$file"
    rm "$file"
  else
    skipped 'chosen entries in a file' '/dev/shm is not in memory'
  fi
  run --root "$root" export --unsafe-any-filesystem --offline-fs-kbc "$work/exported"
  check 'all entries, which read back as a keyset' python3 -c 'import json, sys
sys.exit(json.load(open(sys.argv[1])) != json.loads(sys.argv[2]))' "$work/exported" "$keyset"
  check 'the secret is used up' secret_is_gone
}

# --- doctor -------------------------------------------------------------------------------------------

# finds NAME STATUS PATTERN: the doctor ends with this status and says something like this.
finds() {
  run --root "$root" doctor
  check "doctor: $1" [ "$status" = "$2" ]
  check "doctor: $1, in words" says "$3"
  check "doctor: $1, without colour" [ "$(grep -c $'\e' "$work/out")" = 0 ]
}

test_doctor() {
  new_tree "$keyset"
  finds 'all well' 0 '^ok +keyset +1 of 2 entries'
  check 'doctor leaves the secret in place' secret_is_there
  rm "$root/$folder/$guid"
  finds 'read already' 4 '^FAIL +entry +.*read already'
  : >"$root/$folder/736870e5-84f0-4973-92ec-06879ce3da0b"
  finds 'another entry only' 4 '^FAIL +entry .*1 entry, among them a disk password'
  rm -r "$root/sys/kernel/security/secrets"
  finds 'no module' 4 '^FAIL +module .*not found.*there is no modprobe'
  mkdir -p "$root/lib/modules/6.1" "$root/boot"
  printf 'kernel/efi_secret.ko.zst:\n' >"$root/lib/modules/6.1/modules.dep"
  finds 'a module without modprobe' 4 '^FAIL +module .*is installed, but there is no modprobe'
  mkdir -p "$root/sbin" && : >"$root/sbin/modprobe"
  finds 'a module that nobody loads here' 4 '^FAIL +module .*installed but not loaded'
  printf '\nCONFIG_EFI=y\n# CONFIG_EFI_COCO_SECRET is not set\n' >"$root/boot/config-6.1"
  finds 'a kernel that keeps no secret area' 4 '^FAIL +module .*built without CONFIG_EFI_COCO_SECRET, as .*config-6.1'
  mkdir -p "$root/sys/module/efi_secret"
  finds 'such a kernel with the module' 4 '^FAIL +secret area .*built without CONFIG_EFI_COCO_SECRET'
  rm -r "${root:?}/boot"
  mkdir -p "$root/sys/module/efi_secret"
  finds 'no secret area' 4 '^FAIL +secret area .*no EFI secret area'
  mkdir -p "$root/sys/devices/platform/efi_secret.0"
  finds 'an area that was not populated' 4 '^FAIL +entries .*not populated'
  rm -r "$root/sys/kernel"
  finds 'no securityfs' 4 '^FAIL +securityfs .*not mounted'
}

test_doctor_on_keysets() {
  new_tree '{'
  finds 'a malformed keyset' 7 '^FAIL +keyset .*malformed at byte 1'
  new_tree '{}'
  finds 'no key that could unwrap' 10 '^FAIL +keyset .*no key of 32 bytes among its 0 entries'
  new_tree "$keyset"
  run --root "$root" --params cc_kbc::x doctor
  check 'doctor: wrong parameters' [ "$status" = 3 ]
  mkdir "$root/etc"
  printf '"aa_kbc_params" = "cc_kbc::x"\n' >"$root/etc/agent-config.toml"
  finds 'an agent that is told otherwise' 3 '^FAIL +parameters .*agent-config.toml: .*another KBC'
  printf '"aa_kbc_params" = """offline_sev_kbc::x"""\n' >"$root/etc/agent-config.toml"
  finds 'an agent that is told right' 0 '^ok +parameters .*agent-config.toml says'
  run --root "$root" doctor --json
  check 'doctor: JSON parses' python3 -m json.tool "$work/out" /dev/null
  if ! has_terminals; then
    skipped 'doctor: coloured on a terminal' 'no terminal can be made here'
    return
  fi
  status=0
  TERM=xterm script -qec "'$tool' --root '$root' doctor" /dev/null >"$work/out" 2>"$work/err" || status=$?
  check 'doctor: coloured on a terminal' says $'\e\\[32mok'
}

test_command_line
test_options
test_unwrap
test_recipients
test_unwrap_failures
test_terminal
test_keyprovider
test_resource
test_list
test_export
test_doctor
test_doctor_on_keysets
finish
