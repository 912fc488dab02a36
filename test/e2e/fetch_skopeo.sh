#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Finds or fetches a skopeo whose ocicrypt knows key providers, and prints the path of a program to start.
#
# usage: fetch_skopeo.sh DIR
#
# The machine's own skopeo is taken when it can do it, then what an earlier run left in DIR. Otherwise
# Debian's packages are fetched through apt's own sources with a private configuration, and unpacked into
# DIR: nothing is installed and the machine's apt is not changed. Needs apt, dpkg and python3, not root.
# Ends with 77, and one line that says why, where no such skopeo can be had.
set -euo pipefail
umask 077

here=$(cd "$(dirname "$0")" && pwd)
packages=(skopeo libgpgme11t64 libsqlite3-0 libc6 libassuan9 libgpg-error0 libgcc-s1)
step_seconds=${OSKBC_FETCH_SECONDS:-200}

give_up() {
  printf 'no skopeo with key providers: %s\n' "$*" >&2
  exit 77
}

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

codename() {
  # shellcheck source=/dev/null
  (. /etc/os-release && echo "${VERSION_CODENAME:-}") 2>/dev/null || true
}

# Writes a configuration for an apt with files of its own. Hooks of the machine's apt are cleared: they
# are for the machine's package lists.
write_apt_conf() {
  local etc=/etc/apt/
  eval "$(apt-config shell etc Dir::Etc/d)"
  mkdir -p "$apt/state/lists/partial" "$apt/cache/archives/partial" "$apt/sources"
  cat >"$apt/conf" <<END
#clear APT::Update;
#clear APT::Default-Release;
#clear APT::Architectures;
APT::Architectures { "$(dpkg --print-architecture)"; };
APT::Update::Error-Mode "any";
APT::Sandbox::User "root";
Dir::State "$apt/state";
Dir::State::status "/dev/null";
Dir::Cache "$apt/cache";
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$apt/sources";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Acquire::Retries "2";
Acquire::http::Timeout "30";
Acquire::https::Timeout "30";
END
  python3 "$here/next_suite.py" "$own" "$suite" "${etc%/}" >"$apt/sources/next.sources"
}

update_lists() {
  timeout "$step_seconds" apt-get -q -c "$apt/conf" update
}

download_packages() {
  cd "$apt" && timeout "$step_seconds" apt-get -q -c "$apt/conf" download "${packages[@]}"
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

# The first complaint of apt in a log, which has the cause, or else the last line.
complaint_in() {
  sed -n 's/^[EW]: //p' "$1" | head -n 1 | grep . || tail -n 1 "$1" | grep . || echo 'it said nothing'
}

# Fetches into a folder of its own and puts that into place whole, so that what is in place is complete.
fetch() {
  local own suite step status
  need_programs apt-get apt-config dpkg dpkg-deb
  own=$(codename)
  suite=$(suite_for "$own") || exit
  apt=$work/apt tree=$work/tree
  mkdir "$apt" "$tree"
  for step in write_apt_conf update_lists download_packages unpack try_it; do
    status=0
    ($step) </dev/null >"$work/log" 2>&1 || status=$?
    [ $status != 124 ] || give_up "${step//_/ }: not done in $step_seconds seconds"
    [ $status = 0 ] || give_up "${step//_/ }: $(complaint_in "$work/log")"
  done
  rm -rf "${dir:?}/tree"
  mv "$tree" "$dir/tree"
}

need_programs() {
  local program
  for program in "$@"; do
    command -v "$program" >/dev/null || give_up "there is no $program here"
  done
}

# Two runs at once would disturb one another. What a killed run left is removed.
take_turn() {
  mkdir -p "$dir" 2>/dev/null || give_up "$dir cannot be made"
  dir=$(cd "$dir" && pwd)
  { exec 9>"$dir/lock"; } 2>/dev/null || give_up "$dir is not writable"
  flock -w 600 9 || give_up "another run has been busy in $dir for ten minutes"
  rm -rf "$dir"/work.*
  work=$(mktemp -d "$dir/work.XXXXXX")
  trap 'rm -rf "$work"' EXIT
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
