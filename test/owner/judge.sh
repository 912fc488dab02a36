#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# libvirt's virt-qemu-sev-validate, which shares no code with this project, judges launch digests, measurements and
# secret tables: it has to come to the same. TAP on standard output; all of it is skipped where there is none.
#
# usage: judge.sh SEV-GUEST-OWNER PLATFORM-TOOL
set -u

tool=$(realpath "$1")
platform=$(realpath "$2")
here=$(realpath "$(dirname "$0")")
work=$(mktemp -d)
cd "$work" || exit 1
umask 022

# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$here/tap.sh"

# Debian's modules are for Debian's Python, which need not be the first in PATH.
judge() {
  timeout 60 /usr/bin/python3 "$(command -v virt-qemu-sev-validate)" "$@" >"$work.out" 2>"$work.err" </dev/null
}

judge --help || {
  why=$(tail -n 1 "$work.err")
  printf '1..0 # SKIP nobody else judged, since virt-qemu-sev-validate does not run here (%s); %s\n' "$why" \
    'run: test/scripts/install-packages.sh --test'
  exit
}

accepted=0
# NAME, and what it takes; it has to say so, too.
accepts() {
  local name=$1
  shift
  judge "$@" && grep -qxF 'OK: Looks good to me' "$work.out" && accepted=$((accepted + 1))
  check "$name" test $? = 0
}

refuses() {
  local name=$1
  shift
  judge "$@"
  check "$name" test "$?:$(cat "$work.err")" = '1:ERROR: Measurement does not match, VM is not trustworthy'
}

known=(--api-major 1 --api-minor 55 --build-id 24)

# POLICY DIGEST: a launch on the platform; sets `launched`, what the judge has to know of it.
launch() {
  local policy=$1 digest=$2 measurement
  run session --pdh host/pdh.cert --policy "$policy" -o launch --force
  measurement=$("$platform" launch host --godh launch/godh.b64 --blob launch/launch_blob.b64 --policy "$policy" \
    --digest "$digest")
  launched=(--measurement "$measurement" "${known[@]}" --policy "$policy" --tik launch/tik --tek launch/tek)
}

# The digests in hexadecimal, as the tool prints them.
digests() {
  run digest "$@"
  sed -n 's/^hex: //p' "$work.out"
}

# --- launch digests and measurements -----------------------------------------------------------------------

# NAME FIRMWARE, and options that both understand but for the command line's name.
sev() {
  local name=$1 firmware=$2
  shift 2
  launch 1 "$(digests --ovmf "$firmware" "$@")"
  accepts "$name" "${launched[@]}" --firmware "$firmware" "${@/--append/--cmdline}"
}

# FIRMWARE NAME FAMILY MODEL STEPPING VCPUS. The judge knows the oldest way of measuring vCPUs alone.
sev_es() {
  local firmware=$1 cpu=$2 vcpus=$6
  launch 5 "$(digests --ovmf "$firmware" "${boot[@]}" --mode sev-es --vmsa legacy --cpu "$cpu" --vcpus "$vcpus")"
  accepts "${firmware##*/}: SEV-ES, $vcpus of $cpu" "${launched[@]}" --firmware "$firmware" \
    "${boot[@]/--append/--cmdline}" --num-cpus "$vcpus" --cpu-family "$3" --cpu-model "$4" --cpu-stepping "$5"
}

judge_firmware() {
  local firmware=$1 vcpus
  local name=${firmware##*/}
  sev "$name: alone" "$firmware"
  sev "$name: a kernel" "$firmware" --kernel kernel
  sev "$name: with a command line" "$firmware" --kernel kernel --append 'console=ttyS0  quiet '
  sev "$name: with an initrd" "$firmware" --kernel kernel --initrd initrd
  sev "$name: with both" "$firmware" "${boot[@]}"
  refuses "$name: another command line is refused" "${launched[@]}" --firmware "$firmware" --kernel kernel \
    --initrd initrd --cmdline 'console=ttyS0 rdinit=/bin/sh'
  refuses "$name: no initrd is refused" "${launched[@]}" --firmware "$firmware" --kernel kernel --cmdline "${boot[5]}"
  for vcpus in 1 2 64; do
    sev_es "$firmware" EPYC 23 1 2 "$vcpus"
    sev_es "$firmware" EPYC-Rome 23 49 0 "$vcpus"
    sev_es "$firmware" EPYC-Milan 25 1 1 "$vcpus"
    sev_es "$firmware" EPYC-Genoa 25 17 0 "$vcpus"
  done
  refuses "$name: a vCPU less is refused" "${launched[@]}" --firmware "$firmware" \
    "${boot[@]/--append/--cmdline}" --num-cpus 63 --cpu-family 25 --cpu-model 17 --cpu-stepping 0
}

"$platform" init host || exit 1
head -c 300000 /dev/urandom >kernel
head -c 70000 /dev/urandom >initrd
boot=(--kernel kernel --initrd initrd --append 'console=ttyS0 agent.aa_kbc_params=offline_sev_kbc::null')
python3 - "$here/../vectors/owner/launch_digests.json" >ovmf <<'PYTHON'
import base64, json, sys
sys.stdout.buffer.write(base64.b64decode(json.load(open(sys.argv[1]))["ovmf_b64"]["with_hash_table"]))
PYTHON
judge_firmware "$work/ovmf"
# The real one, where the guests have it.
real=$("$here/../guest/fetch_firmware.sh" --cached) && judge_firmware "$real"

works 'measure computes a measurement' measure --tik launch/tik "${known[@]}" --policy 1 \
  --digest "$(sha256sum <ovmf | cut -c1-64)" --mnonce 000102030405060708090a0b0c0d0e0f --json
measured=$(python3 -c 'import json, sys; print(json.load(sys.stdin)["base64"])' <"$work.out")
accepts 'and the judge the same' --measurement "$measured" "${known[@]}" --policy 1 --tik launch/tik --tek launch/tek \
  --firmware ovmf

# --- secret tables -----------------------------------------------------------------------------------------

# NAME ENTRY...: each GUID=FILE. The judge seals its table for the launch, and the platform opens it.
same_table() {
  local name=$1 entry ours=() theirs=()
  shift
  for entry in "$@"; do
    ours+=(--entry "$entry")
    theirs+=(--inject-secret "${entry/=/:}")
  done
  run table build "${ours[@]}" -o ours --force
  rm -f injected
  judge "${launched[@]}" --firmware ovmf "${theirs[@]}" --secret-header header --secret-payload payload
  "$platform" inject host --header header --secret payload -o injected 2>"$work.err"
  # Where nothing needs to be padded, the judge does it all the same, with 16 bytes.
  [ "$(($(od -A n -t u4 -j 16 -N 4 ours) % 16))" != 0 ] || head -c 16 /dev/zero >>ours
  check "$name" cmp ours injected
}

launch 1 "$(digests --ovmf ovmf)"
keyset=e6f5a162-d67f-4750-a67c-5d065f2a9910
run keygen default/key/key_id1 other -o keys.json
printf 'a passphrase' >passphrase
same_table 'a table with a keyset is the same, byte for byte' "$keyset=keys.json"
same_table 'and with a passphrase beside it' "$keyset=keys.json" 736869e5-84f0-4973-92ec-06879ce3da0b=passphrase
for size in 1 7 8 9 23 24 25 3031 3032; do
  head -c "$size" /dev/urandom >entry
  same_table "and with an entry of $size bytes" "$keyset=entry"
done

printf '1..%d\n' "$count"
printf '# virt-qemu-sev-validate: %d launches accepted\n' "$accepted"
