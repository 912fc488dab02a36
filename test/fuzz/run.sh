#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Fuzzes with clang's libFuzzer, under the address, leak and undefined behaviour sanitizers. Installs what is
# missing, builds in build/fuzz, and ends with a table. What was learned stays in build/fuzz/corpus for the
# next run. Exits with 1 if there is a finding, and names the file that reproduces it.
#
# usage: test/fuzz/run.sh [--fast] SECONDS [TARGET...]
#   --fast   without sanitizers, in build/fuzz-fast: several times as many executions, on the same corpus
#   SECONDS  for all targets together
#   TARGET   only these; the default is all
#
# OSKBC_JOBS says how many targets run at once; the default is the number of processors.
set -euo pipefail
shopt -s inherit_errexit

top=$(cd "$(dirname "$0")/../.." && pwd)
jobs=${OSKBC_JOBS:-$(nproc)}
build=$top/build/fuzz
corpus=$build/corpus seeds=$build/seeds
sanitizers=address,undefined
# A hang is a finding too.
seconds_per_input=10

usage() {
  [ $# = 0 ] || printf '%s: %s\n' "${0##*/}" "$*" >&2
  sed -n 's/^# \(usage\|  [A-Z-]\)/\1/p' "$0" >&2
  exit 64
}

say() {
  printf '\n== %s\n' "$*"
}

# The names of all targets, by their sources.
all_targets() {
  local source
  for source in "$top"/test/fuzz/fuzz_*.cpp; do
    source=${source##*/fuzz_}
    [ "$source" = common.cpp ] || echo "${source%.cpp}"
  done
}

check_target() {
  [[ " ${all[*]} " == *" $1 "* ]] || usage "there is no target $1; there are: ${all[*]}"
}

build_targets() {
  local options=(--buildtype=debugoptimized -Dexamples=false -Dwerror=false -Db_lundef=false
    -Db_sanitize="$sanitizers" -Dfuzzing_engine=-fsanitize=fuzzer
    -Dc_args=-fsanitize=fuzzer-no-link -Dcpp_args=-fsanitize=fuzzer-no-link)
  [ -f "$build/build.ninja" ] || CC=clang CXX=clang++ meson setup "$build" "$top" "${options[@]}"
  ninja -C "$build" -j "$jobs" "${targets[@]/#/test/fuzz/fuzz_}"
}

prepare_folders() {
  local memory=/dev/shm
  "$top/test/fuzz/seeds.py" "$seeds" >/dev/null
  mkdir -p "$logs" "$findings"
  # Fake trees in memory: no execution has to wait for a disk.
  [ -w $memory ] || memory=/tmp
  TMPDIR=$(mktemp -d $memory/oskbc-fuzz-XXXXXX)
  export TMPDIR
}

set_sanitizer_options() {
  # Small numbers here are what makes it quick: 5,000 keysets a second become 15,000.
  export ASAN_OPTIONS=detect_leaks=1:malloc_context_size=2:quarantine_size_mb=1:thread_local_quarantine_size_kb=64
  export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
}

# Sets `dictionary` to a target's argument for it, or to none.
choose_dictionary() {
  dictionary=()
  case $1 in
    json | jwe | keyset | packet | request) dictionary=("-dict=$top/test/fuzz/json.dict") ;;
  esac
}

# libFuzzer stops at its first finding.
run_target() {
  local target=$1 status=0 dictionary
  choose_dictionary "$target"
  mkdir -p "$corpus/$target"
  "$build/test/fuzz/fuzz_$target" -max_total_time="$share" -timeout=$seconds_per_input -print_final_stats=1 \
    -artifact_prefix="$findings/$target-" "${dictionary[@]}" "$corpus/$target" "$seeds/$target" \
    >"$logs/$target" 2>&1 || status=$?
  echo "$status" >"$logs/$target.status"
}

# When one of `jobs` ends, the next starts.
run_targets() {
  local target running=0
  for target in "${targets[@]}"; do
    if [ "$running" -ge "$jobs" ]; then
      wait -n
      running=$((running - 1))
    fi
    run_target "$target" &
    running=$((running + 1))
  done
  wait
}

# Whatever ends this script ends what it started.
clean_up() {
  local pid
  trap '' INT TERM
  for pid in $(jobs -p); do pkill -P "$pid" || true; done
  wait
  [ -z "${TMPDIR:-}" ] || rm -rf "$TMPDIR"
}

# libFuzzer's last line of progress: "#4096 DONE cov: 71 ft: 210 corp: 56/1234b ...".
progress() {
  sed -nE '/^#[0-9]/p' "$logs/$1" | tail -n 1
}

# The number after a word of the last line of progress, or 0.
progress_of() {
  local number
  number=$(progress "$1" | sed -nE "s/.*\\b$2: ([0-9]+).*/\\1/p")
  echo "${number:-0}"
}

executions_of() {
  local number
  number=$(sed -nE 's/^stat::number_of_executed_units: +([0-9]+)/\1/p' "$logs/$1")
  echo "${number:-0}"
}

row() {
  printf '%-14s %14s %10s %8s %9s  %s\n' "$@"
}

# Prints a target's row, and what went wrong; counts it in `failed` and its executions in `executed`.
show_target() {
  local target=$1 status executions outcome=none
  status=$(cat "$logs/$target.status" 2>/dev/null) || status='no exit'
  executions=$(executions_of "$target")
  executed=$((executed + executions))
  if [ "$status" != 0 ]; then
    outcome=$(sed -nE 's/.*Test unit written to (.*)/\1/p' "$logs/$target" | tail -n 1)
    outcome=${outcome:-"exit status $status, see $logs/$target"}
    failed+=("$target: $outcome")
  fi
  row "$target" "$executions" $((executions / share)) "$(progress_of "$target" corp)" \
    "$(progress_of "$target" ft)" "$outcome"
}

show_table() {
  local target finding executed=0
  say "what $seconds seconds came to"
  row target executions 'a second' corpus features findings
  for target in "${targets[@]}"; do show_target "$target"; done
  printf '\n%d executions, %d findings\n' "$executed" "${#failed[@]}"
  for finding in "${failed[@]}"; do
    printf 'FINDING %s\n' "$finding"
    tail -n 40 "$logs/${finding%%:*}"
    printf 'reproduce: %s FILE\n' "$build/test/fuzz/fuzz_${finding%%:*}"
  done
}

if [ "${1:-}" = --fast ]; then
  build=$top/build/fuzz-fast sanitizers=none
  shift
fi
logs=$build/logs findings=$build/findings
[[ ${1:-} =~ ^[1-9][0-9]{0,6}$ ]] || usage 'needs a number of seconds'
seconds=$1
shift
mapfile -t all < <(all_targets)
targets=("$@")
[ $# -gt 0 ] || targets=("${all[@]}")
for target in "${targets[@]}"; do check_target "$target"; done
share=$((seconds * jobs / ${#targets[@]}))
[ "$share" -le "$seconds" ] || share=$seconds
[ "$share" -gt 0 ] || usage "${#targets[@]} targets need more than $seconds seconds"
failed=()

say packages
"$top/test/scripts/install-packages.sh" --test
say build
build_targets
set_sanitizer_options
trap clean_up EXIT
trap 'exit 130' INT TERM
prepare_folders
rm -f "$logs"/*
say "${#targets[@]} targets, $jobs at once, $share seconds each"
run_targets
show_table
[ ${#failed[@]} = 0 ]
