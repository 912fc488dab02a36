#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# What compiler and linker put between a mistake and whoever would use it is in every program and library that is
# installed: position independent code, relocations that are read-only and done at the start, the stack's protector,
# fortified calls of the C library, and marks where indirect jumps may land.
#
# usage: check-hardening.sh [--commands FILE] PROGRAM_OR_LIBRARY...
#   --commands FILE  also compile_commands.json of a build, since a level of fortifying shows in nothing that is built
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=checks.sh
. "$(dirname "$0")/checks.sh"

advice="see option 'hardening' in meson.build at the top"

# FILE WHAT COMMAND...: a problem where the command fails.
expect() {
  local file=$1 what=$2
  shift 2
  "$@" || problem "$file" "$what" "$advice"
}

# Not "grep -q", which may end before what writes to it has.
shows() {
  grep -E "$1" >/dev/null
}

is_program() {
  readelf -lW "$1" | shows 'program interpreter'
}

is_position_independent() {
  readelf -hW "$1" | shows 'Type: +DYN' && ! readelf -dW "$1" | shows TEXTREL
}

binds_at_start() {
  readelf -dW "$1" | shows '\(FLAGS_1\).*\bNOW\b'
}

has_segment() {
  readelf -lW "$1" | shows " $2 "
}

calls() {
  readelf -W --dyn-syms "$1" | shows " UND $2(@|$)"
}

# Prints the addresses to which the outside jumps: what a library exports, and a program's main(), which its start
# hands over in the first argument, with or without symbols.
entries() {
  local start
  if is_program "$1"; then
    start=$(readelf -hW "$1" | sed -nE 's/.*Entry point address: +0x//p')
    objdump -d --no-show-raw-insn --start-address="0x$start" --stop-address="$((0x$start + 48))" "$1" |
      sed -nE 's/.*,%rdi +# ([0-9a-f]+).*/\1/p'
  else
    readelf -W --dyn-syms "$1" | awk '$4 == "FUNC" && $7 != "UND" { sub(/^0*/, "", $2); print $2 }'
  fi
}

lands_everywhere() {
  objdump -d --no-show-raw-insn "$1" | sed -nE 's/^ *([0-9a-f]+):\tendbr64.*/\1/p' | sort >"$work/marks"
  entries "$1" | sort -u >"$work/entries"
  [ -s "$work/entries" ] && [ -z "$(comm -23 "$work/entries" "$work/marks")" ]
}

check_file() {
  expect "$1" 'lies at a fixed address (-fPIE, -pie)' is_position_independent "$1"
  expect "$1" 'has no relocations that become read-only (-z relro)' has_segment "$1" GNU_RELRO
  expect "$1" 'binds when it is called, and leaves its table writable (-z now)' binds_at_start "$1"
  expect "$1" 'does not protect its stack (-fstack-protector-strong)' calls "$1" __stack_chk_fail
  expect "$1" 'has no fortified call (_FORTIFY_SOURCE)' calls "$1" '__[a-z]+_chk'
  [ "$(uname -m)" != x86_64 ] ||
    expect "$1" 'does not mark where it is entered (-fcf-protection)' lands_everywhere "$1"
}

# Prints each source of what is installed that some option was lost for, and the option.
lost_options() {
  python3 - "$1" <<'END'
import json
import re
import sys

WANTED = {
    "-fPIC or -fPIE": r"-fPI[CE]",
    "-fcf-protection": r"-fcf-protection",
    "-fstack-protector-strong": r"-fstack-protector-strong",
    "a level of _FORTIFY_SOURCE": r"-D_FORTIFY_SOURCE=(.*\?)?[23]\b.*",
}
looked_at = 0
with open(sys.argv[1]) as file:
    for command in json.load(file):
        if command["output"].startswith(("lib/", "tools/")):
            looked_at += 1
            words = [word.strip("'") for word in command["command"].split()]
            for name, wanted in WANTED.items():
                if not any(re.fullmatch(wanted, word) for word in words):
                    print(command["output"], name, sep="\t")
if looked_at == 0:
    print("lib/ and tools/", "any command", sep="\t")
END
}

check_commands() {
  local source option
  lost_options "$1" >"$work/lost"
  while IFS=$'\t' read -r source option; do
    problem "$source" "is compiled without $option" "$advice"
  done <"$work/lost"
}

commands=
if [ "${1:-}" = --commands ]; then
  [ $# -ge 2 ] || usage '[--commands FILE] PROGRAM_OR_LIBRARY...'
  commands=$2
  shift 2
fi
[ $# -gt 0 ] || usage '[--commands FILE] PROGRAM_OR_LIBRARY...'
need readelf objdump python3
make_work_folder
for file in "$@"; do
  check_file "$file"
done
[ -z "$commands" ] || check_commands "$commands"
finish "how $# programs and libraries are hardened${commands:+, and ${commands##*/}}"
