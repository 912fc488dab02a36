#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The commands of sev-guest-owner from a shell: what they print, where, and what they exit with; and that a
# run that failed leaves nothing behind. TAP on standard output. To be called with the program.
set -u

tool=$(realpath "$1")
here=$(realpath "$(dirname "$0")")
vectors=$(realpath "$here/../vectors")
work=$(mktemp -d)
cd "$work" || exit 1
umask 022

# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$here/tap.sh"

mode() { stat -c %a "$1"; }
# The image of the vectors' recipe.
from_vectors() {
  tr -d ' ,' <"$vectors/owner/launch_digests.json" | sed -n "s/^\"$1\":\"\(.*\)\"\$/\1/p" |
    awk 'length > 1000'
}
pattern() {
  awk -v n="$1" -v f="$2" -v o="$3" 'BEGIN { for (i = 0; i < n; i++) printf "\\0%03o", (f * i + o) % 256 }' |
    { read -r bytes; printf '%b' "$bytes"; }
}

# --- keygen ---
works 'keygen makes a keys file' keygen key_id1 default/key/1
check 'a keys file is private' test "$(mode keys.json)" = 600
cp keys.json before.json
works 'keygen adds to it' keygen -o keys.json third
prints 'and says so' 'keys.json: added third'
check 'what was there stays' test "$(head -c -3 before.json)" = "$(head -c $(($(stat -c %s before.json) - 3)) keys.json)"
fails 'keygen never overwrites an id' 1 'key id key_id1 is in keys.json already' keygen new key_id1
fails 'keygen refuses an id twice' 1 'key id same is given twice' keygen same same
fails 'keygen refuses an empty id' 1 'is empty' keygen ''
fails 'keygen needs an id' 64 'ID is required' keygen
fails 'keygen needs a folder that is there' 5 'No such file' keygen x -o none/keys.json
(umask 077 && echo '{"a":"!"}' >bad.json)
fails 'keygen leaves what is no keys file' 7 'bad.json, line 1, column 6, key id a: the value is not' keygen x -o bad.json

# --- table build ---
works 'table build makes a table of keys' table build --keys keys.json -o table
check 'a table is private' test "$(mode table)" = 600
check 'a table is a multiple of 16 bytes' test $(($(stat -c %s table) % 16)) = 0
fails 'table build overwrites nothing' 1 '--force' table build --keys keys.json -o table
works 'table build overwrites with --force' table build --keys keys.json -o table --force
works 'a table goes to standard output too' table build --keys keys.json
check 'and is the same there' cmp -s "$work.out" table
works 'the length can count the padding' table build --keys keys.json --padded-length -o padded
check 'and then is another' test "$(od -An -tu4 -j16 -N4 padded)" = "$(printf '%11d' "$(stat -c %s padded)")"
printf secret >secret
works 'table build takes files by GUID and by name' table build --entry disk-password=secret \
  --entry a0000000-0000-0000-0000-000000000001=secret --keys keys.json -o mixed
fails 'table build needs something' 64 'required' table build
fails 'an entry needs a file' 64 'GUID=FILE' table build --entry disk-password
fails 'an entry needs a GUID' 64 'neither a GUID' table build --entry disk=secret -o t
fails 'a GUID of zeros is refused' 1 'zeros' table build --entry 00000000-0000-0000-0000-000000000000=secret -o t
fails 'a repeated GUID is refused' 1 'entry 2 repeats' table build --entry disk-password=secret \
  --entry luks-key=secret -o t
fails 'the keyset and an entry of its GUID are a repeat' 1 'entry 2 repeats' table build --keys keys.json \
  --entry offline_sev_kbc=secret -o t
: >empty
fails 'an empty file is refused' 1 'is empty' table build --entry disk-password=empty -o t
many=()
for i in $(seq 10 74); do many+=(--entry "a0000000-0000-0000-0000-0000000000$i=secret"); done
fails 'a 65th entry is refused' 1 '65 entries' table build "${many[@]}" -o t
head -c 3033 /dev/zero >large
fails 'a table over the area is refused with its counts' 1 \
  'takes 3088 bytes and the area has 3072: header 20, 736869e5-84f0-4973-92ec-06879ce3da0b 3053, padding 15' \
  table build --entry disk-password=large -o t
