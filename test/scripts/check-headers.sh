#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The public headers stand alone, in every language version that users may have, without a warning:
# oskbc.h as C99, C11, C++17 and C++20, oskbc.hpp as C++17 and C++20; with the compilers that are there.
#
# usage: check-headers.sh
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=checks.sh
. "$(dirname "$0")/checks.sh"

warnings=(-Wall -Wextra -pedantic -Werror -Wconversion -Wshadow)
compiled=0

# Twice, so that the include guard is looked at too.
compile() {
  local compiler=$1 language=$2 standard=$3 header=$4 output
  compiled=$((compiled + 1))
  output=$(printf '#include <oskbc/%s>\n#include <oskbc/%s>\nint main(void) { return 0; }\n' "$header" "$header" |
    "$compiler" -x "$language" -std="$standard" "${warnings[@]}" -I "$top/include" -fsyntax-only - 2>&1) || {
    printf '%s\n' "$output"
    problem "include/oskbc/$header" "$compiler -std=$standard refuses it" 'see the messages above'
  }
}

compile_all() {
  local kind=$1 language=$2 header=$3 compiler standard
  shift 3
  local found=no
  local -n compilers=$kind
  for compiler in "${compilers[@]}"; do
    command -v "$compiler" >/dev/null || continue
    found=yes
    for standard in "$@"; do
      compile "$compiler" "$language" "$standard" "$header"
    done
  done
  [ $found = yes ] || skip "there is neither ${compilers[*]}"
}

# shellcheck disable=SC2034  # reached through their names
c_compilers=(gcc clang)
# shellcheck disable=SC2034
cpp_compilers=(g++ clang++)

compile_all c_compilers c oskbc.h c99 c11
compile_all cpp_compilers c++ oskbc.h c++17 c++20
compile_all cpp_compilers c++ oskbc.hpp c++17 c++20
finish "the public headers, compiled alone $compiled times"
