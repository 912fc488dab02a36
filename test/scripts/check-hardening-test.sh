#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Proves that check-hardening.sh sees what it is there for: loses one measure after the other from a small program and
# a small library, and expects each loss to be found by its name.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=checks.sh
. "$(dirname "$0")/checks.sh"

plants=0
hardened=(-O2 -fcf-protection -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -z relro -z now)

write_sources() {
  cat >"$work/library.c" <<'END'
#include <stdio.h>
int greet(const char *name) {
  char text[64];
  snprintf(text, sizeof text, "hello, %s", name);
  return puts(text);
}
END
  printf '%s\nint main(int n, char **words) { return n < 2 || greet(words[1]) < 0; }\n' \
    "$(<"$work/library.c")" >"$work/program.c"
}

build() {
  "${CC:-cc}" -fPIE -pie "${hardened[@]}" "$@" -o "$work/program" "$work/program.c"
  "${CC:-cc}" -fPIC -shared "${hardened[@]}" "$@" -o "$work/library" "$work/library.c"
}

# MESSAGE ARGUMENT...: what check-hardening.sh says about the arguments.
finds() {
  local message=$1 output status=0
  shift
  plants=$((plants + 1))
  output=$("$top/test/scripts/check-hardening.sh" "$@" 2>&1) || status=$?
  if [ "$status" != 1 ] || ! grep -qF -- "$message" <<<"$output"; then
    problem check-hardening.sh "does not find $message" "expected exit status 1 and that; it said: $output"
  fi
}

# MEASURE OPTION...: what the options take away, from both files.
loses() {
  local measure=$1
  shift
  build "$@"
  finds "($measure)" "$work/program"
  finds "($measure)" "$work/library"
}

passes() {
  "$top/test/scripts/check-hardening.sh" "$@" >"$work/said" 2>&1 ||
    problem "$1" "check-hardening.sh does not like what is right: $(tail -n 3 "$work/said")" 'mend that first'
}

write_commands() {
  printf '[{"output": "lib/one.o", "command": "cc -c %s"}]\n' "$*" >"$work/commands.json"
}

need "${CC:-cc}" readelf objdump
make_work_folder
write_sources
build
passes "$work/program" "$work/library"
strip "$work/program"
passes "$work/program"

loses '-z relro' -z norelro
loses '-z now' -z lazy
loses -fstack-protector-strong -fno-stack-protector
loses _FORTIFY_SOURCE -U_FORTIFY_SOURCE
[ "$(uname -m)" != x86_64 ] || loses -fcf-protection -fcf-protection=none
"${CC:-cc}" "${hardened[@]}" -fno-PIE -no-pie -o "$work/program" "$work/program.c"
finds '(-fPIE, -pie)' "$work/program"

build
all=(-O2 -fPIC -fcf-protection -fstack-protector-strong)
write_commands "${all[@]}" '-D_FORTIFY_SOURCE=(__OPTIMIZE__?3:0)'
passes --commands "$work/commands.json" "$work/program"
write_commands "${all[@]}" -D_FORTIFY_SOURCE=1
finds 'without a level of _FORTIFY_SOURCE' --commands "$work/commands.json" "$work/program"
write_commands -D_FORTIFY_SOURCE=2 "${all[@]:2}"
finds 'without -fPIC' --commands "$work/commands.json" "$work/program"
finish "$plants losses"
