#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Makes the Debian packages as a user would, in a new root of a Debian system that has nothing but what they say they
# are built with, twice; has lintian judge them; installs them in another new root, runs debian/tests there, and
# purges them. Prints TAP. Needs root, and some twenty minutes.
#
# usage: test/packaging/run.sh [--if-told | SUITE]
#   --if-told  does nothing, and says so, unless OSKBC_PACKAGES=1
#   SUITE      the release of Debian that the roots are of, as trixie; without it, this machine's
#
# What is committed is packaged. Packages and logs are kept in build/packaging, or build/packaging-SUITE.
# shellcheck disable=SC2317  # "step" calls the functions
set -euo pipefail
shopt -s inherit_errexit

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
build=$top/build/packaging
packaging=tools/packaging
# shellcheck source-path=SCRIPTDIR source=root.sh
. "$here/root.sh"

steps=0 failures=0

skip() {
  printf '1..0 # SKIP no package was built, since %s; to build, run: test/packaging/run.sh\n' "$1"
  exit
}

finish() {
  printf '1..%d\n' "$steps"
  [ "$failures" = 0 ]
  exit
}

# NAME COMMAND...: one line of TAP; what the command says goes into a log. Not inside a condition, where a function
# would go on after its first error.
step() {
  local name=$1 log status
  shift
  steps=$((steps + 1))
  log=$build/$steps-${1##*/}.log
  set +e
  (
    set -e
    "$@"
  ) >"$log" 2>&1
  status=$?
  set -e
  if [ $status = 0 ]; then
    printf 'ok %d - %s\n' "$steps" "$name"
    return
  fi
  failures=$((failures + 1))
  printf 'not ok %d - %s\n' "$steps" "$name"
  tail -n 20 "$log" | sed 's/^/# /'
  printf '# all of it: %s\n' "$log"
}

# A step without which there is nothing to look at.
first_step() {
  local before=$failures
  step "$@"
  [ "$failures" = "$before" ] || finish
}

# --- building ------------------------------------------------------------------------------------------

make_roots() {
  make_root "$work/use" "${suite[@]}"
  cp -a "$work/use" "$work/build"
}

# build-essential is what every package may take for granted; the rest has to be in Build-Depends.
install_what_builds() {
  install_in "$work/build" build-essential git lintian
  git clone -q "$top" "$work/build/srv/one"
  mkdir -p "$work/build/home/somebody else"
  cp -a "$work/build/srv/one" "$work/build/home/somebody else/two"
  in_root "$work/build" sh -c "cd /srv/one/$packaging && apt-get build-dep -q -y --no-install-recommends ./"
}

build_once() {
  in_root "$work/build" env OSKBC_JOBS="$jobs" "/srv/one/$packaging/build-deb.sh" /srv/packages
  cp -r "$work/build/srv/packages" "$build"
}

# Another path, user's mask, time zone, language, number of jobs, and time.
build_differently() {
  in_root "$work/build" env TZ=Asia/Kathmandu LC_ALL=C TMPDIR=/var/tmp OSKBC_JOBS=$((jobs + 1)) \
    sh -c "umask 077 && '/home/somebody else/two/$packaging/build-deb.sh' /srv/again"
}

# The other two tell of the building itself.
compare() {
  local file name
  for file in "$build"/packages/*.{deb,dsc,tar.*}; do
    name=${file##*/}
    cmp "$file" "$work/build/srv/again/$name"
    printf 'the same: %s\n' "$name"
  done
}