works 'a larger area takes it' table build --entry disk-password=large --area 0xc10 -o large_table
fails 'an area that is no number is refused' 64 'a number is needed' table build --keys keys.json --area 3k
fails 'an area that does not fit is refused' 64 'does not fit' table build --keys keys.json --area 0x100000000
fails 'a file that is not there is an error' 5 'No such file' table build --entry disk-password=none -o t
head -c 3000 /dev/zero >three_thousand
before=$(snapshot)
(
  # A full disk, as good as one.
  trap '' XFSZ
  ulimit -f 1
  timeout 60 "$tool" table build --entry disk-password=three_thousand -o t 2>"$work.err" >"$work.out"
)
check 'a table that can not be written is an error' test $? = 5
check 'and leaves nothing behind' test "$(snapshot)" = "$before"
# There is none in a new root, whose /dev/pts is not mounted.
if script -qec true /dev/null </dev/null >/dev/null 2>&1; then
  script -qec "'$tool' table build --keys keys.json 2>'$work.err'" /dev/null </dev/null >"$work.out" 2>&1
  check 'a table is not written to a terminal' test $? = 1
  check 'which is said' grep -q '^sev-guest-owner: standard output is a terminal' "$work.err"
  check 'and done' test ! -s "$work.out"
else
  check 'a table is not written to a terminal # SKIP no terminal can be made here' true
fi

# --- keysets ---
cat >keysets.json <<'END'
{
   "KEYSET-1":{
      "allowed_digests":["a11cc9f32b3e64a0846b5eadf773e5e4ee7b4187d984b7a72a3b4fc99e34374c"],
      "allowed_keys":["key_id1"],
      "allowed-policies":[1],
      "min-api-major":0,
      "min-api-minor":0,
      "allowed-build-ids":[13]
   },
   "LACKS":{"allowed_keys":["key_id1","key_id9"],"allowed-policies":[1]},
   "NONE":{"allowed-policies":[1]},
   "DEBUG":{"allowed_keys":["key_id1"],"allowed-policies":[1,0]},
   "ANY":{"allowed_keys":["key_id1"]}
}
END
works 'a keyset releases its own keys only' table build --keys keys.json --keysets keysets.json \
  --keyset KEYSET-1 -o one
check 'and table build says what it wrote' grep -qx 'one: a table of .* of the area.s 3072 bytes, entries: 1' "$work.out"
run table build --keys keys.json --keysets keysets.json --keyset DEBUG -o debug
check 'a keyset that lets the host debug is warned of' test "$status:$(cat "$work.err")" = "0:sev-guest-owner: warning: \
keyset DEBUG allows the policy 0x0 (no bits set) without NODBG, so the host may read the guest's memory and the keys in it"
run table build --keys keys.json --keysets keysets.json --keyset ANY -o any
check 'and one that lets the host choose' grep -q 'warning: keyset ANY has no allowed-policies' "$work.err"
chmod 664 keysets.json
fails 'keysets that others may write to are refused' 1 'keysets.json: others may write to it (mode 0664)' table build \
  --keys keys.json --keysets keysets.json --keyset KEYSET-1 -o t
run table build --keys keys.json --keysets keysets.json --keyset KEYSET-1 -o loose --allow-loose-modes
check 'unless they are allowed, with a warning' test "$status:$(grep -c 'warning: keysets.json' "$work.err")" = 0:1
chmod 644 keysets.json
cp keys.json loose.json
chmod 620 loose.json
fails 'and so are keys' 1 'loose.json: others may write to it' table build --keys loose.json -o t
fails 'which get no more keys either' 1 'loose.json: others may write to it' keygen more -o loose.json
chmod 644 loose.json
run table build --keys loose.json -o readable
check 'keys that others may read are warned of' grep -q 'warning: loose.json: others may read the keys' "$work.err"
works 'which can be laid out' table tree one root
check 'and table tree says where' grep -q '^root: ' "$work.out"
guid=e6f5a162-d67f-4750-a67c-5d065f2a9910
folder=root/sys/kernel/security/secrets/coco
check 'and are in the tree' grep -q '^{"key_id1": "[A-Za-z0-9+/]\{43\}="}$' "$folder/$guid"
fails 'an allowed id without a key is an error' 10 'keys.json has no key for the id key_id9; did you mean key_id1?' table build --keys keys.json \
  --keysets keysets.json --keyset LACKS -o t
fails 'a keyset without allowed_keys releases nothing' 7 'keysets.json, keyset NONE: it has no list of allowed_keys' table build \
  --keys keys.json --keysets keysets.json --keyset NONE -o t
