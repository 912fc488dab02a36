#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# clang-tidy, with .clang-tidy's choice of checks, on the sources below lib/ and tools/ and the headers that they read.
#
# usage: check-tidy.sh BUILD [REGEX]
#   BUILD  a folder that clang has built in: its compile commands are used, and the headers that it has generated
#   REGEX  only sources that match, as ^lib/
#
# OSKBC_JOBS says how many run at once; the default is the number of processors.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=checks.sh
. "$(dirname "$0")/checks.sh"

# Prints the sources, as the project's top knows them. clang-tidy looks at a source once for each of its commands, of
# which one is enough: those are left in a list of our own.
list_sources() {
  python3 - "$build/compile_commands.json" "$top" "$work/compile_commands.json" <<'END'
import json
import os
import sys

commands_file, top, ours = sys.argv[1:]
commands = {}
with open(commands_file) as file:
    for command in json.load(file):
        source = os.path.relpath(os.path.join(command["directory"], command["file"]), top)
        if source.startswith(("lib/", "tools/")):
            commands.setdefault(source, command)
with open(ours, "w") as file:
    json.dump(list(commands.values()), file)
print("\n".join(sorted(commands)))
END
}

# Several at once would mix what they say. What is left afterwards are the findings, and the errors of clang-tidy.
tidy_one() {
  local log=$work/${1//\//_}
  if "$program" --quiet -p "$work" "$1" >"$log" 2>&1; then rm "$log"; fi
}

show_finding() {
  local log=$work/${1//\//_}
  [ -e "$log" ] || return 0
  cat "$log"
  problem "$1" 'clang-tidy complains' 'see its messages above, and .clang-tidy'
}

[ $# = 1 ] || [ $# = 2 ] || usage 'BUILD [REGEX]'
build=$(realpath -- "$1")
program=$(clang_program clang-tidy)
[ -n "$program" ] || skip "there is no clang-tidy $clang_version"
if ! grep -qsE '"command": "[^"]*clang' "$build/compile_commands.json"; then
  problem "$build" 'clang was not told to build here' 'run: CC=clang CXX=clang++ meson setup FOLDER && ninja -C FOLDER'
  finish 'nothing'
fi
cd "$top"
make_work_folder
mapfile -t sources < <(list_sources | grep -E -- "${2:-.}")
[ ${#sources[@]} -gt 0 ] || problem "$build" 'no source matches' 'see the usage'
export -f tidy_one
export program work
printf '%s\n' "${sources[@]}" | xargs -P "${OSKBC_JOBS:-$(nproc)}" -I '{}' bash -c 'tidy_one "{}"'
for source in "${sources[@]}"; do
  show_finding "$source"
done
finish "${#sources[@]} sources with $("$program" --version | grep -oE 'version [0-9.]+')"
