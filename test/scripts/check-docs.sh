#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Documentation and code name the same things: each exported function has a comment with its words for
# threads and its version, each status is in include/README.md and the tools' manual pages with its number, what
# these and README.md name exists, and so do the tests that SECURITY.md names for its claims. Each link of a page
# leads to a file, and README.md stays short.
#
# usage: check-docs.sh
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=checks.sh
. "$(dirname "$0")/checks.sh"

header=include/oskbc/oskbc.h
readme=README.md
interface=include/README.md
max_readme_lines=150
manuals=(tools/oskbc/oskbc.1 tools/agent/oskbc-agent.8)
security=.github/SECURITY.md

# Prints NAME|COMMENT of each exported function; the comment is the one that ends on the line before.
documented_functions() {
  awk '
    /^\/\*\*/ { comment = ""; inside = 1 }
    inside { comment = comment " " $0; if (/\*\//) { inside = 0; ended = NR }; next }
    /^OSKBC_API/ {
      name = $0
      sub(/[[:space:]]*\(.*/, "", name)
      sub(/.*[^A-Za-z0-9_]/, "", name)
      print name "|" (ended == NR - 1 ? comment : "")
    }' "$header"
}

check_function() {
  local name=$1 comment=$2
  functions=$((functions + 1))
  if [ -z "$comment" ]; then
    problem "$header" "$name has no comment right before it" 'say what it does, for whom, since when'
    return
  fi
  grep -qE 'Since [0-9]+\.[0-9]+\.[0-9]+\.' <<<"$comment" ||
    problem "$header" "the comment of $name lacks its version" 'end it with "Since X.Y.Z."'
  grep -qE 'Thread-safe|Not on one object at once' <<<"$comment" ||
    problem "$header" "the comment of $name has no word for threads" \
      'use one that the top of the header explains: "Thread-safe" or "Not on one object at once"'
}

# Prints NAME NUMBER of each status.
statuses() {
  sed -nE 's/^[[:space:]]*(OSKBC_(OK|E_[A-Z_]+)) = ([0-9]+),?$/\1 \3/p' "$header"
}

# The number may stand on the line before or after, as manual pages have it.
names_status() {
  grep -wF -B1 -A1 -e "$2" "$1" | grep -qw -e "$3"
}

check_statuses() {
  local file=$1 name number
  if [ ! -f "$file" ]; then
    problem "$file" 'is missing' 'write it, with every status and its number'
    return
  fi
  while read -r name number; do
    names_status "$file" "$name" "$number" ||
      problem "$file" "lacks $name with its number $number" 'add it to the table of statuses'
  done < <(statuses)
}

# File names such as oskbc_test.cpp are no names of the header; a name that ends in _ stands for a family.
check_names_in() {
  local file=$1 name
  [ -f "$file" ] || return 0
  while read -r name; do
    grep -qE "\b$name\b" "$header" ||
      problem "$file" "names $name, which $header lacks" 'mend the name, or declare it'
  done < <(grep -ohE '\b(oskbc|OSKBC)_[A-Za-z0-9_]*[A-Za-z0-9]\b[^.A-Za-z0-9_*]?' "$file" |
    sed -E 's/[^A-Za-z0-9_]$//' | LC_ALL=C sort -u)
}

# Paths stand between backquotes, which are 140 in octal.
check_paths_in() {
  local file=$1 path
  while read -r path; do
    [ -e "$path" ] || problem "$file" "names $path, which is not there" 'name the test that holds the claim'
  done < <(tr '\140' '\n' <"$file" | grep -E '^test/[^ ]+$' | LC_ALL=C sort -u)
}

# Prints the target of each link of a page that is no address, without what is after "#".
links_in() {
  grep -oE '\]\([^)]+\)' "$1" | sed -E 's/^\]\(//; s/\)$//; s/#.*//' | grep -vE '^[a-z]+:|^$' | LC_ALL=C sort -u
}

check_links_in() {
  local page=$1 link
  while read -r link; do
    pages_links=$((pages_links + 1))
    [ -e "$(dirname "$page")/$link" ] ||
      problem "$page" "has a link to $link, which is not there" 'mend the link, or take it away'
  done < <(links_in "$page")
}

check_length() {
  local lines
  lines=$(wc -l <"$readme")
  [ "$lines" -le $max_readme_lines ] ||
    problem "$readme" "has $lines lines, more than $max_readme_lines" 'give what is not for everybody a page of its own'
}

cd "$top"
functions=0 pages_links=0
while IFS='|' read -r name comment; do
  check_function "$name" "$comment"
done < <(documented_functions)
[ "$functions" -gt 0 ] || problem "$header" 'declares no function with OSKBC_API' 'is this the header?'
[ "$(statuses | wc -l)" -gt 1 ] || problem "$header" 'has no statuses' 'is this the header?'

check_statuses "$interface"
for manual in "${manuals[@]}"; do
  check_statuses "$manual"
  check_names_in "$manual"
done
check_names_in "$readme"
check_names_in "$interface"
check_length
while IFS= read -r -d '' page; do
  check_links_in "$page"
done < <(find . -name '*.md' -not -path './build*' -not -path '*/target/*' -not -path './.git/*' -print0)
[ "$pages_links" -gt 20 ] || problem '*.md' "have $pages_links links" 'is this the project?'
check_paths_in "$security"
finish "$functions functions, $(statuses | wc -l) statuses, $pages_links links, $readme, $interface, ${manuals[*]}, $security"