fails 'an unknown keyset is an error' 10 'no such keyset as KEYSET-2 among its 5; did you mean KEYSET-1?' table build \
  --keys keys.json --keysets keysets.json --keyset KEYSET-2 -o t
fails 'a keyset needs its file' 64 'requires' table build --keys keys.json --keyset KEYSET-1 -o t
fails 'a keysets file needs a keyset' 64 'requires' table build --keys keys.json --keysets keysets.json -o t
fails 'keysets need keys' 64 'requires' table build --keysets keysets.json --keyset KEYSET-1 -o t
echo '{"K":{"min_api_major":0,"min-api-major":0}}' >twice.json
echo '{"K":{"allowed_digest":[]}}' >misspelled.json
fails 'a misspelled member is named, and the one that was meant' 7 \
  'misspelled.json, line 1, column 7, keyset K: unknown member allowed_digest; did you mean allowed_digests?' \
  table build --keys keys.json --keysets misspelled.json --keyset K -o t
fails 'a member in both spellings is refused' 7 'be it spelled with _ or -' table build --keys keys.json \
  --keysets twice.json --keyset K -o t

# --- table show, table tree ---
works 'table show lists entries' table show mixed
prints 'with their names' 'a disk password'
check 'but not their data' test "$(grep -c secret "$work.out")" = 0
works 'table show writes JSON' table show mixed --json
prints 'with GUIDs' '"guid": "a0000000-0000-0000-0000-000000000001"'
check 'files have the mode of the kernel' test "$(mode "$folder/$guid")" = 440
check 'and the folder too' test "$(mode "$folder")" = 755
fails 'table tree overwrites nothing' 1 '--force' table tree mixed root
works 'table tree overwrites with --force' table tree mixed root --force
check 'all entries' test "$(find "$folder" -type f | wc -l)" = 3
printf x >"$folder/notes"
fails 'but never other files' 1 'something else than secrets' table tree one root --force
fails 'what is no table gives no files' 4 "the table's GUID" table tree large other
fails 'nor does table show read it' 4 "the table's GUID" table show large
fails 'nor what is text' 1 'not base64' table tree keys.json other
base64 mixed >mixed.b64
works 'a table may be base64' table show mixed.b64
prints 'and is the same' 'a disk password'
fails 'a table over the area gives no files' 1 'more than 3072 bytes' table tree large_table other
python3 - "$vectors/owner/secret_tables.json" <<'END'
import base64, json, sys
for number, case in enumerate(json.load(open(sys.argv[1]))["svsm"]):
    table = base64.b64decode(case["table_b64"])
    open(f"svsm{number}", "wb").write(table)
    open(f"svsm{number}.area", "wb").write(table.ljust(case["area_size"], b"\0"))
END
works "an SVSM's table is read" table show svsm0 --area 4096
prints 'with its entry' 'a disk password'
works 'and so is its whole area' table show svsm1.area --area 4096
prints 'with the keyset' 'the keyset of offline_sev_kbc'
works "an SNP guest's kernel would show it" table tree svsm1.area snp --area 4096
check 'as any other' grep -q '^{"default/key/1": "[A-Za-z0-9+/]\{43\}="}$' "snp/sys/kernel/security/secrets/coco/$guid"
fails 'table tree needs a folder' 64 'DIR is required' table tree mixed

# --- digest ---
from_vectors with_hash_table | base64 -d >ovmf
pattern 5000 17 3 >kernel
pattern 3333 13 11 >initrd
{ printf MZ; head -c 512 /dev/zero; printf 'HdrS and more'; } >bzimage
works 'digest measures the firmware alone' digest --ovmf ovmf
prints 'in hex' 'hex: 95adcb52446f7b85eb3a059692319fb848ed3dc0b42e8b78a513973645f90d5e'
prints 'and base64' 'base64: la3LUkRve4XrOgWWkjGfuEjtPcC0Lot4pROXNkX5DV4='
# The vectors' image has the areas and no drivers: nothing would check what is measured.
warns() {
  local name=$1
  shift
  run "$@"
  check "$name" test "$status:$(grep -c '^sev-guest-owner: warning: ovmf has no' "$work.err"):$(wc -l <"$work.err")" = 0:2:2
}
warns 'digest measures a kernel, and warns where nothing checks it' digest --ovmf ovmf --kernel kernel \
  --initrd initrd --append 'console=ttyS0 loglevel=7' --json
