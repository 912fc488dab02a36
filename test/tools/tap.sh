# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What the tests of the command lines share. To be sourced by a script that has set `tool`. Prints TAP.
# shellcheck disable=SC2154  # tool

count=0
failures=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

ok() {
  count=$((count + 1))
  printf 'ok %d - %s\n' "$count" "$1"
}

not_ok() {
  count=$((count + 1))
  failures=$((failures + 1))
  printf 'not ok %d - %s\n' "$count" "$1"
  sed 's/^/# /' "$work/out" "$work/err"
}

# check NAME COMMAND...: one test; it passes where the command does.
check() {
  local name=$1
  shift
  if "$@"; then ok "$name"; else not_ok "$name"; fi
}

skipped() {
  count=$((count + 1))
  printf 'ok %d - %s # SKIP %s\n' "$count" "$1" "$2"
}

# Not in a new root, whose /dev/pts is not mounted.
has_terminals() {
  script -qec true /dev/null </dev/null >/dev/null 2>&1
}

# Runs the tool, which must not hang. Its outputs are in $work/out and $work/err, its status in $status.
run() {
  status=0
  timeout 20 "$tool" "$@" >"$work/out" 2>"$work/err" || status=$?
}

says() {
  grep -qE -- "$1" "$work/out"
}

complains() {
  grep -qE -- "$1" "$work/err"
}

# One line, which starts with the program's name, and nothing on standard output.
is_one_complaint() {
  [ ! -s "$work/out" ] && [ "$(wc -l <"$work/err")" = 1 ] && grep -q "^${tool##*/}: ." "$work/err"
}

refuses_with() {
  [ "$status" = "$1" ] && is_one_complaint && complains "$2"
}

# refused NAME STATUS PATTERN ARGUMENT...: the tool refuses with this status and a complaint like this.
refused() {
  local name=$1 expected=$2 pattern=$3
  shift 3
  run "$@"
  check "$name" refuses_with "$expected" "$pattern"
}

succeeds_with() {
  [ "$status" = 0 ] && [ ! -s "$work/err" ] && says "$1"
}

# accepted NAME PATTERN ARGUMENT...: the tool succeeds, says something like this and complains about nothing.
accepted() {
  local name=$1 pattern=$2
  shift 2
  run "$@"
  check "$name" succeeds_with "$pattern"
}

finish() {
  printf '1..%d\n' "$count"
  [ "$failures" = 0 ]
}
