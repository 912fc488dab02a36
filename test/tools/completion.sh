#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Completion in bash, zsh and fish, as far as they are installed: each shell runs its script with the built program.
# TAP on standard output.
#
# usage: completion.sh OSKBC SEV-GUEST-OWNER FOLDER-OF-SCRIPTS
set -u

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin" "$work/desk"
ln -s "$(realpath "$1")" "$work/bin/oskbc"
ln -s "$(realpath "$2")" "$work/bin/sev-guest-owner"
PATH=$work/bin:$PATH
scripts=$(realpath "$3")
serve=$(dirname "$(realpath "$2")")/sev-guest-owner-serve
cd "$work/desk" || exit 1
touch keys.json
mkdir folder

count=0
result() {
  count=$((count + 1))
  printf '%s %d - %s\n' "$1" "$count" "$2"
}

# Each prints what the shell would offer for a tool's words, the last of which is under the cursor.
in_bash() {
  # shellcheck disable=SC2016  # for the other shell
  bash --noprofile --norc -c 'source "$1/$2"
    COMP_WORDS=("${@:2}") COMP_CWORD=$(($# - 2))
    "_${2//-/_}" "$2" "${@: -1}" "${@: -2:1}" 2>/dev/null
    printf "%s\n" "${COMPREPLY[@]}"' bash "$scripts" "$@"
}
# What zsh's own functions would show is printed by ours.
in_zsh() {
  # shellcheck disable=SC2016  # for the other shell
  zsh -fc 'script=$1/_$2; shift
    _describe() { print -l -- "${(@)${(@P)2}%%:*}" }
    _files() { [[ ${1-} == -/ ]] && print -l -- *(/N) || print -l -- *(N) }
    words=("$@") CURRENT=$#
    complete_it() { source $script }
    complete_it' zsh "$scripts" "$@"
}
in_fish() {
  # shellcheck disable=SC2016  # for the other shell
  fish --no-config -c 'source $argv[1]/$argv[2].fish; complete -C "$argv[2..-1]"' "$scripts" "$@" | cut -f 1
}

offers() {
  local shell=$1 name=$2 expected=$3
  shift 3
  command -v "$shell" >/dev/null || {
    result ok "$shell: $name # SKIP there is no $shell here"
    return
  }
  if "in_$shell" "$@" | grep -qxF -- "$expected"; then
    result ok "$shell: $name"
  else
    result 'not ok' "$shell: $name"
    "in_$shell" "$@" 2>&1 | sed 's/^/# /' | head -n 20
  fi
}

for shell in bash zsh fish; do
  offers $shell 'a command' table sev-guest-owner ta
  offers $shell 'a command below another' build sev-guest-owner table b
  offers $shell 'an option' --keysets sev-guest-owner table build --keys
  offers $shell 'a choice' sev-es sev-guest-owner digest --mode sev-
  offers $shell 'a file' keys.json sev-guest-owner table build --keys ''
  offers $shell "the guest's tool" doctor oskbc 'do'
  if [ -x "$serve" ]; then
    offers $shell 'what another program knows' --amd-root sev-guest-owner serve --amd
  fi
done

# What --help shows, and nothing else, is offered.
shown() { "$@" --help | sed 's/-h,--help/--help/' | grep -oE '^  (-[a-z],)?--[a-z0-9-]+|^  -[a-z]' | grep -oE -- '-.*' | tr ',' '\n' | sort -u; }
for command in 'keygen' 'digest' 'secret' 'table build' 'verify-chain' 'session' 'measure' 'doctor' 'image check' 'audit'; do
  # shellcheck disable=SC2086  # two words
  offered=$(sev-guest-owner --complete $command - | cut -f 1 | sort -u)
  # shellcheck disable=SC2086
  if [ "$offered" = "$(shown sev-guest-owner $command)" ]; then
    result ok "$command: all of --help, and no more"
  else
    result 'not ok' "$command: all of --help, and no more"
    # shellcheck disable=SC2086
    diff <(echo "$offered") <(shown sev-guest-owner $command) | sed 's/^/# /'
  fi
done

printf '1..%d\n' "$count"
