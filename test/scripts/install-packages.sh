#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Installs the packages of a Debian system that the project needs, and only those that are missing. The
# one place with their names: test/run.sh and examples/quickstart.sh both call this.
#
# usage: install-packages.sh [--test] [--packages] [--guest] [--bench] [--list] [PACKAGE...]
#   --test      also what the tests and checks need
#   --packages  also what tools/packaging/build-deb.sh and test/packaging/run.sh need
#   --guest     also what test/guest builds and boots its guests with
#   --bench     also what test/bench/run.sh needs
#   --list      print the names and install nothing
#   PACKAGE...  more names, for a caller with a need of its own
set -euo pipefail

build_packages=(
  build-essential meson ninja-build pkgconf
  libssl-dev nlohmann-json3-dev libboost-dev libboost-filesystem-dev catch2 libcli11-dev libarchive-dev liblzma-dev libtomlplusplus-dev
  python3 ca-certificates
)
# clang's sanitizers and fuzzer are in a package that it only recommends.
test_packages=(
  clang doxygen libclang-rt-dev shellcheck python3-cryptography valgrind
  cpio cryptsetup-bin file jose kmod libvirt-clients musl-tools
  libgrpc++-dev libprotobuf-dev protobuf-compiler protobuf-compiler-grpc python3-grpcio python3-protobuf
  libsqlite3-dev libpq-dev postgresql prometheus-cpp-dev logrotate
  libvirt-clients-qemu libxml2-utils python3-lxml
)
deb_packages=(
  debhelper debootstrap dpkg-dev git
  libgrpc++-dev libprotobuf-dev protobuf-compiler protobuf-compiler-grpc
  libsqlite3-dev libpq-dev prometheus-cpp-dev
)
guest_packages=(
  linux-source-6.1 bc bison cpio flex kmod libelf-dev xz-utils
  clang debootstrap lld qemu-system-x86 ovmf busybox-static
  cryptsetup-bin e2fsprogs python3-cryptography
)
bench_packages=(
  binutils hyperfine libbenchmark-dev python3-matplotlib time
)

complain() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
}

is_installed() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing_of() {
  local package
  for package in "$@"; do
    is_installed "$package" || printf '%s\n' "$package"
  done
}

# Prints what apt-get has to be started through: nothing for root, sudo for others.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    echo env
  elif command -v sudo >/dev/null; then
    echo sudo
  else
    return 1
  fi
}

install() {
  local root
  if ! command -v apt-get >/dev/null; then
    complain "there is no apt-get here; install what stands for these Debian packages yourself: $*"
    return 1
  fi
  if ! root=$(as_root); then
    complain "neither root nor sudo; have somebody run: apt-get install --no-install-recommends $*"
    return 1
  fi
  complain "installing with apt-get: $*"
  "$root" apt-get update -q >&2
  "$root" DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@" >&2
}

main() {
  local packages=("${build_packages[@]}") missing list=no
  while [ $# -gt 0 ]; do
    case $1 in
      --test) packages+=("${test_packages[@]}") ;;
      --packages) packages+=("${deb_packages[@]}") ;;
      --guest) packages+=("${guest_packages[@]}") ;;
      --bench) packages+=("${bench_packages[@]}") ;;
      --list) list=yes ;;
      -*)
        complain "unknown option $1"
        return 64
        ;;
      *) packages+=("$1") ;;
    esac
    shift
  done
  if [ "$list" = yes ]; then
    printf '%s\n' "${packages[@]}"
    return
  fi
  mapfile -t missing < <(missing_of "${packages[@]}")
  [ ${#missing[@]} -eq 0 ] || install "${missing[@]}"
}

main "$@"
