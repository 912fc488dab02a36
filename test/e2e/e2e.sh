#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The real client from end to end: skopeo encrypts an image and decrypts it again, and each time starts
# oskbc as its key provider. Prints TAP.
#
# usage: e2e.sh OSKBC
#
# Where no skopeo with key providers can be had, says so and replays recorded exchanges instead.
set -euo pipefail
shopt -s inherit_errexit
umask 077

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$here/common.sh"

look() {
  python3 "$here/oci_layout.py" "$@"
}

# --- TAP ---------------------------------------------------------------------------------------------

count=0
failures=0

# Runs a command as a test of its own; what it prints is shown only if it fails.
check() {
  local name=$1 status=0
  shift
  count=$((count + 1))
  set +e
  (set -e; "$@") >"$work/check.log" 2>&1
  status=$?
  set -e
  if [ $status = 0 ]; then
    printf 'ok %d - %s\n' $count "$name"
  else
    printf 'not ok %d - %s\n' $count "$name"
    sed 's/^/# /' "$work/check.log"
    failures=$((failures + 1))
  fi
}

refuse() {
  printf '%s\n' "$*"
  return 1
}

# --- what is looked at -------------------------------------------------------------------------------

is_encrypted() {
  look check-encrypted "$work/plain" "$work/$1" "$2" "$3"
}

comes_back() {
  decrypt_image "$1" "$work/$2" "$work/$3"
  look compare "$work/${4:-plain}" "$work/$3"
}

# Asks the tool itself and prints its one line: the reason that the client has to show.
reason_of() {
  local status=$1 root=$2 layout=$3 got=0
  look request "$work/$layout" >"$work/request"
  timeout 20 "$tool" --root "$root" --keep-secret keyprovider <"$work/request" \
    >"$work/answer" 2>"$work/reason" || got=$?
  [ $got = "$status" ] || refuse "exit status $got, not $status: $(cat "$work/reason")" >&2
  [ ! -s "$work/answer" ] || refuse 'a failure has an answer' >&2
  [ "$(wc -l <"$work/reason")" = 1 ] || refuse 'the reason is not one line' >&2
  grep -q '^oskbc: .' "$work/reason" || refuse 'the reason lacks the name of the program' >&2
  cat "$work/reason"
}

# The client quotes what it repeats.
unquoted() {
  sed 's/\\"/"/g; s/\\\\/\\/g' "$1"
}