prints 'as JSON' '"hex": "05f2c3798b0394d5d3238eba766991e63ec221f986fa5755958b014191e6c701"'
warns 'digest measures an empty command line' digest --ovmf ovmf --kernel kernel --initrd initrd --append ''
cp "$work.out" empty_line
warns 'however it is written' digest --ovmf ovmf --kernel kernel --initrd initrd --append=
check 'with the same digest' cmp empty_line "$work.out"
prints 'not as calculate_hash.py' 'hex: 0e0ffcefc50cfc0506b254450ac016d9583da3847d17b24fdb440f04d164a105'
es=(digest --ovmf ovmf --kernel kernel --initrd initrd --append 'console=ttyS0 loglevel=7' --mode sev-es)
warns 'digest measures vCPUs' "${es[@]}" --vcpus 4 --cpu EPYC-Milan
prints 'of the older interface' 'hex: bb29a6613494086e3989d80cbf73b8dfc18b9b19278313c276f753a54bf840aa'
prints 'and of the newer' 'hex: c5647ccbe9a3feba413c14b9a3fa921d3fa4b903b6c2a9267c906dfd8be2566e'
prints 'and says which is where' 'init2: KVM_SEV_INIT2'
prints 'of the kernels with debug swap, too' 'legacy-debug-swap: KVM_SEV_ES_INIT with debug swap'
check 'which are three' test "$(sort "$work.out" | uniq | grep -c '^hex: ')" = 3
cp "$work.out" milan
warns 'a signature may be of family, model and stepping' "${es[@]}" --vcpus 4 --cpu-family 25 --cpu-model 1 \
  --cpu-stepping 0x1
check 'and is the same' cmp milan "$work.out"
warns 'digest takes one generation, and a signature' "${es[@]}" --vcpus 0xff --cpu-sig 0x800f12 --vmsa legacy
prints 'alone' 'hex: f1fb75ecb267acb3140431ed641f6c3a3de82efa24e8a30c400c6ee02c9f13a4'
check 'with nothing of the others' test "$(grep -c hex: "$work.out")" = 1
warns 'or that of debug swap' "${es[@]}" --vcpus 4 --cpu EPYC-Milan --vmsa legacy-debug-swap
check 'which is the second' test "$(grep '^hex: ' "$work.out")" = "$(grep '^hex: ' milan | sed -n 2p)"
if grep -q '^vendor_id.*AuthenticAMD$' /proc/cpuinfo; then
  number() { sed -n "s/^$1[[:space:]]*: //p" /proc/cpuinfo | head -n 1; }
  warns 'the CPU may be that of this machine' "${es[@]}" --vcpus 1 --cpu host
  cp "$work.out" here
  run "${es[@]}" --vcpus 1 --cpu-family "$(number 'cpu family')" --cpu-model "$(number model)" \
    --cpu-stepping "$(number stepping)"
  check 'as the kernel tells it' cmp here "$work.out"
else
  fails "another maker's machine is not the host" 11 "no CPU of AMD's" "${es[@]}" --vcpus 1 --cpu host
fi

python3 "$here/../host/fake_firmware.py" amdsev.fd
boot=(digest --ovmf amdsev.fd --kernel kernel --initrd initrd --append quiet)
works 'the table of hashes is written' "${boot[@]}" --hashes-table hashes
check 'with all its bytes' test "$(wc -c <hashes)" = 176
check 'the digest is SHA-256 of firmware and table' grep -qx "hex: $(cat amdsev.fd hashes | sha256sum | cut -d ' ' -f 1)" "$work.out"
works 'the areas are told' "${boot[@]}" --json
check 'as the firmware announces them' test "$(python3 -c 'import json, sys; print(json.load(sys.stdin)["areas"])' <"$work.out")" = \
  "{'secret': {'address': 8454144, 'size': 3072}, 'hashes': {'address': 8457216, 'size': 1024}}"
