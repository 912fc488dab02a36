#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The manual pages of the library promise what the header does: every function that the header declares, or
# the symbol map exports, is on one page, installed under its own name too, with the header's prototype; a page
# has the statuses that the header's comments list for its functions, and no others; oskbc.3 has all functions,
# and all statuses with their numbers. The tools' pages have every option that their --help shows.
#
# usage: check-man.sh [--root ROOT] [TOOL...]   (another tree than this one; check-man-test.sh needs that)
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=checks.sh
. "$(dirname "$0")/checks.sh"

header=include/oskbc/oskbc.h
map=lib/liboskbc.map
pages=lib/man
overview=$pages/oskbc.3

# Prints NAME|PROTOTYPE|STATUSES of each function of the header, on one line and with one way of spacing.
functions_of_header() {
  awk '
    /^\/\*\*/ { comment = "" }
    { comment = comment " " $0 }
    /^OSKBC_API/ { inside = 1; text = "" }
    inside { text = text " " $0 }
    inside && /;/ {
      inside = 0
      sub(/^ *OSKBC_API */, "", text)
      name = text
      sub(/\(.*/, "", name)
      sub(/.*[^A-Za-z0-9_]/, "", name)
      statuses = ""
      while (match(comment, /::OSKBC_[A-Z_]*[A-Z]/)) {
        statuses = statuses " " substr(comment, RSTART + 2, RLENGTH - 2)
        comment = substr(comment, RSTART + RLENGTH)
      }
      print name "|" text "|" statuses
      comment = ""
    }' "$header" | one_spacing
}

one_spacing() {
  sed -E 's/[[:space:]]+/ /g; s/ ?\* ?/ */g; s/\* \*/**/g; s/ ?\| ?/|/g'
}

# Prints the text of a section without the macros and quotes.
section() {
  sed -n "/^\.SH $2\$/,/^\.SH /p" "$1" | sed -E '/^\.SH /d; s/^\.[A-Za-z]+ ?//; s/"//g; s/\\-/-/g'
}

# Prints the prototypes of a page, one a line.
prototypes_of() {
  section "$1" SYNOPSIS | grep -v '^#include' | tr '\n' ' ' | tr ';' '\n' | sed -E 's/$/;/' | one_spacing |
    sed -E 's/^ //' | grep -F '('
}

names_of() {
  section "$1" NAME | tr '\n' ' ' | sed 's/ - .*//' | tr -d ',' | tr ' ' '\n' | grep .
}

# Prints PAGE|NAME for every page but the overview, and PAGE|PROTOTYPE.
list_pages() {
  local page
  for page in "$pages"/*.3; do
    [ "$page" = "$overview" ] || "$1" "$page" | sed "s,^,$page|,"
  done
}

# Whether a text has this very line. Without a program, because there are some hundred calls.
has_line() {
  [[ $'\n'$1$'\n' == *$'\n'"$2"$'\n'* ]]
}

check_function() {
  local name=$1 prototype=$2 found
  mapfile -t found < <(sed -n "s/|$name\$//p" <<<"$page_names")
  if [ "${#found[@]}" != 1 ]; then
    problem "$pages" "$name is in the NAME of ${#found[@]} pages" 'one page has to have it, with its family'
    return
  fi
  has_line "$page_prototypes" "${found[0]}|$prototype" ||
    problem "${found[0]}" "its SYNOPSIS lacks '$prototype'" "write it as $header has it"
  [[ $installed == *"'$name'"* ]] ||
    problem "$pages/meson.build" "does not install a page for $name" "name it with those of ${found[0]##*/}"
  has_line "$overview_words" "$name" || problem "$overview" "lacks $name" 'add it to its family'
}

# Names, prototypes and statuses of a page have to be the header's.
check_page() {
  local page=$1 name names prototypes
  mapfile -t names < <(names_on "$page")
  for name in "${names[@]}"; do
    [[ $'\n'$functions == *$'\n'"$name|"* ]] ||
      problem "$page" "names $name, which $header lacks" 'mend the name, or declare it'
  done
  mapfile -t prototypes < <(sed -n "s,^$page|,,p" <<<"$page_prototypes")
  [ "${#prototypes[@]}" = "${#names[@]}" ] ||
    problem "$page" 'SYNOPSIS and NAME have different functions' 'give each its prototype'
  check_statuses_of "$page"
}

