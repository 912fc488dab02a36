#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Installs what is missing, builds, runs all tests. The last line is "N passed, N failed, N skipped".
#
# usage: test/run.sh [--matrix]
#   --matrix  gcc and clang, both with address and undefined behaviour sanitizers too, the thread
#             sanitizer, and how much of the library is run; without it, gcc
#
# Each build has a folder of its own, build/test-..., which is kept, so that the next run is quick; ccache helps where a
# folder is new. With several builds, the tests of one run while the next one is compiled.
# OSKBC_JOBS says how many things may run at once; the default is the number of processors. OSKBC_GUEST=1
# has real guests booted even where their kernel has to be built first, which takes some minutes; without it,
# they are booted where test/guest/run.sh has built that before. OSKBC_PACKAGES=1 has the Debian packages built
# and tried in new roots, which takes some twenty minutes.
set -euo pipefail
shopt -s inherit_errexit

top=$(cd "$(dirname "$0")/.." && pwd)
jobs=${OSKBC_JOBS:-$(nproc)}
# What the checks need besides what the tests are built with.
check_packages=(abigail-tools binutils ccache clang-format clang-tidy gcovr strace)
# The first build is the one that all is tried with, and the others are for code: the end to end tests, guests and
# packages show once that programs fit together, and may not have a sanitizer inside. The thread sanitizer's is for what
# has threads.
about_code='--no-suite=checks --no-suite=doctor --no-suite=e2e --no-suite=examples --no-suite=guest --no-suite=packages'
declare -A suites_of=([all]='' [code]=$about_code [threads]='--suite=threads')

passed=0 failed=0 skipped=0
notes=()
# Builds whose tests run in the background, in their order: the number of their process, and their name.
waiting=()

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

# Without the time of a preprocessor for what is not in the cache yet, and with what precompiled headers need.
set_cache_options() {
  export CCACHE_DEPEND=1 CCACHE_SLOPPINESS=pch_defines,time_macros
}