fails 'a table that is there stays' 1 'exists' "${boot[@]}" --hashes-table hashes
works 'unless that is asked for' "${boot[@]}" --hashes-table hashes --force
fails 'the table is that of a kernel' 64 'requires --kernel' digest --ovmf amdsev.fd --hashes-table other
fails 'what is no firmware is refused' 1 'keys.json is no firmware' digest --ovmf keys.json
fails 'and leaves no table' 1 'is no firmware' digest --ovmf keys.json --kernel kernel --hashes-table other
head -c 128 amdsev.fd >vars.fd
fails 'a store of variables is no firmware' 1 'is a store of variables' digest --ovmf vars.fd
fails 'nor is a kernel' 1 'is a Linux kernel' digest --ovmf bzimage
head -c 300 amdsev.fd >cut.fd
fails 'firmware that is cut is refused' 1 'is damaged' digest --ovmf cut.fd
tail -c +129 amdsev.fd >code.fd
run digest --ovmf code.fd --kernel kernel
check 'the code of a split build is told' test "$status:$(grep -c '^sev-guest-owner: warning: code.fd is the code of a build in two files' "$work.err"):$(wc -l <"$work.err")" = 0:1:1
works 'and measured alone' digest --ovmf code.fd
python3 "$here/../host/fake_firmware.py" no_hashes.fd 'secret reset'
python3 "$here/../host/fake_firmware.py" no_reset.fd 'secret hashes'
fails 'a kernel needs an area for its hashes' 1 "no area for a kernel's hashes" digest --ovmf no_hashes.fd \
  --kernel kernel
fails 'SEV-ES needs a reset vector' 1 'no reset vector' digest --ovmf no_reset.fd --mode sev-es \
  --vcpus 1 --cpu EPYC
fails 'an initrd needs a kernel' 64 'requires --kernel' digest --ovmf ovmf --initrd initrd
fails 'a command line needs a kernel' 64 'requires --kernel' digest --ovmf ovmf --append x
fails 'vCPUs need SEV-ES' 64 'sev-es' digest --ovmf ovmf --vcpus 1
fails 'SEV-ES needs vCPUs' 64 'vcpus' digest --ovmf ovmf --mode sev-es --cpu EPYC
fails 'SEV-ES needs a CPU' 64 'cpu' digest --ovmf ovmf --mode sev-es --vcpus 1
fails 'no vCPU is none' 64 'at least one' digest --ovmf ovmf --mode sev-es --vcpus 0 --cpu EPYC
fails 'a CPU has to be known' 64 'EPYC-Milan' digest --ovmf ovmf --mode sev-es --vcpus 1 --cpu Opteron
fails 'a family needs its model' 64 'requires --cpu-model' digest --ovmf ovmf --mode sev-es --vcpus 1 \
  --cpu-family 25 --cpu-stepping 1
fails 'a model needs its family' 64 'requires --cpu-family' digest --ovmf ovmf --mode sev-es --vcpus 1 --cpu-model 1
fails 'a type has its own' 64 'excludes' digest --ovmf ovmf --mode sev-es --vcpus 1 --cpu EPYC --cpu-family 25 \
  --cpu-model 1 --cpu-stepping 1
fails 'a stepping has four bits' 64 'does not fit' digest --ovmf ovmf --mode sev-es --vcpus 1 --cpu-family 25 \
  --cpu-model 1 --cpu-stepping 16
fails 'a signature has 32 bits' 64 'does not fit' digest --ovmf ovmf --mode sev-es --vcpus 1 \
  --cpu-sig 0x100000000
fails 'another mode is refused' 64 'snp' digest --ovmf ovmf --mode snp
fails 'the firmware has to be there' 5 'No such file' digest --ovmf none
fails 'an empty firmware is refused' 1 'is empty' digest --ovmf empty

