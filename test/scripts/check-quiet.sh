#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The library is a guest in its caller's process: unwrapping reads no openssl.cnf, neither the system's nor
# the one that OPENSSL_CONF names, and starts no thread and no process. Watched from outside, with strace.
#
# usage: check-quiet.sh OSKBC
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=checks.sh
. "$(dirname "$0")/checks.sh"

sample=$top/examples/sample

# A configuration that anybody who read it would be seen reading.
plant_configuration() {
  printf 'openssl_conf = planted\n[planted]\n' >"$work/planted.cnf"
}

watch() {
  "$sample/make-tree.sh" "$work/root"
  OPENSSL_CONF=$work/planted.cnf strace -f -qq -s 4096 -o "$work/trace" \
    -e trace=open,openat,openat2,clone,clone3,fork,vfork,execve \
    "$1" --root "$work/root" unwrap "$sample/packet.json" >"$work/options"
}

# A trace that misses what must be there would make every other line of this check worthless.
check_trace() {
  cmp -s "$work/options" <(head -c -1 "$sample/options.json") ||
    problem "$1" 'does not unwrap the sample' 'mend that first'
  grep -q 'sys/kernel/security' "$work/trace" || grep -q '"coco' "$work/trace" ||
    problem strace 'did not see the keyset being opened' 'mend this check: it is blind'
  grep -q 'libcrypto' "$work/trace" ||
    problem strace 'did not see libcrypto being loaded' 'mend this check: it is blind'
}

check_absent() {
  local pattern=$1 what=$2 advice=$3 line
  while read -r line; do
    problem "$line" "$what" "$advice"
  done < <(grep -E "$pattern" "$work/trace" || true)
}

[ $# = 1 ] || usage OSKBC
need strace
strace -o /dev/null true 2>/dev/null || skip 'strace may not trace here'
make_work_folder
plant_configuration
watch "$1" || problem "$1" "exits with $? under strace" 'mend that first'
check_trace "$1"
check_absent 'openssl\.cnf|planted\.cnf' "reads OpenSSL's configuration" \
  'use the private OSSL_LIB_CTX for every call, and no function that initialises the default one'
check_absent '(clone3?|v?fork)\(' 'starts a thread or a process' 'do the work in the calling thread'
finish "$(wc -l <"$work/trace") system calls of an unwrap: files opened, threads, processes"
