#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# How much of lib/ the tests run, from a build with -Db_coverage=true whose tests have run. Branches that
# only an exception takes don't count: the suite "fault" makes those happen, but one at a time of several
# that a compiler made of one line.
#
# usage: coverage.sh BUILD_FOLDER
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=checks.sh
. "$(dirname "$0")/checks.sh"

# Percent, at least.
lines=95
branches=85

[ $# = 1 ] || usage BUILD_FOLDER
need gcov gcovr
build=$(cd "$1" && pwd)
[ -n "$(find "$build" -name '*.gcda' -print -quit)" ] ||
  skip "$1 has no counts; configure it with -Db_coverage=true and run its tests"
make_work_folder
gcovr --root "$top" --filter "$top/lib/" --exclude-throw-branches --exclude-unreachable-branches \
  --gcov-ignore-parse-errors --txt "$work/files" --print-summary --json-summary "$work/summary.json" "$build"
cat "$work/files"

# NAME LEAST: compares one figure of the summary.
compare() {
  local percent
  percent=$(python3 -c 'import json, sys
print(json.load(open(sys.argv[1]))[sys.argv[2] + "_percent"])' "$work/summary.json" "$1")
  python3 -c 'import sys; sys.exit(float(sys.argv[1]) < float(sys.argv[2]))' "$percent" "$2" ||
    problem lib/ "its $1 coverage is $percent %" "at least $2 % is the promise: the list above says which lines no test runs"
}

compare line $lines
compare branch $branches
finish 'the coverage of lib/'
