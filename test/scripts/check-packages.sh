#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The Debian packaging says what the project does, as far as that shows without building packages (which
# test/packaging/run.sh does): one version everywhere; each name that the library exports is in the symbols file, and
# no other; each file that Meson installs for the packages is in one of them, and each pattern of theirs has a file;
# install-packages.sh installs what Build-Depends names.
#
# usage: check-packages.sh LIBRARY [DEBIAN_FOLDER]   (another than tools/packaging/debian, for trials)
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=checks.sh
. "$(dirname "$0")/checks.sh"

# --- versions ------------------------------------------------------------------------------------------

project_version() {
  sed -nE "s/^  version: '([^']+)',$/\1/p" "$top/meson.build"
}

check_versions() {
  local version packaged logged
  version=$(project_version)
  [ -n "$version" ] || problem meson.build 'has no version' 'is this the project?'
  packaged=$(dpkg-parsechangelog -l "$debian/changelog" -S Version)
  [ "${packaged%-*}" = "$version" ] ||
    problem "$debian/changelog" "is about $packaged, meson.build about $version" 'add an entry with dch'
  logged=$(sed -nE 's/^## (Unreleased: )?([0-9.]+).*/\2/p' "$top/.github/CHANGELOG.md" | head -n 1)
  [ "$logged" = "$version" ] ||
    problem .github/CHANGELOG.md "is about '$logged' first, meson.build about $version" 'add a section'
}

# --- symbols -------------------------------------------------------------------------------------------

# Prints NAME@VERSION of each symbol, as dpkg-gensymbols has them: that of the version itself, too.
symbols_of() {
  nm -D --defined-only --with-symbol-versions "$1" | awk '{ sub(/@@/, "@", $3); print $3 ($2 == "A" ? "@" $3 : "") }' | LC_ALL=C sort
}

# dpkg-gensymbols minds those alone that an earlier version had.
check_symbols() {
  local name
  symbols_of "$1" >"$work/exported"
  sed -nE 's/^ ([^ ]+) [0-9.]+$/\1/p' "$debian/liboskbc0.symbols" | LC_ALL=C sort >"$work/listed"
  while read -r name; do
    problem "$debian/liboskbc0.symbols" "lacks $name, which ${1##*/} exports" 'add it, with the version that has it first'
  done < <(LC_ALL=C comm -23 "$work/exported" "$work/listed")
  while read -r name; do
    problem "$debian/liboskbc0.symbols" "has $name, which ${1##*/} does not export" \
      'take it away; one that was released has to stay in the library'
  done < <(LC_ALL=C comm -13 "$work/exported" "$work/listed")
}

# --- files ---------------------------------------------------------------------------------------------

# As debian/rules does it.
configure() {
  local options
  read -ra options < <(make -s -f "$debian/rules" options)
  meson setup "$work/build" "$top" --prefix=/usr "--libdir=lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH)" \
    "${options[@]}" >"$work/setup.log" 2>&1
}

# Prints every path that an installation for the packages has. Links to the library are not among what Meson tells.
installed_files() {
  meson introspect "$work/build" --installed | python3 -c '
import json, sys
for path in json.load(sys.stdin).values():
    print(path.lstrip("/"))
    if path.endswith("/liboskbc.so.0"):
        print(path[1:-2])'
}

# Prints PACKAGE PATTERN of every line of the *.install files.
packaged_patterns() {
  local file
  for file in "$debian"/*.install; do
    sed -E "s,^([^ ]+).*,$(basename "$file" .install) \1," "$file"
  done
}

# A pattern that leads to a folder stands for all that is in it, as for dh_install.
matches() {
  # shellcheck disable=SC2053  # a pattern
  [[ $1 == $2 || $1 == $2/* ]]
}

check_file() {
  local file=$1 package pattern found=()
  while read -r package pattern; do
    ! matches "$file" "$pattern" || found+=("$package")
  done <<<"$patterns"
  [ ${#found[@]} = 1 ] ||
    problem "/$file" "is installed, and in ${#found[@]} packages: ${found[*]}" \
      "name it in one $debian/*.install"
}

check_pattern() {
  local package=$1 pattern=$2 file
  while read -r file; do
    ! matches "$file" "$pattern" || return 0
  done <<<"$files"
  problem "$debian/$package.install" "$pattern is nothing that Meson installs" 'take it away, or install it'
}

check_files() {
  local file package pattern
  while read -r file; do
    check_file "$file"
  done <<<"$files"
  while read -r package pattern; do
    check_pattern "$package" "$pattern"
  done <<<"$patterns"
}

# --- packages to build with ----------------------------------------------------------------------------

build_depends() {
  # debhelper has these two under other names.
  sed -n '/^Build-Depends:/,/^[A-Z]/p' "$debian/control" | sed -nE 's/^ ([^ ,]+).*/\1/p' |
    sed -E 's/^(debhelper-compat|dh-sequence-.*)$/debhelper/' | sort -u
}

check_build_depends() {
  local package known
  known=$("$top/test/scripts/install-packages.sh" --packages --list)
  while read -r package; do
    grep -qxF "$package" <<<"$known" ||
      problem "$debian/control" "builds with $package, which install-packages.sh --packages does not install" \
        'add it there'
  done < <(build_depends)
}

[ $# = 1 ] || [ $# = 2 ] || usage 'LIBRARY [DEBIAN_FOLDER]'
debian=$(realpath "${2:-$top/tools/packaging/debian}")
[ -f "$debian/control" ] || usage "LIBRARY [DEBIAN_FOLDER]: $debian has no control"
readelf -h "$1" 2>/dev/null | grep -q 'DYN ' || skip "$1 is no shared library"
need dpkg-architecture dpkg-parsechangelog make meson nm python3
make_work_folder
check_versions
check_symbols "$1"
check_build_depends
if configure; then
  files=$(installed_files)
  patterns=$(packaged_patterns)
  check_files
else
  reason=$(grep -F ERROR "$work/setup.log" | head -n 1)
  # What is only missing here is no fault of the packaging.
  ! grep -q ' not found' <<<"$reason" || skip "the packages cannot be built here: $reason"
  problem "$debian/rules" "Meson refuses its options: $reason" 'give it those of meson_options.txt'
fi
finish "$(grep -c . <<<"${files:-}" || true) files, $(find "$debian" -name '*.install' | wc -l) packages, $(build_depends | wc -l) packages to build with"
