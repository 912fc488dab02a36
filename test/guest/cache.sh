# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# The cache of what takes long to build. To be sourced. An entry's name has a hash of all that it is
# built from, so that a stale one is never found; it is built elsewhere and moved into place, so that a
# half-built one is never found either.

cache=${XDG_CACHE_HOME:-$HOME/.cache}/oskbc

fail() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# Prints the usage lines of a script's head comment.
usage() {
  sed -n 's/^# \(usage\|  *--\)/\1/p' "$1" >&2
  exit 64
}

# NAME CACHED: prints the folder of an entry. Calls the caller's "cache_key", which prints what the entry
# depends on, and, where it is not there yet and CACHED is "no", "build", in an empty folder that goes
# away; what it leaves in result/ becomes the entry.
from_cache() {
  local key entry
  key=$(cache_key | sha256sum)
  entry=$cache/$1-${key:0:16}
  if [ ! -d "$entry" ]; then
    [ "$2" = no ] || return 1
    mkdir -p "$cache"
    work=$(mktemp -d "$cache/building.XXXXXX")
    trap 'rm -rf --one-file-system "$work"' EXIT
    (cd "$work" && mkdir result && build)
    # Somebody else may have been quicker with the same.
    mv -T "$work/result" "$entry" 2>/dev/null || [ -d "$entry" ]
  fi
  printf '%s\n' "$entry"
}
