#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# What is installed can be used by somebody who has nothing else of the project: installs a build, compiles
# examples/unwrap.c against it through pkg-config, and runs it; then the same with a static library from a
# build of its own: over shared libraries, in programs of C and Rust that need none, and over musl.
#
# usage: check-install.sh BUILD_FOLDER
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=checks.sh
. "$(dirname "$0")/checks.sh"

compiler=${CC:-cc}
sample=$top/examples/sample
# Where a build with the defaults puts things below DESTDIR; ours says it itself.
prefix=/usr/local
installed_files=(
  include/oskbc/oskbc.h
  include/oskbc/oskbc.hpp
  bin/oskbc
  share/man/man1/oskbc.1
  share/bash-completion/completions/oskbc
  share/fish/vendor_completions.d/oskbc.fish
  share/zsh/site-functions/_oskbc
  share/man/man3/oskbc.3
  share/man/man3/oskbc_wipe.3
)

# Runs a command; what it prints is shown only if it fails.
quietly() {
  "$@" >"$work/log" 2>&1 || {
    cat "$work/log"
    return 1
  }
}

# Prints the folder with oskbc.pc, wherever the distribution's library folder is.
pkgconfig_folder() {
  find "$1" -name oskbc.pc -printf '%h\n' | head -n 1
}

# pkg-config as a user of an installation under another root has it: the prefix is given by hand, because
# --define-prefix guesses wrong where libraries lie in a folder per architecture.
ask_pkg_config() {
  local folder=$1
  shift
  PKG_CONFIG_PATH=$folder pkg-config --define-variable=prefix="$used_prefix" "$@" oskbc
}

compile() {
  local kind=$1 folder=$2 flags
  shift 2
  flags=$(ask_pkg_config "$folder" "$@" --cflags --libs) || {
    problem "$folder/oskbc.pc" 'pkg-config refuses it' 'see the message above'
    return 1
  }
  # shellcheck disable=SC2086  # words
  quietly $compiler -std=c99 "$top/examples/unwrap.c" $flags -o "$work/unwrap-$kind" || {
    problem "$folder/oskbc.pc" "examples/unwrap.c does not build with: $flags" 'mend what lib/meson.build generates'
    return 1
  }
}

run_example() {
  local kind=$1 library_folder=$2
  LD_LIBRARY_PATH=$library_folder quietly "$sample/try.sh" unwrap "$work/unwrap-$kind" ||
    problem "the $kind library" 'the installed example does not do its work' 'see the message above'
}

check_files() {
  local file
  for file in "${installed_files[@]}"; do
    [ -f "$used_prefix/$file" ] || problem "$file" 'is not installed' 'mend the meson.build that has it'
  done
}

# What a unit names was installed: program, configuration, manual page.
check_unit() {
  local unit=$used_prefix/lib/systemd/system/$1 file
  while read -r file; do
    [ -f "$work/root$file" ] ||
      problem "$unit" "names $file, which is not installed" 'mend the meson.build that installs the unit'
  done < <(sed -nE -e 's/^ExecStart=([^ ]+)( --config ([^ ]+))?.*$/\1\n\3/p' -e 's/^EnvironmentFile=//p' \
    -e "s,^Documentation=man:(.*)\(([1-8])\)$,$prefix/share/man/man\2/\1.\2,p" "$unit" | grep . || echo 'no program')
  while read -r file; do
    check_environment "$work/root$file"
  done < <(sed -n 's/^EnvironmentFile=//p' "$unit")
}

# systemd says of a line that is neither comment nor assignment, in its journal alone, that it ignored it.
check_environment() {
  local line
  line=$(grep -m 1 -vE '^(#.*|[A-Z_]+="[^"]*"|)$' "$1") || return 0
  problem "$1" "has the line '$line', which systemd ignores" 'write comments, and NAME="VALUE" on one line'
}

# Without gRPC there is neither service.
check_units() {
  [ ! -f "$used_prefix/bin/oskbc-agent" ] || check_unit oskbc-agent.service
  [ ! -f "$used_prefix/bin/oskbc-agent-grpc" ] || check_unit oskbc-agent-grpc.service
  [ ! -f "$used_prefix/libexec/oskbc/sev-guest-owner-serve" ] || check_unit sev-guest-owner-serve.service
}

# A user of the library should not need what only the inside is compiled with.
check_requirements() {
  local needed
  needed=$(PKG_CONFIG_PATH=$1 pkg-config --print-requires --print-requires-private oskbc | grep -v '^libcrypto' || true)
  [ -z "$needed" ] ||
    problem "$1/oskbc.pc" "requires: $needed" 'name in lib/meson.build what users link, and nothing else'
}

check_shared() {
  local folder
  used_prefix=$work/root$prefix
  quietly meson install -C "$1" --no-rebuild --destdir "$work/root"
  folder=$(pkgconfig_folder "$work/root")
  if [ -z "$folder" ]; then
    problem oskbc.pc 'is not installed' 'generate it in lib/meson.build'
    return
  fi
  check_files
  check_units
  check_requirements "$folder"
  compile shared "$folder" || return 0
  run_example shared "${folder%/pkgconfig}"
}

