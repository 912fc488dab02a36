#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Finds or fetches a skopeo whose ocicrypt knows key providers, and prints the path of a program to start.
#
# usage: fetch_skopeo.sh DIR
#
# The machine's own skopeo is taken when it can do it, then what an earlier run left in DIR. Otherwise
# Debian's packages are fetched and unpacked into DIR, as private_apt.sh does it. Ends with 77, and one line that
# says why, where no such skopeo can be had.
set -euo pipefail
umask 077

here=$(cd "$(dirname "$0")" && pwd)
packages=(skopeo libgpgme11t64 libsqlite3-0 libc6 libassuan9 libgpg-error0 libgcc-s1)
wanted='no skopeo with key providers'
# shellcheck source-path=SCRIPTDIR source=private_apt.sh
. "$here/private_apt.sh"

# Whether a skopeo really starts a key provider. Its version doesn't tell: it depends on what it was
# built with, and an old one fails only when it is asked to encrypt.
can_encrypt() {
  local skopeo=$1 probe=$work/probe
  rm -rf "$probe"
  mkdir "$probe"
  python3 "$here/make_image.py" "$probe/plain" 1
  cat >"$probe/provider" <<'END'
#!/bin/sh
cat >/dev/null
printf '{"keywrapresults":{"annotation":"e30="}}'
END
  chmod +x "$probe/provider"
  printf '{"key-providers":{"probe":{"cmd":{"path":"%s","args":[]}}}}' "$probe/provider" >"$probe/conf"
  OCICRYPT_KEYPROVIDER_CONFIG=$probe/conf XDG_DATA_HOME=$probe/notes timeout -k 5 30 \
    "$skopeo" --tmpdir "$probe" copy --insecure-policy -q \
    --encryption-key provider:probe:any "oci:$probe/plain" "oci:$probe/encrypted" </dev/null >"$probe/log" 2>&1 &&
    grep -qsF '+encrypted' "$probe"/encrypted/blobs/sha256/*
}

# The suite whose skopeo works, for a system where that is known.
suite_for() {
  case $1 in
    bookworm | trixie) echo trixie ;;
    *) give_up "it is not known where ${1:-this system}'s would come from; install one" ;;
  esac
}

# Unpacks beside a program that starts skopeo with the C library of its own suite: the machine's may be
# too old for it.
unpack() {
  local deb
  for deb in "$apt"/*.deb; do
    dpkg-deb -x "$deb" "$tree/root" || return
  done
  cat >"$tree/skopeo" <<'END'
#!/bin/sh
root=$(dirname "$(readlink -f "$0")")/root
loader=$(find "$root/usr/lib" -name 'ld-linux*.so.*' -type f | head -n 1)
exec "$loader" --library-path "$(dirname "$loader")" "$root/usr/bin/skopeo" "$@"
END
  chmod +x "$tree/skopeo"
}

try_it() {
  can_encrypt "$tree/skopeo" || { cat "$work/probe/log"; return 1; }
}

main() {
  local skopeo
  if [ $# != 1 ]; then
    echo 'usage: fetch_skopeo.sh DIR' >&2
    exit 64
  fi
  dir=$1
  need_programs python3 flock timeout
  take_turn
  for skopeo in "$(command -v skopeo || true)" "$dir/tree/skopeo"; do
    if [ -x "$skopeo" ] && can_encrypt "$skopeo"; then
      echo "$skopeo"
      return
    fi
  done
  fetch
  echo "$dir/tree/skopeo"
}

main "$@"