# Prints how a compiler is started.
compiler() {
  if command -v ccache >/dev/null; then echo "ccache $1"; else echo "$1"; fi
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

# Plain builds judge warnings, so all is compiled there; elsewhere what the tests are made of is enough.
compile() {
  local build=$1 kind=$2 whole=$3 targets=()
  # shellcheck disable=SC2086  # words
  [ "$whole" = yes ] || mapfile -t targets < <("$top/test/scripts/test_targets.py" "$build" ${suites_of[$kind]})
  local command=(ninja -C "$build" -j "$jobs")
  # The tests of the build before have limits of time.
  [ "$matrix" = no ] || command=(nice "${command[@]}")
  "${command[@]}" "${targets[@]}"
}

run_tests() {
  local build=$1 kind=$2 command
  command=(meson test -C "$build" --no-rebuild --print-errorlogs --num-processes "$jobs")
  # Others run beside them.
  [ "$matrix" = no ] || command+=(--timeout-multiplier 3)
  # shellcheck disable=SC2206  # words
  command+=(${suites_of[$kind]})
  rm -f "$build/meson-logs/testlog.json"
  if [ "$kind" = threads ]; then with_plain_addresses "${command[@]}"; else "${command[@]}"; fi
}

# What tests have shown that have ended.
count_tests() {
  local name=$1 status=$2 log=$top/build/test-$1/meson-logs/testlog.json
  if [ -s "$log" ]; then
    count_results "$name" "$log"
  else
    count_failure "$name" "meson test ran nothing, exit status $status"
  fi
}

# NAME KIND WHOLE CC CXX OPTION...; the kind is one of suites_of, and whole is "yes" for all that can be compiled.
make_build() {
  local name=$1 kind=$2 whole=$3 cc=$4 cxx=$5
  local build=$top/build/test-$name
  shift 5
  say "$name: configure"
  if ! CC=$(compiler "$cc") CXX=$(compiler "$cxx") configure "$build" --buildtype=debugoptimized "$@"; then
    count_failure "$name" 'does not configure'
    return 1
  fi
  say "$name: build"
  if ! compile "$build" "$kind" "$whole"; then
    count_failure "$name" 'does not build'
    return 1
  fi
}

test_now() {
  local name=$1 kind=$2 status=0
  say "$name: test"
  run_tests "$top/build/test-$name" "$kind" || status=$?
  count_tests "$name" "$status"
}

# NAME KIND: one build's tests after the other's, in the background.
test_meanwhile() {
  local name=$1 kind=$2 build=$top/build/test-$1 status=0
  # A process group of its own, which can be ended as a whole.
  set -m
  {
    flock 9
    run_tests "$build" "$kind" || status=$?
    exit $status
  } 9>"$top/build/tests.lock" >"$build/tests.log" 2>&1 </dev/null &
  set +m
  waiting+=("$! $name")
  show_tests ended
}

# Shows the tests that have ended, or waits for all.
show_tests() {
  local which=$1 process name status
  while [ ${#waiting[@]} -gt 0 ]; do
    read -r process name <<<"${waiting[0]}"
    if [ "$which" = ended ] && kill -0 "$process" 2>/dev/null; then return; fi
    status=0
    wait "$process" || status=$?
    say "$name: test"
    cat "$top/build/test-$name/tests.log"
    count_tests "$name" "$status"
    [ "$name" != coverage ] || count_coverage
    waiting=("${waiting[@]:1}")
  done
}

end_tests() {
  local one
  for one in "${waiting[@]}"; do
    kill -- "-${one%% *}" 2>/dev/null || true
  done
}

count_coverage() {
  say 'coverage: figures'
  if "$top/test/scripts/coverage.sh" "$top/build/test-coverage"; then
    passed=$((passed + 1))
  else
    count_failure coverage 'lib/ is not run as much as it should be'
  fi
}

# As make_build; a build that fails has been counted, and the next one is tried.
build_and_test() {
  if make_build "$@"; then test_meanwhile "$1" "$2"; fi
}

run_matrix() {
  # Enough to name a line. Not optimised, because compiling takes more than twice the time with sanitizers, and the
  # tests do not win that back.
  local light=(-Doptimization=0 -Dc_args=-g1 -Dcpp_args=-g1)
  # What sanitizers put into the code makes gcc warn of frames and of members in the standard library that
  # are none of ours; the plain builds judge warnings.
  # gRPC is not built with them; what of the services needs no gRPC is.
  local sanitized=(-Dexamples=false -Dagent=disabled -Dservices=disabled -Dwerror=false "${light[@]}")
  # A build of its own, because counting slows the code down and changes what it leaves in memory. Threads would lose
  # counts of each other, and leave some below nothing.
  local counting=(-Db_coverage=true -Dc_args=-fprofile-update=atomic -Dcpp_args=-fprofile-update=atomic
    -Doptimization=0 -Ddebug=false -Dtools=false -Dexamples=false)
  mkdir -p build
  trap end_tests EXIT
  build_and_test gcc all yes gcc g++
  # One source at a time, each with the headers that it asks for; clang-tidy looks at them like that, too.
  build_and_test clang code yes clang clang++ -Dunity=off
  build_and_test gcc-sanitize code no gcc g++ -Db_sanitize=address,undefined "${sanitized[@]}"
  # clang links a sanitized library with symbols left open, which Meson's default forbids.
  build_and_test clang-sanitize code no clang clang++ -Db_sanitize=address,undefined -Db_lundef=false "${sanitized[@]}"
  build_and_test coverage all no gcc g++ "${counting[@]}"
  build_and_test gcc-threads threads no gcc g++ -Db_sanitize=thread "${sanitized[@]}"
  show_tests all
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
set_cache_options
if [ $matrix = yes ]; then
  run_matrix
elif make_build gcc all yes gcc g++; then
  test_now gcc all
fi
show_notes
printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
# Nothing passed is no success.
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
