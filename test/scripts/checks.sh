# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What every check-*.sh shares. To be sourced. Exit status: 0 all well, 1 problems, 77 could not look.

# shellcheck disable=SC2034  # for the scripts that source this
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
problems=0

# Reports a problem: where it is, what it is, what to do about it.
problem() {
  problems=$((problems + 1))
  printf 'FAIL %s: %s\n     %s\n' "$1" "$2" "$3"
}

# Ends the check as "could not look", which Meson counts as skipped.
skip() {
  printf 'SKIP: %s\n' "$*"
  exit 77
}

need() {
  local program
  for program in "$@"; do
    command -v "$program" >/dev/null || skip "$program is not installed"
  done
}

# .clang-format and .clang-tidy are for this one: others lay some lines out differently, and look for other things.
clang_version=14

# Prints how clang-format or clang-tidy is started, or nothing where that version is not installed.
clang_program() {
  local program
  for program in "$1-$clang_version" "$1"; do
    if "$program" --version 2>/dev/null | grep -qE "version $clang_version\."; then
      echo "$program"
      return
    fi
  done
}

usage() {
  printf 'usage: %s %s\n' "${0##*/}" "$*" >&2
  exit 64
}

# Ends the check; the text says what was looked at, so that a check that saw nothing is noticed.
finish() {
  if [ "$problems" -gt 0 ]; then
    printf '%d problem(s); checked %s\n' "$problems" "$*"
    exit 1
  fi
  printf 'ok: checked %s\n' "$*"
}

# A private folder that goes away with the script.
make_work_folder() {
  work=$(mktemp -d "${TMPDIR:-/tmp}/oskbc-check.XXXXXX")
  trap 'rm -rf "$work"' EXIT
}
