# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Roots of a Debian system with nothing in them, and commands inside. To be sourced.

# Prints this machine's release.
own_release() {
  # shellcheck source=/dev/null
  (. /etc/os-release && echo "$VERSION_CODENAME")
}

# Prints the mirror that this machine has its release from, or nothing.
own_mirror() {
  # shellcheck disable=SC2016  # apt-get's own words
  apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Suite: $(own_release)" 'Origin: Debian' |
    sort -u | head -n 1
}

# ROOT [RELEASE]: makes a new one, of this machine's release or another one, from the mirror that this machine has.
make_root() {
  local mirror
  mirror=$(own_mirror)
  debootstrap --variant=minbase "${2:-$(own_release)}" "$1" ${mirror:+"$mirror"}
  in_root "$1" apt-get update
}

# ROOT COMMAND...: runs it in the root as its first process; what it starts or mounts ends with it.
in_root() {
  local root=$1
  shift
  # shellcheck disable=SC2016  # the inner shell's
  unshare --mount --propagation private --pid --fork --kill-child \
    sh -c 'mount -t proc proc "$1/proc" && mount -t tmpfs tmpfs "$1/dev/shm" && root=$1 && shift && exec chroot "$root" "$@"' in_root "$root" \
    env -u TMPDIR HOME=/root LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive "$@" \
    </dev/null
}

# ROOT PACKAGE...
install_in() {
  local root=$1
  shift
  in_root "$root" apt-get install -q -y --no-install-recommends "$@"
}
