#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Installs what is missing, builds, runs all tests. The last line is "N passed, N failed, N skipped".
#
# usage: test/run.sh [--matrix]
#   --matrix  gcc and clang, both with address and undefined behaviour sanitizers too, the thread
#             sanitizer, and how much of the library is run; without it, gcc
#
# Each build has a folder of its own, build/test-..., which is kept, so that the next run is quick.
# OSKBC_JOBS says how many things may run at once; the default is the number of processors. OSKBC_GUEST=1
# has real guests booted even where their kernel has to be built first, which takes some minutes; without it,
# they are booted where test/guest/run.sh has built that before. OSKBC_PACKAGES=1 has the Debian packages built
# and tried in new roots, which takes some twenty minutes.
set -euo pipefail
shopt -s inherit_errexit

top=$(cd "$(dirname "$0")/.." && pwd)
jobs=${OSKBC_JOBS:-$(nproc)}
# What the checks need besides what the tests are built with.
check_packages=(abigail-tools binutils clang-format clang-tidy gcovr strace)
# The first build is the one that all is tried with, and the others are for code: the end to end tests, guests and
# packages show once that programs fit together, and may not have a sanitizer inside.
declare -A left_out=(
  [all]=''
  [code]='checks doctor e2e examples guest packages'
  [threads]='checks doctor e2e examples guest packages'
)

passed=0 failed=0 skipped=0
notes=()

say() {
  printf '\n== %s\n' "$*"
}

install_packages() {
  say 'packages'
  local more=()
  [ "${OSKBC_GUEST:-}" != 1 ] || more+=(--guest)
  [ "${OSKBC_PACKAGES:-}" != 1 ] || more+=(--packages)
  # Rust's own installer brings one as well, and Debian's is large.
  command -v cargo >/dev/null || more+=(cargo)
  "$top/test/scripts/install-packages.sh" --test "${more[@]}" "${check_packages[@]}"
}

# Sanitizers stop at the first finding, and Meson then counts the test as failed.
set_sanitizer_options() {
  export ASAN_OPTIONS=abort_on_error=1:detect_stack_use_after_return=1:strict_string_checks=1
  export UBSAN_OPTIONS=halt_on_error=1:abort_on_error=1:print_stacktrace=1
  export TSAN_OPTIONS=halt_on_error=1:abort_on_error=1
}

# Runs a command without address space randomisation where that may be turned off: the thread sanitizer of
# older compilers does not start with the wide one of newer kernels.
with_plain_addresses() {
  local machine
  machine=$(uname -m)
  if setarch "$machine" -R true 2>/dev/null; then
    setarch "$machine" -R "$@"
  else
    "$@"
  fi
}

# Counts what a build could not even show.
count_failure() {
  failed=$((failed + 1))
  notes+=("failed: $1: $2")
  printf 'FAILED: %s: %s\n' "$1" "$2"
}

count_results() {
  local name=$1 log=$2 results kind test reason p f s
  if ! results=$("$top/test/scripts/read_testlog.py" "$log"); then
    count_failure "$name" "$log cannot be read"
    return
  fi
  read -r p f s <<<"$results"
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  while IFS=$'\t' read -r kind test reason; do
    notes+=("$kind: $name: $test: $reason")
  done < <(tail -n +2 <<<"$results")
}

configure() {
  local build=$1
  shift
  # An older folder takes the options as they are now; one that is broken is made anew.
  if [ -f "$build/build.ninja" ]; then
    meson setup --reconfigure "$build" "$top" "$@" && return
    rm -rf "$build"
  fi
  meson setup "$build" "$top" "$@"
}

run_tests() {
  local name=$1 build=$2 kind=$3 status=0 suite
  local log=$build/meson-logs/testlog.json command=(meson test -C "$build" --no-rebuild --print-errorlogs
    --num-processes "$jobs")
  for suite in ${left_out[$kind]}; do
    command+=("--no-suite=$suite")
  done
  rm -f "$log"
  if [ "$kind" = threads ]; then
    with_plain_addresses "${command[@]}" || status=$?
  else
    "${command[@]}" || status=$?
  fi
  if [ -s "$log" ]; then
    count_results "$name" "$log"
  else
    count_failure "$name" "meson test ran nothing, exit status $status"
  fi
}

# NAME KIND CC CXX OPTION...; the kind is "all" for all suites, "code" for those that are about code, and "threads"
# for the same with the thread sanitizer.
build_and_test() {
  local name=$1 kind=$2 cc=$3 cxx=$4
  local build=$top/build/test-$name
  shift 4
  say "$name: configure"
  if ! CC=$cc CXX=$cxx configure "$build" --buildtype=debugoptimized "$@"; then
    count_failure "$name" 'does not configure'
    return
  fi
  say "$name: build"
  if ! ninja -C "$build" -j "$jobs"; then
    count_failure "$name" 'does not build'
    return
  fi
  say "$name: test"
  run_tests "$name" "$build" "$kind"
}

run_matrix() {
  # Enough to name a line, and what the sanitizers' own documents recommend: half the time to compile.
  local light=(-Doptimization=1 -Dc_args=-g1 -Dcpp_args=-g1)
  # What sanitizers put into the code makes gcc warn of frames and of members in the standard library that
  # are none of ours; the plain builds judge warnings.
  # gRPC is not built with them; what of the services needs no gRPC is.
  local sanitized=(-Dexamples=false -Dagent=disabled -Dservices=disabled -Dwerror=false "${light[@]}")
  build_and_test gcc all gcc g++
  build_and_test clang code clang clang++
  build_and_test gcc-sanitize code gcc g++ -Db_sanitize=address,undefined "${sanitized[@]}"
  # clang links a sanitized library with symbols left open, which Meson's default forbids.
  build_and_test clang-sanitize code clang clang++ -Db_sanitize=address,undefined -Db_lundef=false \
    "${sanitized[@]}"
  build_and_test gcc-threads threads gcc g++ -Db_sanitize=thread "${sanitized[@]}"
  measure_coverage
}

# A build of its own, because counting slows the code down and changes what it leaves in memory.
measure_coverage() {
  local build=$top/build/test-coverage
  # Threads would lose counts of each other, and leave some below nothing.
  build_and_test coverage all gcc g++ -Db_coverage=true -Dc_args=-fprofile-update=atomic \
    -Dcpp_args=-fprofile-update=atomic -Doptimization=0 -Dtools=false -Dexamples=false
  say 'coverage: figures'
  if "$top/test/scripts/coverage.sh" "$build"; then
    passed=$((passed + 1))
  else
    count_failure coverage 'lib/ is not run as much as it should be'
  fi
}

# Whoever reads only the end should see what was not looked at.
show_notes() {
  local note
  [ ${#notes[@]} -gt 0 ] || return 0
  say 'what did not pass'
  for note in "${notes[@]}"; do
    case $note in
      skipped:*) printf 'SKIPPED %s\n' "${note#skipped: }" ;;
      *) printf 'FAILED  %s\n' "${note#failed: }" ;;
    esac
  done
}

matrix=no
case ${1:-} in
  '') ;;
  --matrix) matrix=yes ;;
  *)
    sed -n 's/^# \(usage\|  *--\)/\1/p' "$0" >&2
    exit 64
    ;;
esac
cd "$top"
# What is missing shows in the builds, too, and there may be another way to have had it.
install_packages || count_failure packages 'could not all be installed'
set_sanitizer_options
if [ $matrix = yes ]; then run_matrix; else build_and_test gcc all gcc g++; fi
show_notes
printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
# Nothing passed is no success.
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
