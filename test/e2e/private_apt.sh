# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Fetches packages of another suite of Debian through the sources of this machine's own apt, with a private
# configuration: nothing is installed and the machine's apt is not changed. To be sourced. The caller sets:
#   wanted    what "there is none" starts with
#   packages  their names, an array
#   dir       where what was fetched is kept
# and has the functions
#   suite_for CODENAME  prints the suite, or gives up
#   unpack              makes $tree of $apt/*.deb
#   try_it              succeeds if what is in $tree is of use; says why if not
# Needs apt, dpkg and python3, not root. Ends with 77, and one line that says why, where nothing can be had.
# shellcheck disable=SC2154  # the caller's

step_seconds=${OSKBC_FETCH_SECONDS:-200}

give_up() {
  printf '%s: %s\n' "$wanted" "$*" >&2
  exit 77
}

need_programs() {
  local program
  for program in "$@"; do
    command -v "$program" >/dev/null || give_up "there is no $program here"
  done
}

codename() {
  # shellcheck source=/dev/null
  (. /etc/os-release && echo "${VERSION_CODENAME:-}") 2>/dev/null || true
}

# Writes a configuration for an apt with files of its own. Hooks of the machine's apt are cleared: they
# are for the machine's package lists.
write_apt_conf() {
  local etc=/etc/apt/
  eval "$(apt-config shell etc Dir::Etc/d)"
  mkdir -p "$apt/state/lists/partial" "$apt/cache/archives/partial" "$apt/sources"
  cat >"$apt/conf" <<END
#clear APT::Update;
#clear APT::Default-Release;
#clear APT::Architectures;
APT::Architectures { "$(dpkg --print-architecture)"; };
APT::Update::Error-Mode "any";
APT::Sandbox::User "root";
Dir::State "$apt/state";
Dir::State::status "/dev/null";
Dir::Cache "$apt/cache";
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$apt/sources";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Acquire::Retries "2";
Acquire::http::Timeout "30";
Acquire::https::Timeout "30";
END
  python3 "${BASH_SOURCE[0]%/*}/next_suite.py" "$own" "$suite" "${etc%/}" >"$apt/sources/next.sources"
}

update_lists() {
  timeout "$step_seconds" apt-get -q -c "$apt/conf" update
}

download_packages() {
  cd "$apt" && timeout "$step_seconds" apt-get -q -c "$apt/conf" download "${packages[@]}"
}

# The first complaint of apt in a log, which has the cause, or else the last line.
complaint_in() {
  sed -n 's/^[EW]: //p' "$1" | head -n 1 | grep . || tail -n 1 "$1" | grep . || echo 'it said nothing'
}

# Fetches into a folder of its own and puts that into place whole, so that what is in place is complete.
fetch() {
  local own suite step status
  need_programs apt-get apt-config dpkg dpkg-deb
  own=$(codename)
  suite=$(suite_for "$own") || exit
  apt=$work/apt tree=$work/tree
  mkdir "$apt" "$tree"
  for step in write_apt_conf update_lists download_packages unpack try_it; do
    status=0
    ($step) </dev/null >"$work/log" 2>&1 || status=$?
    [ $status != 124 ] || give_up "${step//_/ }: not done in $step_seconds seconds"
    [ $status = 0 ] || give_up "${step//_/ }: $(complaint_in "$work/log")"
  done
  rm -rf "${dir:?}/tree"
  mv "$tree" "$dir/tree"
}

# Two runs at once would disturb one another. What a killed run left is removed.
take_turn() {
  mkdir -p "$dir" 2>/dev/null || give_up "$dir cannot be made"
  dir=$(cd "$dir" && pwd)
  { exec 9>"$dir/lock"; } 2>/dev/null || give_up "$dir is not writable"
  flock -w 600 9 || give_up "another run has been busy in $dir for ten minutes"
  rm -rf "$dir"/work.*
  work=$(mktemp -d "$dir/work.XXXXXX")
  trap 'rm -rf "$work"' EXIT
}