names_on() {
  sed -n "s,^$1|,,p" <<<"$page_names"
}

statuses_in_page() {
  grep -oE '\bOSKBC_(OK|E_[A-Z_]*[A-Z])\b' "$1" | grep -vE 'OSKBC_E_(NO_MEMORY|INTERNAL)' | LC_ALL=C sort -u
}

statuses_in_header_for() {
  local names
  names=$(names_on "$1" | tr '\n' '|')
  sed -nE "s/^(${names%|})\|.*\|//p" <<<"$functions" | tr ' ' '\n' | sed '/^$/d' | LC_ALL=C sort -u
}

check_statuses_of() {
  local page=$1 status
  while read -r status; do
    problem "$page" "lacks $status, which the header lists for its functions" 'say when it is returned'
  done < <(LC_ALL=C comm -23 <(statuses_in_header_for "$page") <(statuses_in_page "$page"))
  while read -r status; do
    problem "$page" "has $status, which the header does not list for its functions" 'take it away, or list it'
  done < <(LC_ALL=C comm -13 <(statuses_in_header_for "$page") <(statuses_in_page "$page"))
}

check_overview_statuses() {
  local name number
  while read -r name number; do
    [[ $overview_text == *$'\n'"$number|$name|"* ]] ||
      problem "$overview" "lacks $name with its number $number" 'add it to STATUSES'
  done < <(sed -nE 's/^[[:space:]]*(OSKBC_(OK|E_[A-Z_]+)) = ([0-9]+),?$/\1 \3/p' "$header")
}

check_exports() {
  local name
  while read -r name; do
    [[ $'\n'$functions == *$'\n'"$name|"* ]] ||
      problem "$map" "exports $name, which $header lacks" 'declare it, with a comment and a page'
  done < <(sed '/local:/,/}/d' "$map" | sed -nE 's/^[[:space:]]+([A-Za-z0-9_*]+);.*/\1/p')
}

# Prints what --help shows, for a tool and for all its commands.
help_of() {
  local text command
  text=$("$@" --help)
  printf '%s\n' "$text"
  while read -r command; do
    help_of "$@" "$command"
  done < <(sed -n '/^Subcommands:/,$p' <<<"$text" | sed -nE 's/^  ([a-z][a-z-]*) .*/\1/p')
}

# The pages of a tool are its own and those of its commands.
check_tool() {
  local tool=$1 name=${1##*/} option words
  words=$(cat "$tool_pages/$name"/*.1 | sed 's/\\-/-/g' | tr -cs 'a-z0-9-' '\n')
  while read -r option; do
    has_line "$words" "$option" ||
      problem "$tool_pages/$name" "no page has $option, which $name --help shows" 'describe it'
  done < <(help_of "$tool" | grep -oE '(^|[ ,])--[a-z][a-z0-9-]*' | tr -d ' ,' | LC_ALL=C sort -u)
}

tool_pages=tools
if [ "${1:-}" = --root ]; then
  [ -f "${2:-}/$header" ] || usage '[--root ROOT] [TOOL...]: no header in the root'
  top=$2
  shift 2
fi
tools=()
for tool in "$@"; do
  [ -x "$tool" ] || usage "[--root ROOT] [TOOL...]: $tool is no program"
  tools+=("$(realpath "$tool")")
done
cd "$top"
functions=$(functions_of_header)
[ -n "$functions" ] || problem "$header" 'declares no function with OSKBC_API' 'is this the header?'
overview_text=$(cat "$overview")
overview_words=$(tr -cs 'A-Za-z0-9_' '\n' <<<"$overview_text")
installed=$(cat "$pages/meson.build")
page_names=$(list_pages names_of)
page_prototypes=$(list_pages prototypes_of)
while IFS='|' read -r name prototype _; do
  check_function "$name" "$prototype"
done <<<"$functions"
for page in "$pages"/*.3; do
  [ "$page" = "$overview" ] || check_page "$page"
done
check_overview_statuses
check_exports
for tool in "${tools[@]}"; do
  check_tool "$tool"
done
finish "$(wc -l <<<"$functions") functions, $(find "$pages" -name '*.3' | wc -l) pages, ${#tools[@]} tools"
