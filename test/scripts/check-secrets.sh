#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Raw bytes of a secret are reached through expose...() only, so a reviewer has these files to read and no
# others. Compares them with the list in secrets-allowed.txt, in both directions.
#
# usage: check-secrets.sh
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=checks.sh
. "$(dirname "$0")/checks.sh"

list=test/scripts/secrets-allowed.txt

exposing_files() {
  grep -rlE '\bexpose(_[a-z_]+)?\(' lib tools | LC_ALL=C sort
}

listed_files() {
  sed -nE '/^[^#[:space:]]/s/:.*//p' "$list" | LC_ALL=C sort
}

check_form() {
  local line number=0
  while IFS= read -r line; do
    number=$((number + 1))
    [[ -z $line || $line == '#'* || $line =~ ^[^[:space:]:]+:\ [^[:space:]].{9} ]] ||
      problem "$list:$number" 'is not "path: reason"' 'write why this file has to see a secret'
  done <"$list"
}

check_listed() {
  local file
  while read -r file; do
    problem "$file" 'reaches for the bytes of a secret' \
      "do without, or have it reviewed and give it a line with the reason in $list"
  done < <(LC_ALL=C comm -23 "$work/exposing" "$work/listed")
}

check_used() {
  local file
  while read -r file; do
    problem "$list" "lists $file, which exposes nothing (any more)" 'take the line out'
  done < <(LC_ALL=C comm -13 "$work/exposing" "$work/listed")
}

cd "$top"
make_work_folder
exposing_files >"$work/exposing"
listed_files >"$work/listed"
[ -s "$work/exposing" ] || problem 'lib, tools' 'no file exposes a secret' 'was expose() renamed? mend this check'
check_form
check_listed
check_used
finish "$(wc -l <"$work/exposing") files that reach for a secret's bytes"