# It takes some machine code for misspelt words, and fails for overrides, too, if it shows them.
judge() {
  local fatal=error,warning,info,pedantic ours=spelling-error-in-binary
  # What is no more than advice changes with each release's lintian, and so do the names of tags.
  [ ${#suite[@]} = 0 ] || fatal=error,warning ours+=,alien-tag
  in_root "$work/build" sh -c "lintian --allow-root --display-info --pedantic \
    --suppress-tags $ours --fail-on $fatal /srv/packages/*.changes"
}

# --- using ---------------------------------------------------------------------------------------------

# Prints the names of the packages.
names() {
  sed -n 's/^Package: //p' "$top/$packaging/debian/control"
}

install_packages() {
  local name files=()
  mkdir "$work/use/packages"
  for name in $(names); do
    cp "$build/packages/${name}"_*.deb "$work/use/packages"
    files+=("/packages/$(basename "$build/packages/${name}"_*.deb)")
  done
  install_in "$work/use" "${files[@]}"
  git -C "$top" archive HEAD | tar -x -C "$work/use/srv"
}

# Without the commands of a build, which is gone: what fortifies shows in the build's own tests.
check_hardened() {
  local package file files=()
  for package in "$build"/packages/*.deb; do
    [[ $package == *-dbgsym_* ]] || dpkg-deb -x "$package" "$work/hardened"
  done
  while read -r file; do
    # Programs and shared libraries; scripts and the static library are for others.
    if readelf -h "$file" >"$work/header" 2>/dev/null && grep -qE 'Type: +(DYN|EXEC)' "$work/header"; then files+=("$file"); fi
  done < <(find "$work/hardened" -type f)
  [ ${#files[@]} -ge 6 ]
  "$top/test/scripts/check-hardening.sh" "${files[@]}"
}

# gRPC and the databases' clients are some thirty libraries.
check_light() {
  local name
  for name in liboskbc0 liboskbc-dev oskbc oskbc-agent sev-guest-owner; do
    dpkg-deb -f "$build/packages/${name}"_*.deb Depends
    ! dpkg-deb -f "$build/packages/${name}"_*.deb Depends | grep -E 'grpc|protobuf|libpq|sqlite' || return 1
  done
}

check_conffiles() {
  # shellcheck disable=SC2016,SC2046  # dpkg-query's own words; words
  in_root "$work/use" dpkg-query -W -f '${Conffiles}\n' $(names) | awk 'NF { print $1 }' | sort |
    diff - <(printf '%s\n' /etc/logrotate.d/sev-guest-owner-serve /etc/oskbc/agent-config.toml \
      /etc/oskbc/agent-grpc.toml /etc/sev-guest-owner/serve.conf)
}

# The keyset that a running agent holds cannot be read again.
check_agent_is_left_running() {
  dpkg-deb --ctrl-tarfile "$build"/packages/oskbc-agent_*.deb | tar -xO ./postinst ./prerm >"$work/scripts"
  ! grep -E 'deb-systemd-invoke.*start' "$work/scripts" || return 1
}

run_test() {
  in_root "$work/use" sh -c "cd /srv && $packaging/debian/tests/$1.sh"
}

install_what_tests_need() {
  local depends
  # The packages themselves are there.
  mapfile -t depends < <(sed -n 's/^Depends: //p' "$top/$packaging/debian/tests/control" | tr -d ' ' | tr ',' '\n' |
    grep -vxF "$(names)" | sort -u)
  install_in "$work/use" "${depends[@]}"
}

# Prints what has to be gone afterwards: every file, and the folders that are nobody else's.
list_ours() {
  local path
  while read -r path; do
    [ -d "$work/use$path" ] || printf '%s\n' "$path"
  done
  printf '%s\n' /etc/oskbc /etc/sev-guest-owner /usr/libexec/oskbc /var/{lib,log}/sev-guest-owner
}

purge() {
  local path
  # As after a while of service.
  mkdir "$work"/use/var/{lib,log}/sev-guest-owner
  touch "$work"/use/var/{lib/sev-guest-owner/launches.db,log/sev-guest-owner/audit.log}
  # shellcheck disable=SC2046  # words
  in_root "$work/use" dpkg -L $(names) | grep ^/ | sort -u | list_ours >"$work/ours"
  # shellcheck disable=SC2046  # words
  in_root "$work/use" apt-get purge -q -y $(names)
  while read -r path; do
    if [ -e "$work/use$path" ]; then
      printf 'left: %s\n' "$path"
      return 1
    fi
  done <"$work/ours"
}

suite=()
case "${1:-}:$#" in
  :0) ;;
  --if-told:1) [ "${OSKBC_PACKAGES:-}" = 1 ] || skip 'nobody asked for it with OSKBC_PACKAGES=1' ;;
  [a-z]*:1)
    suite=("$1")
    build=$build-$1
    ;;
  *)
    sed -n 's/^# \(usage\|  *--\)/\1/p' "$0" >&2
    exit 64
    ;;
esac
[ "$(id -u)" = 0 ] || skip 'only root can make a root for it'
jobs=${OSKBC_JOBS:-$(nproc)}
rm -rf "$build"
mkdir -p "$build"
work=$(mktemp -d "$build/work.XXXXXX")
# What is mounted there is so in namespaces that are gone.
trap 'rm -rf --one-file-system "$work"' EXIT

first_step 'what makes roots is installed' "$top/test/scripts/install-packages.sh" --packages
first_step 'two new roots' make_roots
first_step 'what control says that it builds with' install_what_builds
first_step 'the packages are built' build_once
step 'lintian finds nothing' judge
step 'programs and library are hardened' check_hardened
step 'library and plain tools bring no services along' check_light
step 'an upgrade leaves the agent running' check_agent_is_left_running
first_step 'they install in a new root' install_packages
step 'what is to be configured is a conffile' check_conffiles
first_step 'what the tests need' install_what_tests_need
for test in readme tools services initrd; do
  step "debian/tests/$test" run_test "$test"
done
step 'nothing is left after a purge' purge
first_step 'they are built again, elsewhere' build_differently
step 'the same bytes' compare
finish
