#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Tries what is committed as a newcomer would, on each system that has to work: makes a new root of it, with nothing
# but what debootstrap puts there, clones HEAD into it, and runs both commands of README.md's first lines. Prints a line
# a system. Needs root, and half an hour for each.
#
# usage: test/scripts/try-systems.sh [--keep] [SUITE...]
#   --keep   leave the roots in build/systems; they are removed otherwise
#   SUITE    Debian's name of a release; without any, all that README.md names
#
# The logs are kept, as build/systems/SUITE-....log.
set -euo pipefail
shopt -s inherit_errexit

top=$(cd "$(dirname "$0")/../.." && pwd)
build=$top/build/systems
commands=(examples/quickstart.sh test/run.sh)
# shellcheck source-path=SCRIPTDIR source=../packaging/root.sh
. "$top/test/packaging/root.sh"

stop() {
  printf 'try-systems.sh: %s\n' "$*" >&2
  exit 1
}

make_system() {
  local suite=$1 root=$2
  make_root "$root" "$suite" &&
    git clone -q "$top" "$root/root/oskbc"
}

# SUITE ROOT COMMAND: prints what became of it, in a few words.
try_command() {
  local suite=$1 root=$2 command=$3 log status=0 start=$SECONDS
  log=$build/$suite-$(basename "$command" .sh).log
  in_root "$root" sh -c "cd /root/oskbc && exec $command" >"$log" 2>&1 || status=$?
  printf '; %s: %s, %d s' "$command" "$([ $status = 0 ] && echo ok || echo "FAILED ($status)")" $((SECONDS - start))
  # The last line of one of them counts.
  tail -n 1 "$log" | grep -oE '^[0-9]+ passed.*' | sed 's/^/, /' | tr -d '\n' || true
  return $status
}

try_system() {
  local suite=$1 root=$build/$1 status=0 command
  rm -rf --one-file-system "$root" "$build/$suite"-*.log
  printf '%s' "$suite"
  if make_system "$suite" "$root" >"$build/$suite-root.log" 2>&1; then
    for command in "${commands[@]}"; do
      try_command "$suite" "$root" "$command" || status=1
    done
  else
    printf ': no root could be made'
    status=1
  fi
  printf '\n'
  [ $status = 0 ] || printf '  see %s\n' "$build/$suite"-*.log
  [ $keep = yes ] || rm -rf --one-file-system "$root"
  return $status
}

keep=no
if [ "${1:-}" = --keep ]; then
  keep=yes
  shift
fi
if [[ ${1:-} == -* ]]; then
  sed -n 's/^# \(usage\|  *--\|  *[A-Z]* \)/\1/p' "$0" >&2
  exit 64
fi
[ $# -gt 0 ] || set -- bookworm trixie
[ "$(id -u)" = 0 ] || stop 'only root can make a root'
"$top/test/scripts/install-packages.sh" --packages >/dev/null
[ -z "$(git -C "$top" status --porcelain)" ] || printf 'try-systems.sh: what is not committed is not tried\n' >&2
mkdir -p "$build"
failed=0
for suite in "$@"; do
  try_system "$suite" || failed=$((failed + 1))
done
[ $failed = 0 ]