# --- image check ---
add_blob() {
  local digest
  digest=$(sha256sum "$1" | cut -c 1-64)
  mkdir -p image/blobs/sha256
  cp "$1" "image/blobs/sha256/$digest"
  printf '"digest":"sha256:%s","size":%d' "$digest" "$(stat -c %s "$1")"
}
make_image() {
  rm -rf image
  mkdir image
  printf '{"imageLayoutVersion":"1.0.0"}' >image/oci-layout
  printf 'layer' >layer
  printf '{"schemaVersion":2,"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar%s",%s%s}]}' \
    "$1" "$(add_blob layer)" "$2" >manifest
  printf '{"manifests":[{%s}]}' "$(add_blob manifest)" >image/index.json
}
packet=$(base64 -w0 "$vectors/published/ocicrypt-rs_sample_b720152.json")
annotations=",\"annotations\":{\"org.opencontainers.image.enc.keys.provider.attestation-agent\":\"$packet\"}"
make_image +encrypted "$annotations"
kid=kbs:///default/key/1
# The sample's published key.
printf '{"%s":"2Zt3BbC6ehaClbOjNnJwsN2bNxv1FMqLm6fwozcR2uo="}' "${kid#kbs:///}" >sample.json
chmod 600 sample.json
works 'image check lists layers' image check image
prints 'encrypted' 'encrypted; provider.attestation-agent key '
works 'image check opens them' image check image --keys sample.json
prints 'with the key' ' opens'
works 'image check writes JSON' image check image --keys sample.json --json
prints 'with a verdict' '"ok": true'
printf '{"other":"2Zt3BbC6ehaClbOjNnJwsN2bNxv1FMqLm6fwozcR2uo="}' >other.json
chmod 600 other.json
run image check image --keys other.json
check 'a keyset without the key fails' test "$status" = 10
prints 'and says why' 'fails: the keyset has no such key id'
check 'in one line on standard error' test "$(wc -l <"$work.err")" = 1
make_image '' ''
run image check image
check 'a layer that is not encrypted fails' test "$status" = 1
prints 'and is named' 'layer 1/1'
fails 'a tag that is not there' 1 'no image with the tag v1; it has: none' image check oci:image:v1
printf 'LAYER' >"image/blobs/sha256/$(sha256sum layer | cut -c 1-64)"
fails 'a damaged layer is an error' 1 'another digest' image check image
fails 'what is no image is an error' 5 'oci-layout' image check root
fails 'image check needs an image' 64 'OCI-LAYOUT is required' image check

# --- keys ---
mkdir life
(
  cd life || exit 1
  "$tool" keygen key_id1 key_id2 >/dev/null
  printf '{"K": {"allowed_keys": ["key_id1"], "allowed_digests": [], "allowed-policies": [1]}}\n' >keysets.json
)
cd life || exit 1
works 'keys list has ids, lengths and keysets' keys list
check 'and no keys' test "$(cat "$work.out")" = "$(printf '32\tkey_id1\tK\n32\tkey_id2\t\n')"
works 'as JSON too' keys list --json
prints 'with the keysets' '"keysets"'
works 'keys rotate adds a key beside one' keys rotate key_id1
prints 'and says which' 'keys.json: added key_id1-2 beside key_id1'
check 'which is released as the old one is' test "$(cat keysets.json)" = \
  '{"K": {"allowed_keys": ["key_id1", "key_id1-2"], "allowed_digests": [], "allowed-policies": [1]}}'
works 'both are in the table' table build --keys keys.json --keysets keysets.json --keyset K -o table
works 'until the old one is removed' keys remove key_id1
check 'from the keysets' grep -q '"allowed_keys": \["key_id1-2"\]' keysets.json
check 'and the keys' test "$(grep -c key_id keys.json)" = 2
fails 'a key that is not there is not removed' 10 'no key for the id key_id1; did you mean' keys remove key_id1
fails 'nor rotated' 10 'no key for the id key_id3' keys rotate key_id3
fails 'nor to an id that is there' 1 'key id key_id2 is in keys.json already' keys rotate key_id1-2 --to key_id2
fails 'keys need a command' 64 'A command is required' keys
works 'a keys file can be encrypted' keys seal --keys-key key
prints 'with a key that is made' 'key: made, the key that opens it'
check 'which is private' test "$(mode key):$(mode keys.json)" = 600:600
check 'and then has no ids' test "$(grep -c key_id keys.json)" = 0
fails 'without it nothing opens' 1 'keys.json is encrypted; --keys-key names the file of its key' keys list
works 'with it all goes on' keys list --keys-key key
works 'keygen too' keygen third --keys-key key
CREDENTIALS_DIRECTORY=$PWD/credentials
export CREDENTIALS_DIRECTORY
mkdir credentials
cp key credentials/oskbc-keys-key
works 'a credential of the service manager opens it as well' table build --keys keys.json -o sealed_table
unset CREDENTIALS_DIRECTORY
head -c 32 /dev/zero >other_key
fails 'another key does not' 12 'does not open with this key' keys list --keys-key other_key
if command -v jose >/dev/null; then
  printf '{"kty":"oct","k":"%s"}' "$(base64 -w0 <key | tr '+/' '-_' | tr -d '=')" >key.jwk
  check 'jose opens it' test "$(jose jwe dec -i keys.json -k key.jwk | grep -c third)" = 1
else
  check 'jose opens it # SKIP there is no jose' true
fi

