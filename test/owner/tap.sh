# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What the tests of sev-guest-owner at a shell share. To be sourced. The caller sets `tool` (the program) and
# `work` (a folder of its own, where it stands). Prints TAP.
# shellcheck disable=SC2154

trap 'rm -rf "$work" "$work.out" "$work.err"' EXIT

count=0
check() {
  local name=$1 result=ok
  shift
  "$@" || result='not ok'
  count=$((count + 1))
  printf '%s %d - %s\n' "$result" "$count" "$name"
  [ "$result" = ok ] && return
  printf '# standard output: %s\n' "$(head -c 500 "$work.out" 2>/dev/null | tr '\n' ' ')"
  printf '# standard error: %s\n' "$(head -c 500 "$work.err" 2>/dev/null | tr '\n' ' ')"
}

# Runs the tool; its output is beside the work folder, so that the folder shows what a run leaves.
run() {
  timeout 60 "$tool" "$@" >"$work.out" 2>"$work.err" </dev/null
  status=$?
}

works() {
  local name=$1
  shift
  run "$@"
  check "$name" test "$status:$(wc -c <"$work.err")" = 0:0
}

# All that is there; of folders not the time, since a file that went away again has changed it.
snapshot() {
  find . -type d -printf '%p %m\n' -o -printf '%p %y %m %s %T@ %l\n' | sort
}

# The status, what the one line of the message has to hold, the arguments. Nothing may appear or change.
run_refused() {
  local expected=$1 message=$2 before line
  shift 2
  before=$(snapshot)
  run "$@"
  line=$(cat "$work.err")
  [ "$status" = "$expected" ] && [ "$(wc -l <"$work.err")" = 1 ] &&
    [ "${line#sev-guest-owner: }" != "$line" ] && [ "${line#*"$message"}" != "$line" ] &&
    [ "$(snapshot)" = "$before" ]
}

# A name, and what run_refused() takes. Nothing may be on standard output either.
fails() {
  local name=$1
  shift
  run_refused "$@" && [ ! -s "$work.out" ]
  check "$name" test $? = 0
}

prints() {
  check "$1" grep -qF -- "$2" "$work.out"
}
