#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A second real client: buildah pushes an image encrypted, and pulls it with what `oskbc --agent` has from oskbc-agent.
# The buildah of Debian 12 knows no key providers, so that of the next release is fetched into a root of its own, in
# which it is started: it unpacks layers in a child of itself. Prints TAP. Needs root; is skipped, with the reason,
# where buildah can't be had.
#
# usage: buildah.sh OSKBC OSKBC-AGENT
set -euo pipefail
shopt -s inherit_errexit
umask 077

here=$(cd "$(dirname "$0")" && pwd)
e2e=$here/../e2e
# shellcheck source-path=SCRIPTDIR source=../e2e/common.sh
. "$e2e/common.sh"
# shellcheck source-path=SCRIPTDIR source=../tools/tap.sh
. "$here/../tools/tap.sh"

# --- a root with buildah ---------------------------------------------------------------------------------

# It, and all that it and oskbc are linked with.
packages=(buildah libacl1 libassuan9 libattr1 libaudit1 libbsd0 libbz2-1.0 libc6 libcap-ng0 libcrypt1 libgcc-s1 libgpg-error0
  libgpgme11t64 libmd0 libpam0g libpcre2-8-0 libseccomp2 libselinux1 libsemanage2 libsepol2 libsqlite3-0 libssl3t64
  libsubid5 libzstd1 zlib1g)
wanted='no buildah with key providers'
# shellcheck source-path=SCRIPTDIR source=../e2e/private_apt.sh
. "$e2e/private_apt.sh"

suite_for() {
  case $1 in
    bookworm | trixie) echo trixie ;;
    *) give_up "it is not known where ${1:-this system}'s would come from" ;;
  esac
}

unpack() {
  local deb link root=$tree/root
  for deb in "$apt"/*.deb; do
    dpkg-deb -x "$deb" "$root" || return
  done
  for link in bin lib lib64; do
    [ -e "$root/$link" ] || ln -s "usr/$link" "$root/$link"
  done
  mkdir -p "$root"/{proc,dev,etc,run,tmp,var/tmp,usr/lib/podman}
  echo 'root:x:0:0::/:/bin/false' >"$root/etc/passwd"
  # It wants to find a network's helper, and starts none for what is done here.
  printf '#!/bin/false\n' >"$root/usr/lib/podman/netavark"
  chmod +x "$root/usr/lib/podman/netavark"
}

try_it() {
  root=$tree/root
  buildah '' version
}

# CONFIG COMMAND...: in the root, with a storage of the test's own. The bound root is for its own chroot.
buildah() {
  local config=$1
  shift
  # shellcheck disable=SC2016  # the inner shell's
  env -i OCICRYPT_KEYPROVIDER_CONFIG="$config" HOME=/ PATH=/usr/bin TMPDIR="$work" \
    /usr/bin/timeout -k 5 120 /usr/bin/unshare --mount --propagation private --pid --fork --kill-child /bin/sh -c '
      PATH=/usr/sbin:/usr/bin:/sbin:/bin
      root=$1 work=$2
      shift 2
      mkdir -p "$root$work" && mount --bind "$root" "$root" && mount -t proc proc "$root/proc" &&
        mount --rbind /dev "$root/dev" && mount --bind "$work" "$root$work" &&
        exec chroot "$root" "$@"' sh "$root" "$work" \
    /usr/bin/buildah --root "$work/storage" --runroot "$work/run" --storage-driver vfs "$@" </dev/null
}

# Prints the root.
have_root() {
  dir=$(skopeo_cache)-buildah
  need_programs python3 flock unshare
  take_turn
  [ -x "$dir/tree/root/usr/bin/buildah" ] || fetch
  echo "$dir/tree/root"
}

# --- the test ----------------------------------------------------------------------------------------------

prepare() {
  head -c 32 /dev/urandom >"$work/key"
  make_keyset key_id1 "$work/key" >"$work/keys.json"
  inject "$work/guest" "$work/keys.json"
  mkdir "$work/guest/etc"
  echo 'aa_kbc_params = "offline_sev_kbc::null"' >"$work/guest/etc/agent-config.toml"
  echo '{"default": [{"type": "insecureAcceptAnything"}]}' >"$work/policy.json"
  cp "$tool" "$work/oskbc"
  tool=$work/oskbc
  provider_config "$work/owner.conf" keyprovider
  provider_config "$work/guest.conf" --agent "unix://$work/a.sock" keyprovider
  python3 "$e2e/make_image.py" "$work/plain"
}

start_bridge() {
  "$agent" --root "$work/guest" --cdh_sock "unix://$work/a.sock" >"$work/addresses" 2>"$work/agent.log" &
  agent_pid=$!
  word_after cdh: "$work/addresses" >/dev/null
}

# NAME CONFIG COMMAND...: with what it says on the standard output, which is an image's id, in a file.
runs() {
  local name=$1 config=$2
  shift 2
  buildah "$work/$config" "$@" >"$work/$name" 2>"$work/err"
}

pushes() {
  runs pushed owner.conf push -q --signature-policy "$work/policy.json" \
    --encryption-key "provider:attestation-agent:$work/keys.json:key_id1" "$(cat "$work/id")" "oci:$work/encrypted" &&
    grep -qsF '+encrypted' "$work"/encrypted/blobs/sha256/*
}

# The id of an image is the digest of its configuration, which has the digests of all unpacked layers.
pulls() {
  runs none guest.conf rmi --all --force &&
    runs pulled guest.conf pull -q --signature-policy "$work/policy.json" \
      --decryption-key "provider:attestation-agent:$guest_parameter" "oci:$work/encrypted" &&
    cmp "$work/id" "$work/pulled" >"$work/out" 2>"$work/err"
}

fails_without_the_agent() {
  kill "$agent_pid" && wait "$agent_pid" || return
  runs none guest.conf rmi --all --force
  ! runs none guest.conf pull -q --signature-policy "$work/policy.json" \
    --decryption-key "provider:attestation-agent:$guest_parameter" "oci:$work/encrypted" &&
    grep -q 'cannot connect to an agent' "$work/err"
}

main() {
  if [ $# != 2 ] || [ ! -x "$1" ] || [ ! -x "$2" ]; then
    echo 'usage: buildah.sh OSKBC OSKBC-AGENT' >&2
    exit 64
  fi
  tool=$(readlink -f "$1") agent=$(readlink -f "$2") agent_pid=
  if [ "$(id -u)" != 0 ]; then
    printf '1..0 # SKIP only root can make a root for buildah\n'
    return
  fi
  if ! root=$(have_root 2>"$work/fetch.log"); then
    printf '1..0 # SKIP %s\n' "$(tail -n 1 "$work/fetch.log")"
    return
  fi
  prepare
  start_bridge
  check 'buildah reads a plain image' \
    runs id owner.conf pull -q --signature-policy "$work/policy.json" "oci:$work/plain"
  check 'and pushes it encrypted' pushes
  check 'it pulls it by a command that asks the agent, each layer as before' pulls
  check 'the keyset is gone from the kernel' [ ! -e "$(secret_file "$work/guest")" ]
  check 'without the agent it fails, and says why' fails_without_the_agent
  finish
}

trap '[ -z "${agent_pid:-}" ] || kill "$agent_pid" 2>/dev/null || true; rm -rf --one-file-system "$work"' EXIT
main "$@"