# --- check ---
python3 - "$vectors/owner" <<'END'
import base64, json, pathlib, sys
vectors = pathlib.Path(sys.argv[1])
chain = {name: base64.b64decode(text) for name, text in json.load(open(vectors / "chains.json"))["rsa_4096"].items()}
milan = {name: base64.b64decode(text) for name, text in json.load(open(vectors / "amd_roots.json"))["milan"].items()}
pathlib.Path("root").write_bytes(chain["ask"] + chain["ark"])
pathlib.Path("milan").write_bytes(milan["ask"] + milan["ark"])
pathlib.Path("cek").write_bytes(chain["cek"])
pathlib.Path("exported").write_bytes(chain["cek_exported"])
END
works 'check looks at what serve would read' check --keys-key key --amd-root root --amd-root milan --cek cek
prints 'the keys' 'ok    keys'
prints 'a keyset that releases nothing' "warn  keyset K"
prints 'a root that is not AMD'"'"'s' 'none of those that AMD publishes'
prints 'and one that is' "milan: AMD's Milan"
prints 'and the CEKs' 'cek'
works 'and as JSON' check --keys-key key --json
run check --keys-key key --cek exported
check 'a CEK that AMD did not sign fails' test "$status:$(grep -c '^FAIL  CEK .*as the platform exports it' "$work.out")" = 1:1
run check --keys-key key --digest "$(printf '%064d' 1)"
check 'a digest that no keyset allows' test "$status:$(grep -c '^FAIL  launch digest' "$work.out")" = 12:1
printf '{"K": {"allowed_keys": ["third"], "allowed_digests": ["%064d"], "allowed-policies": [1]}, "L": {}}' 1 >keysets.json
run check --keys-key key --digest "$(printf '%064d' 1)"
check 'and one that is allowed' grep -q '^ok    launch digest *allowed by K' "$work.out"
check 'a keyset without keys fails, and the others are looked at' \
  test "$status:$(grep -c '^FAIL  keyset L' "$work.out"):$(grep -c '^ok    keyset K' "$work.out")" = 7:1:1
works 'keys can be decrypted for good' keys unseal --keys-key key
check 'and are as they were' grep -q '"third": "' keys.json
cd "$work" || exit 1

# --- help and versions ---
for command in keygen 'keys list' 'keys rotate' 'keys remove' 'keys seal' 'keys unseal' check 'table build' 'table show' 'table tree' digest session verify-chain measure secret \
  'image check'; do
  # shellcheck disable=SC2086  # two words
  works "$command has help" $command --help
  prints 'with its use' "Usage: sev-guest-owner $command"
  # shellcheck disable=SC2086
  works "$command has a version" $command --version
done
works 'the tool has a version' --version
fails 'the tool needs a command' 64 'A command is required'
fails 'an unknown command is refused' 64 'see sev-guest-owner --help' seal
fails 'and named, with the nearest' 64 'unknown command tabel; did you mean table?' tabel build
fails 'so is one below another' 64 'unknown command biuld; did you mean build?' table biuld
fails 'and an option' 64 'unknown option --keysetz; did you mean --keysets?' table build --keysetz x
fails 'and what is too much' 64 'unexpected argument more' table show mixed more
fails 'all that is missing is told at once' 64 '--pdh, --policy, --output are required' session
run table build --json --keys none
check 'with --json a failure is JSON, too' \
  test "$status:$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["error"]["status"])' "$work.out")" = 64:64
run image check none --json
check 'with the message that people get' test "$status:$(python3 -c 'import json, sys
print("sev-guest-owner: " + json.load(open(sys.argv[1]))["error"]["message"])' "$work.out")" = "5:$(cat "$work.err")"

# --- serve, which is another program ---
built=$tool
tool=$work/sev-guest-owner
cp "$built" "$tool"
run --help
check 'without the broker serve is not listed' test "$(grep -c '^  serve ' "$work.out")" = 0
fails 'and says so' 11 'serve is not part of this installation' serve --keys keys.json
# shellcheck disable=SC2016
printf '#!/bin/sh\necho "$0 $*"; exit 7\n' >sev-guest-owner-serve
chmod +x sev-guest-owner-serve
run --help
check 'with it, it is' grep -q '^  serve ' "$work.out"
run serve --help --port 1 x
check 'the broker gets all that follows, and gives its status' test "$status" = 7
prints 'word for word' 'serve --help --port 1 x'
tool=$built

printf '1..%d\n' "$count"