shows_no_key() {
  local key
  for key in "$work"/*.key; do
    ! grep -qF "$(base64 -w 0 "$key")" "$1" || refuse "$key is in what the client showed"
  done
}

# Decryption fails, the client shows our reason, and leaves no image.
fails_with() {
  local status=$1 root=$2 layout=$3 reason
  reason=$(reason_of "$status" "$root" "$layout")
  provider_config "$work/failing.conf" --root "$root" --keep-secret keyprovider
  rm -rf "$work/failed"
  if decrypt_image "$work/failing.conf" "$work/$layout" "$work/failed" >"$work/shown" 2>&1; then
    refuse 'the client succeeded'
  fi
  unquoted "$work/shown" | grep -qF -- "$reason" || refuse "not shown: $reason; but: $(cat "$work/shown")"
  shows_no_key "$work/shown"
  [ ! -e "$work/failed/index.json" ] || refuse 'the client left an image'
}

# Encryption fails, and the client shows these words.
encryption_fails() {
  local parameter=$1 word
  shift
  rm -rf "$work/failed"
  if encrypt_image "$owner" "$parameter" "$work/plain" "$work/failed" >"$work/shown" 2>&1; then
    refuse 'the client succeeded'
  fi
  for word in 'oskbc: ' "$@"; do
    unquoted "$work/shown" | grep -qF -- "$word" || refuse "not shown: $word; but: $(cat "$work/shown")"
  done
  shows_no_key "$work/shown"
}

# --- the tests ---------------------------------------------------------------------------------------

prepare() {
  prepare_keysets
  owner=$work/owner.conf
  guest=$work/guest.conf
  provider_config "$owner" keyprovider
  provider_config "$guest" --root "$work/guest" --keep-secret keyprovider
  python3 "$here/make_image.py" "$work/plain"
  python3 "$here/make_image.py" "$work/plain1" 1
}

# The owner's keys, and guests with the right keyset, with wrong keys, with another id, and with nothing.
prepare_keysets() {
  local name
  for name in one two other; do
    head -c 32 /dev/urandom >"$work/$name.key"
  done
  make_keyset key_id1 "$work/one.key" >"$work/keys.json"
  make_keyset default/key/1 "$work/two.key" key_id1 "$work/one.key" >"$work/keyset.json"
  inject "$work/guest" "$work/keyset.json"
  make_keyset key_id1 "$work/other.key" default/key/1 "$work/other.key" >"$work/wrong.json"
  inject "$work/wrong" "$work/wrong.json"
  make_keyset key_id2 "$work/one.key" >"$work/unknown.json"
  inject "$work/unknown" "$work/unknown.json"
  mkdir "$work/empty"
}

test_guide_style() {
  check 'the client encrypts with a keys file' \
    encrypt_image "$owner" "$guide_parameter" "$work/plain" "$work/guide"
  check 'every layer is encrypted' is_encrypted guide key_id1 A256GCM
  check 'the client decrypts with the injected keyset, each byte as before' comes_back "$guest" guide guide.out
}

test_field_style() {
  local type
  for type in A256GCM A256CTR; do
    check "the client encrypts with named fields, $type" encrypt_image "$owner" \
      "keypath=$work/two.key::keyid=kbs:///default/key/1::algorithm=$type" "$work/plain" "$work/$type"
    check "every layer is encrypted, $type" is_encrypted "$type" kbs:///default/key/1 "$type"
    check "the client decrypts, $type" comes_back "$guest" "$type" "$type.out"
  done
}

second_recipient() {
  encrypt_image "$owner" unknown.json:key_id2 "$work/plain" "$work/first"
  cp -r "$work/guide" "$work/both"
  look prepend "$work/both" "$work/first"
  comes_back "$guest" both both.out
}

ctr_wrong_key() {
  provider_config "$work/wrong.conf" --root "$work/wrong" --keep-secret keyprovider
  ! decrypt_image "$work/wrong.conf" "$work/A256CTR" "$work/garbage" || refuse 'the client succeeded'
  [ ! -e "$work/garbage/index.json" ] || refuse 'the client left an image'
}

test_failures() {
  cp -r "$work/guide" "$work/tampered"
  look tamper "$work/tampered"
  check 'a wrong key: the client shows why' fails_with 12 "$work/wrong" guide
  check 'a wrong key with CTR: the client notices the garbage' ctr_wrong_key
  check 'an unknown key: the client shows why' fails_with 10 "$work/unknown" guide
  check 'no secret: the client shows why' fails_with 4 "$work/empty" guide
  check 'an altered annotation: the client shows why' fails_with 12 "$work/guest" tampered
  check 'a keys file that is not there is named in full' \
    encryption_fails missing.json:key_id1 "$work/missing.json"
  check 'an id that is not in the keys file' encryption_fails keys.json:key_id9
  check 'an unknown field is refused' \
    encryption_fails "keypath=$work/two.key::keyid=kbs:///default/key/1::colour=red"
}

decrypts_once() {
  comes_back "$work/once.conf" single single.out plain1
  [ ! -e "$(secret_file "$work/once")" ] || refuse 'the secret is still there'
}

# A keyset is read once. The client starts the provider for each layer, so only an image of one layer
# can be decrypted this way.
test_once() {
  inject "$work/once" "$work/keyset.json"
  provider_config "$work/once.conf" --root "$work/once" keyprovider
  check 'an image of one layer is encrypted' \
    encrypt_image "$owner" "$guide_parameter" "$work/plain1" "$work/single"
  check 'without --keep-secret it is decrypted, and the secret is gone' decrypts_once
  check 'the next time there is no secret' fails_with 4 "$work/once" single
}

replay_instead() {
  printf '# SKIP LOUDLY: the real client was not run: %s\n' "$1"
  python3 "$here/replay.py" --instead-of 'the real client' "$tool"
}

main() {
  if [ $# != 1 ] || [ ! -x "$1" ]; then
    echo 'usage: e2e.sh OSKBC' >&2
    exit 64
  fi
  tool=$(readlink -f "$1")
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  if ! skopeo=$("$here/fetch_skopeo.sh" "$(skopeo_cache)" 2>"$work/fetch.log"); then
    replay_instead "$(tail -n 1 "$work/fetch.log")"
    return
  fi
  printf '# %s\n' "$("$skopeo" --version)"
  prepare
  test_guide_style
  test_field_style
  check 'a packet for another recipient comes first' second_recipient
  test_failures
  test_once
  printf '1..%d\n' $count
  [ $failures = 0 ]
}

main "$@"
