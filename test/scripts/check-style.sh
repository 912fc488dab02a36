#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Format, licence lines, sizes, the shell scripts, and with a build clang-tidy.
#
# usage: check-style.sh [--fix] [BUILD [REGEX]]
#   --fix         has clang-format write its changes first
#   BUILD, REGEX  what check-tidy.sh is to look at
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=checks.sh
. "$(dirname "$0")/checks.sh"

max_lines=400

# Prints the files of the project, separated by NUL: what git knows and what it does not ignore, or all
# where there is no git, as in an archive, which "meson dist" unpacks inside of a clone. Test data is no source.
project_files() {
  if [ "$(git rev-parse --show-prefix 2>/dev/null || echo none)" = '' ]; then
    git ls-files -z --cached --others --exclude-standard
  else
    find . -type f -not -path './build*' -not -path './.git/*' -not -path '*/target/*' -printf '%P\0'
  fi
}

# Fills arrays with the files of each kind.
sort_files() {
  local file
  while IFS= read -r -d '' file; do
    [ -f "$file" ] || continue
    all=$((all + 1))
    case $file in
      *.c | *.h | *.cpp | *.hpp) c_files+=("$file") source_files+=("$file") ;;
      *.sh | *.prerm | *.postrm | .ci/run) shell_files+=("$file") source_files+=("$file") ;;
      *.py | *.rs | *meson.build | meson_options.txt | *.map | *.toml | tools/*.[18] | tools/*.service.in) source_files+=("$file") ;;
    esac
  done < <(project_files)
}

check_format() {
  local program=$1 file
  [ "$fix" = no ] || "$program" -i "${c_files[@]}"
  # All at once takes a tenth of the time, and mixes what is said.
  ! "$program" --dry-run --Werror "${c_files[@]}" 2>/dev/null || return 0
  for file in "${c_files[@]}"; do
    "$program" --dry-run --Werror "$file" 2>"$work/format" ||
      problem "$file" "$(head -n 1 "$work/format")" "run: test/scripts/${0##*/} --fix"
  done
}

# A script's first line is its interpreter's, a manual page's its request: hence the first three.
check_licence() {
  local file
  for file in "${source_files[@]}"; do
    head -n 3 "$file" | grep -q 'SPDX-License-Identifier: Apache-2\.0' ||
      problem "$file" 'has no SPDX line at its top' 'add: SPDX-License-Identifier: Apache-2.0'
  done
}

check_size() {
  local file lines
  for file in "${source_files[@]}"; do
    [[ $file == lib/* || $file == tools/* ]] || continue
    # A command's manual is one page, however much there is to say.
    [[ $file != *.[18] ]] || continue
    lines=$(wc -l <"$file")
    [ "$lines" -le $max_lines ] ||
      problem "$file" "has $lines lines, more than $max_lines" 'give each part that stands for itself a file'
  done
}

# clang-format leaves comments as they are.
check_width() {
  local file line
  for file in "${c_files[@]}"; do
    line=$(LC_ALL=C.UTF-8 grep -nE '^.{101,}' "$file" | grep -m 1 -E '^[0-9]+: *(//|/?[*])' | cut -d: -f1) || true
    [ -z "$line" ] || problem "$file:$line" 'is longer than 100 columns' 'break the line'
  done
}

check_shell() {
  (cd "$top" && shellcheck "${shell_files[@]}") ||
    problem 'shell scripts' 'shellcheck complains' 'see its messages above'
}

check_tidy() {
  local status=0
  "$top/test/scripts/check-tidy.sh" "$@" || status=$?
  case $status in
    0) ;;
    77) missing+=("clang-tidy $clang_version") ;;
    *) problem 'clang-tidy' 'complains' 'see its messages above' ;;
  esac
}

fix=no
if [ "${1:-}" = --fix ]; then
  fix=yes
  shift
fi
if [ $# -gt 2 ] || [[ ${1:-} == -* ]]; then usage '[--fix] [BUILD [REGEX]]'; fi
# Before the folder changes, which its path may start from.
[ $# = 0 ] || set -- "$(realpath -- "$1")" "${@:2}"
cd "$top"
make_work_folder
all=0
c_files=() shell_files=() source_files=()
sort_files
missing=()
format=$(clang_program clang-format)
if [ -n "$format" ]; then check_format "$format"; else missing+=("clang-format $clang_version"); fi
[ $# = 0 ] || check_tidy "$@"
if command -v shellcheck >/dev/null; then check_shell; else missing+=(shellcheck); fi
check_licence
check_size
check_width

summary="${#c_files[@]} C and C++ files, ${#shell_files[@]} scripts, ${#source_files[@]} sources among $all files"
if [ "$problems" = 0 ] && [ ${#missing[@]} -gt 0 ]; then
  skip "there is no ${missing[*]}, as Debian 12 has, where style is judged; the rest is well: $summary"
fi
finish "$summary"