# In the folder of a build itself, by oskbc-uninstalled.pc.
check_uninstalled() {
  used_prefix=/nowhere
  compile uninstalled "$1/meson-uninstalled" || return 0
  run_example uninstalled "$1/lib"
}

check_static() {
  local folder
  used_prefix=$work/static
  # Fortified calls are glibc's.
  quietly meson setup "$work/build" "$top" --prefix "$used_prefix" -Ddefault_library=static -Dhardening=false \
    -Dtests=false -Dtools=false -Dexamples=false --buildtype=plain
  quietly ninja -C "$work/build"
  quietly meson install -C "$work/build" --no-rebuild
  folder=$(pkgconfig_folder "$used_prefix")
  compile static "$folder" --static || return 0
  ! readelf -d "$work/unwrap-static" | grep -q 'NEEDED.*liboskbc' ||
    problem 'the static library' 'the program still needs liboskbc.so' 'mend what lib/meson.build generates'
  run_example static ''
  check_static_program "$folder"
  check_rust "$folder"
  check_musl "$used_prefix"
}

needs_nothing_shared() {
  ! readelf -d "$1" | grep -q NEEDED ||
    problem "${1##*/}" 'needs a shared library' 'mend what lib/meson.build generates, or examples/rust/build.rs'
}

check_static_program() {
  compiler="$compiler -static" compile glibc "$1" --static || return 0
  needs_nothing_shared "$work/unwrap-glibc"
  run_example glibc ''
}

# Where cargo is there: the tests have it as an example, too.
check_rust() {
  local triple
  command -v cargo >/dev/null || return 0
  triple=$(rustc -vV | sed -n 's/^host: //p')
  (
    cd "$top/examples/rust"
    export PKG_CONFIG_PATH=$1 OSKBC_STATIC=1 RUSTFLAGS='-C target-feature=+crt-static'
    quietly cargo build --offline --locked --example unwrap --target "$triple" --target-dir "$work/cargo"
  ) || {
    problem examples/rust/build.rs 'no static program is built with OSKBC_STATIC=1' 'see above; each library is passed on there'
    return
  }
  cp "$work/cargo/$triple/debug/examples/unwrap" "$work/unwrap-rust"
  needs_nothing_shared "$work/unwrap-rust"
  run_example rust ''
}

# Names that glibc has and musl has not, in what is linked of our own objects; the JSON writer is the tools'.
glibc_names() {
  nm -A --undefined-only "$1" | grep -v packet_writer | grep -oE '\b(__[a-z_]+_chk|__libc_single_threaded|__isoc[0-9a-z_]+|_dl_[a-z_]+)$' || true
}

# What a linker did not find, by its log.
undefined_names() {
  grep -oE 'undefined reference to `[^'"'"']+' "$@" | sed 's/.*`//' | sort -u
}

# Debian has no C++ runtime, OpenSSL and Boost for musl, so theirs for glibc are linked, with what they miss.
check_musl() {
  local library names
  command -v musl-gcc >/dev/null || return 0
  library=$(find "$1" -name liboskbc.a)
  names=$(glibc_names "$library")
  [ -z "$names" ] || problem liboskbc.a "needs of glibc: $names" 'do without them; -Dhardening=false leaves out the fortified ones'
  local archives=() name
  for name in boost_filesystem stdc++ crypto gcc_eh gcc; do
    archives+=("$("${compiler%% *}" -print-file-name=lib$name.a)")
  done
  if musl-gcc -static -Wl,--eh-frame-hdr "$top/examples/unwrap.c" "$top/test/support/glibc_names.c" -I"$1/include" "$library" \
    "${archives[@]}" -o "$work/unwrap-musl" >"$work/log" 2>&1; then
    run_example musl ''
  else
    # Those of Debian 12 are known; a newer runtime misses more.
    printf 'note: over musl, Debian does not have: %s\n' "$(undefined_names "$work/log" | tr '\n' ' ')"
    # Ours are compiled with glibc's headers, which call open64() what musl's call open(); musl 1.2.4 has no such names.
    names=$(grep -A1 'liboskbc\.a(' "$work/log" | undefined_names | grep -v '64$' | tr '\n' ' ' || true)
    [ -z "$names" ] || problem liboskbc.a "does not link over musl: $names" 'do without what only glibc has'
  fi
}

[ $# = 1 ] || usage BUILD_FOLDER
need meson ninja pkg-config "${compiler%% *}" readelf
make_work_folder
prefix=$(meson introspect "$1" --buildoptions | python3 -c '
import json, sys
print(next(option["value"] for option in json.load(sys.stdin) if option["name"] == "prefix"))')
check_uninstalled "$1"
check_shared "$1"
check_static
finish 'an installation, and examples/unwrap.c built against it, shared, static, over musl, and without it'
