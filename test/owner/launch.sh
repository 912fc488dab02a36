#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A launch from a shell: verify-chain, session, measure and secret against the stand-in for the platform;
# and that a run that was refused leaves nothing behind. TAP on standard output.
#
# usage: launch.sh SEV-GUEST-OWNER PLATFORM-TOOL
set -u

tool=$(realpath "$1")
platform=$(realpath "$2")
here=$(realpath "$(dirname "$0")")
work=$(mktemp -d)
cd "$work" || exit 1
umask 022

# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$here/tap.sh"

# As tap.sh's, but reports may be on standard output.
fails() {
  local name=$1
  shift
  run_refused "$@"
  check "$name" test $? = 0
}
valid_json() { check "$1" python3 -m json.tool "$work.out" /dev/null; }
hex_of() { od -An -v -tx1 "$@" | tr -d ' \n'; }
unhex() { python3 -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read()))'; }
digest_of() { printf '%s' "$1" | sha256sum | cut -c1-64; }

"$platform" init host || exit 1
"$platform" init other_host || exit 1
all=(host/pdh.cert host/cert_chain.cert host/cek.cert host/ask.cert host/ark.cert)

# --- verify-chain ---
ark=$(sha256sum <host/ark.cert | cut -c1-64)
trusted=(--ark-sha256 "$ark")
works 'verify-chain verifies what the platform and the key server give' verify-chain "${all[@]}" "${trusted[@]}"
check 'all seven links, and the root' test "$(grep -c '^ok ' "$work.out")" = 8
prints 'it names the root by its hash' "SHA-256 of the certificate $ark"
prints 'and by its key id' "key id $(hex_of -j4 -N16 host/ark.cert)"
base64 host/cert_chain.cert >chain.b64
cat host/ask.cert host/ark.cert >amd.cert
works 'base64 and concatenations do as well' verify-chain amd.cert host/cek.cert chain.b64 host/pdh.cert "${trusted[@]}"
works 'the root that is trusted can be given' verify-chain "${all[@]}" --ark-sha256 "$ark"
works 'in base64, too' verify-chain "${all[@]}" --ark-sha256 "$(printf %s "$ark" | unhex | base64)"
fails 'a root that is unknown is refused' 12 "ARK is AMD's: its SHA-256 is none of those that AMD publishes" \
  verify-chain "${all[@]}"
prints 'though the links hold' 'ok      ARK signed by itself'
works 'ASK and ARK can be checked alone' verify-chain amd.cert "${trusted[@]}"
check 'with their links only' test "$(grep -c '^ok ' "$work.out")" = 3
vectors=$here/../vectors/owner/amd_roots.json
real() { python3 -c 'import base64, json, sys; sys.stdout.buffer.write(base64.b64decode(json.load(open(sys.argv[1]))[sys.argv[2]][sys.argv[3]]))' "$vectors" "$@"; }
{ real milan ask && real milan ark; } >ask_ark_milan.cert
works "AMD's own are known" verify-chain ask_ark_milan.cert
prints 'by their name' "root    AMD's Milan: ARK with key id"
{ real naples ask && real naples ark | head -c 576; } >ask_ark_naples.cert
works "AMD's short file for Naples is read" verify-chain ask_ark_naples.cert --json
prints 'as that' '"generation": "Naples"'
{ real rome ask && real rome ark | head -c 1088; } >short.cert
fails 'and no other short one' 1 'it has 1088 bytes; its kind has 1600' verify-chain short.cert
fails 'and then another is refused' 12 'ARK is the trusted one: its SHA-256 differs' \
  verify-chain "${all[@]}" --ark-sha256 "$(digest_of another)"
fails 'a hash of another length is refused' 64 '32 bytes' verify-chain "${all[@]}" --ark-sha256 00
works 'verify-chain writes JSON' verify-chain "${all[@]}" "${trusted[@]}" --json
valid_json 'which is valid'
prints 'and tells the outcome' '"verified": true'
fails 'an exported CEK is named as such' 12 'CEK signed by ASK: this CEK has no signature by an ASK, as the' \
  verify-chain host/pdh.cert host/cert_chain.cert amd.cert "${trusted[@]}"
prints 'the other links hold' 'ok      PDH signed by PEK'
fails 'a missing certificate is named' 12 'CEK signed by ASK: the ASK certificate is missing' \
  verify-chain host/pdh.cert host/cert_chain.cert host/cek.cert host/ark.cert --json
prints 'in JSON too' '"verified": false'
fails "another platform's PDH fails" 12 'PDH signed by PEK: the signature does not verify' \
  verify-chain other_host/pdh.cert "${all[@]:1}"
fails 'two PDHs are refused' 1 'this PDH is not that of host/pdh.cert' verify-chain "${all[@]}" other_host/pdh.cert
printf 'MARKER' >text
fails 'text is refused' 1 'this is text, but not base64' verify-chain text
fails 'a file that is not there is an error' 5 'No such file' verify-chain none
fails 'verify-chain needs files' 64 'required' verify-chain

# --- session ---
works 'session makes what a launch needs' session --pdh host/pdh.cert --policy 5 -o launch
prints 'it says what QEMU wants' 'dh-cert-file='
prints 'and libvirt' '<dhCert>'
prints 'and shows the policy' '0x5 (NODBG, ES)'
check 'six files' test "$(find launch -type f | wc -l)" = 6
check 'the GODH has its size' test "$(stat -c %s launch/godh.cert)" = 2084
check 'the blob has its size' test "$(stat -c %s launch/launch_blob.bin)" = 128
check 'TEK and TIK are private' test "$(stat -c '%a %s' launch/tek launch/tik | sort -u)" = '600 16'
check 'the base64 is of the same GODH' cmp -s <(base64 -d launch/godh.b64) launch/godh.cert
check 'the base64 is of the same blob' cmp -s <(base64 -d launch/launch_blob.b64) launch/launch_blob.bin
check 'the output has no key' test "$(grep -c "$(base64 <launch/tik)" "$work.out")" = 0
fails 'session overwrites nothing' 1 '--force' session --pdh host/pdh.cert --policy 5 -o launch
cp -r launch before
works 'session replaces with --force' session --pdh host/pdh.cert --policy 5 -o launch --force --json
valid_json 'and writes JSON'
check 'each launch has keys of its own' test "$(cmp -s launch/tik before/tik; echo $?)" = 1
base64 host/pdh.cert >pdh.b64
works 'a PDH in base64 is taken' session --pdh pdh.b64 --policy 0x1 -o base64_launch
cat host/pdh.cert host/cert_chain.cert host/cek.cert amd.cert >all.cert
works "a file with all, as sevctl's, is taken" session --pdh all.cert --policy 1 -o of_all
works 'and verified' verify-chain all.cert "${trusted[@]}"
printf '{"return": {"pdh": "%s", "cert-chain": "%s", "cbitpos": 51, "reduced-phys-bits": 1}}\r\n' \
  "$(base64 -w0 host/pdh.cert)" "$(base64 -w0 host/cert_chain.cert)" >capabilities.json
works "QEMU's query-sev-capabilities is taken" session --pdh capabilities.json --policy 1 -o of_json
works 'and verified, too' verify-chain capabilities.json host/cek.cert amd.cert "${trusted[@]}"
printf 'pdh : %s\r\ncert-chain : %s\r\n' "$(base64 -w0 host/pdh.cert)" "$(base64 -w0 host/cert_chain.cert)" >nodesevinfo
works "and libvirt's nodesevinfo" session --pdh nodesevinfo --policy 1 -o of_table
base64 host/pdh.cert | sed 's/$/\r/' >crlf.b64
works 'and base64 with the line ends of other systems' session --pdh crlf.b64 --policy 1 -o of_crlf
works 'a policy without NODBG is warned of' session --pdh host/pdh.cert --policy 0 -o weak
prints 'in a line' 'warning  NODBG (bit 0) is not set'
fails 'a cut PDH is refused' 1 'it has 2083 bytes' session --pdh <(head -c 2083 host/pdh.cert) --policy 1 -o new
fails 'a chain is no PDH' 1 'a PDH is needed; what it has is PEK, OCA, CEK' \
  session --pdh host/cert_chain.cert --policy 1 -o new
fails 'a CEK is no PDH' 1 'a PDH is needed; what it has is CEK' \
  session --pdh host/cek.cert --policy 1 -o new
{ head -c 30 host/pdh.cert && printf x && tail -c +32 host/pdh.cert; } >off_curve
fails 'a PDH off the curve is refused' 1 'not a point of P-384' session --pdh off_curve --policy 1 -o new
fails 'a policy that does not fit is refused' 64 'does not fit' \
  session --pdh host/pdh.cert --policy 0x100000000 -o new
fails 'a negative policy is refused' 64 'a number is needed' session --pdh host/pdh.cert --policy=-1 -o new
fails 'a policy is needed' 64 '--policy is required' session --pdh host/pdh.cert -o new
fails 'a folder in none is an error' 5 'No such file' session --pdh host/pdh.cert --policy 1 -o none/new
mkdir -p taken/tik
fails 'a name that is taken refuses all files' 1 'tik exists' session --pdh host/pdh.cert --policy 1 -o taken

# --- measure ---
digest=$(digest_of guest)
measurement=$("$platform" launch host --godh launch/godh.b64 --blob launch/launch_blob.b64 --policy 5 --digest "$digest")
check 'the platform takes the session' test "${#measurement}" = 64
firmware=(--api-major 1 --api-minor 55 --build-id 24)
known=("${firmware[@]}" --policy 5 --digest "$digest")
measured=$(printf %s "$measurement" | base64 -d | hex_of)
works 'measure computes what the platform measured' measure --tik launch/tik "${known[@]}" --mnonce "${measured:64}"
prints 'in hexadecimal' "${measured:0:64}"
prints 'and in base64' "$measurement"
works 'measure verifies the base64' measure --tik launch/tik "${known[@]}" --verify "$measurement"
prints 'and says so' "verified     launch digest $digest"
works 'it verifies hexadecimal' measure --tik launch/tik "${known[@]}" --verify "$measured" --json
valid_json 'and writes JSON'
prints 'with the outcome' '"verified": true'
works 'measure alone verifies nothing' measure --tik launch/tik "${known[@]}" --mnonce "${measured:64}" --json
check 'and says nothing of it' test "$(grep -c verified "$work.out")" = 0
works 'and the measurement with the nonce beside it' measure --tik launch/tik "${known[@]}" \
  --verify "${measured:0:64}" --mnonce "${measured:64}"
base64 <launch/tik >tik.b64
works 'a TIK in base64 is taken' measure --tik tik.b64 "${known[@]}" --verify "$measurement"
cat launch/tek launch/tik >tk
works 'TEK and TIK in one file are taken' measure --tk tk "${known[@]}" --verify "$measurement"
works 'a digest in base64 is taken' measure --tik launch/tik "${firmware[@]}" --policy 5 \
  --digest "$(printf %s "$digest" | unhex | base64)" --verify "$measurement"
printf '%s\n' "$measurement" >measurement.b64
works 'a measurement in a file is taken' measure --tik launch/tik "${known[@]}" --verify measurement.b64
printf '{"return": {"data": "%s"}}\n' "$measurement" >measured.json
works "and QEMU's answer in one" measure --tik launch/tik "${known[@]}" --verify measured.json
works 'or as it is' measure --tik launch/tik "${known[@]}" --verify "$(cat measured.json)"
printf '{"return": {"enabled": true, "api-minor": 55, "handle": 1, "state": "launch-secret", "api-major": 1, "build-id": 24, "policy": 5}}\n' |
  cat - measured.json >told.json
works 'which may have the numbers, too' measure --tik launch/tik --policy 5 --digest "$digest" --verify told.json
cat >launch.txt <<END
sev-measurement: $measurement
sev-api-major  : 1
sev-api-minor  : 55
sev-build-id   : 24
sev-policy     : 5

END
works "and libvirt's domlaunchsecinfo" measure --tk tk --policy 5 --digest "$digest" --verify launch.txt
fails 'the policy is not the host'"'"'s to say' 64 '--policy is required' \
  measure --tk tk --digest "$digest" --verify launch.txt
fails 'numbers that differ are refused' 1 '--build-id is 25, and the host tells 24' \
  measure --tk tk --build-id 25 --policy 5 --digest "$digest" --verify launch.txt
fails 'half of an answer is none' 1 'it has no measurement' measure --tk tk "${known[@]}" --verify capabilities.json
fails 'both keys in one file and one alone are too many' 64 'excludes' measure --tk tk --tik launch/tik "${known[@]}" \
  --verify "$measurement"
fails 'half of a file of both is refused' 1 'TEK and TIK together have 32 bytes, this has 16' measure --tk launch/tik \
  "${known[@]}" --verify "$measurement"
refused='the measurement is not that of this launch'
fails 'another digest is refused' 12 "$refused" measure --tik launch/tik "${firmware[@]}" --policy 5 \
  --digest "$(digest_of other)" --verify "$measurement"
check 'and not told what it should have been' test ! -s "$work.out"
fails 'another policy is refused' 12 "$refused" measure --tik launch/tik "${firmware[@]}" --policy 1 \
  --digest "$digest" --verify "$measurement"
fails 'another build is refused' 12 "$refused" measure --tik launch/tik --api-major 1 --api-minor 55 --build-id 25 \
  --policy 5 --digest "$digest" --verify "$measurement"
fails 'another TIK is refused' 12 "$refused" measure --tik before/tik "${known[@]}" --verify "$measurement"
fails 'a nonce that is not the measurement'"'"'s is refused' 1 'is not the nonce' measure --tik launch/tik \
  "${known[@]}" --verify "$measurement" --mnonce 000102030405060708090a0b0c0d0e0f
fails 'a cut measurement is refused' 64 '--verify: a measurement is base64 of 48 bytes' measure --tik launch/tik "${known[@]}" \
  --verify "${measurement:0:60}"
fails 'a build over a byte is refused' 64 'does not fit' measure --tik launch/tik --api-major 1 --api-minor 55 \
  --build-id 256 --policy 5 --digest "$digest" --verify "$measurement"
fails 'an API over a byte is refused' 64 'does not fit' measure --tik launch/tik --api-major 0x100 --api-minor 55 \
  --build-id 24 --policy 5 --digest "$digest" --verify "$measurement"
fails 'a digest of 31 bytes is refused' 64 '32 bytes in hexadecimal' measure --tik launch/tik "${firmware[@]}" \
  --policy 5 --digest "${digest:2}" --verify "$measurement"
fails 'a nonce of 17 bytes is refused' 64 '16 bytes in hexadecimal' measure --tik launch/tik "${known[@]}" \
  --mnonce "${measured:64}00"
fails 'a digest is needed' 64 '--digest is required' measure --tik launch/tik "${firmware[@]}" --policy 5 \
  --verify "$measurement"
fails 'a nonce is needed' 64 '--mnonce is required' measure --tik launch/tik "${known[@]}"
fails 'a policy is needed' 64 '--policy is required' measure --tik launch/tik "${firmware[@]}" \
  --digest "$digest" --verify "$measurement"
fails 'both keys are no TIK' 1 'a TIK has 16 bytes, this has 32' measure --tik <(cat launch/tek launch/tik) \
  "${known[@]}" --verify "$measurement"

# --- the conditions of a keyset ---
cat >keysets.json <<JSON
{
  "GOOD": {"allowed_digests": ["$(digest_of older)", "$digest"], "allowed_keys": ["key_id1"],
    "allowed-policies": [1, 5], "min-api-major": 1, "min-api-minor": 50, "allowed-build-ids": [23, 24]},
  "DIGEST": {"allowed_digests": ["$(digest_of older)"], "allowed_keys": [], "allowed-policies": [5],
    "min-api-major": 0, "min-api-minor": 0, "allowed-build-ids": [24]},
  "POLICY": {"allowed_digests": ["$digest"], "allowed_keys": [], "allowed-policies": [7],
    "min-api-major": 0, "min-api-minor": 0, "allowed-build-ids": [24]},
  "MAJOR": {"allowed_digests": ["$digest"], "allowed_keys": [], "allowed-policies": [5],
    "min-api-major": 2, "min-api-minor": 0, "allowed-build-ids": [24]},
  "MINOR": {"allowed_digests": ["$digest"], "allowed_keys": [], "allowed-policies": [5],
    "min-api-major": 1, "min-api-minor": 56, "allowed-build-ids": [24]},
  "ANY": {"allowed_keys": ["key_id1"], "allowed-policies": [5]},
  "BUILD": {"allowed_digests": ["$digest"], "allowed_keys": [], "allowed-policies": [5],
    "min-api-major": 0, "min-api-minor": 0, "allowed-build-ids": [23, 25]}
}
JSON
under=(--keysets keysets.json --keyset)
works 'a keyset allows its digest' measure --tik launch/tik "${known[@]}" --verify "$measurement" "${under[@]}" GOOD
works 'and the digest need not be given' measure --tik launch/tik "${firmware[@]}" --policy 5 \
  --verify "$measurement" "${under[@]}" GOOD
prints 'it is found' "verified     launch digest $digest"
fails 'a digest that the keyset lacks is refused' 12 'keyset DIGEST does not allow this launch digest' \
  measure --tik launch/tik "${known[@]}" --verify "$measurement" "${under[@]}" DIGEST
fails 'and not found when not given' 12 "$refused" measure --tik launch/tik "${firmware[@]}" --policy 5 \
  --verify "$measurement" "${under[@]}" DIGEST
fails 'a policy that the keyset lacks is refused' 12 'keyset POLICY does not allow the policy 0x5' \
  measure --tik launch/tik "${known[@]}" --verify "$measurement" "${under[@]}" POLICY
fails 'an older API is refused' 12 'keyset MAJOR needs firmware API major version 2 or later, not 1' \
  measure --tik launch/tik "${known[@]}" --verify "$measurement" "${under[@]}" MAJOR
fails 'an older minor API is refused' 12 'keyset MINOR needs firmware API 1.56 or later, not 1.55' \
  measure --tik launch/tik "${known[@]}" --verify "$measurement" "${under[@]}" MINOR
fails 'a build that the keyset lacks is refused' 12 "keyset BUILD does not allow the firmware's build id 24" \
  measure --tik launch/tik "${known[@]}" --verify "$measurement" "${under[@]}" BUILD
fails 'an unknown keyset is refused' 10 'no such keyset' measure --tik launch/tik "${known[@]}" --verify "$measurement" \
  "${under[@]}" NONE
fails 'a keysets file needs a keyset' 64 '--keyset' measure --tik launch/tik "${known[@]}" \
  --verify "$measurement" --keysets keysets.json

# --- secret ---
works 'a table is made' keygen key_id1 -o keys.json
works 'of a key' table build --keys keys.json -o table
seal=(secret --table table --tek launch/tek --tik launch/tik)
works 'secret verifies and seals' "${seal[@]}" --measure "$measurement" -o packet "${known[@]}"
prints 'it says that it verified' 'verified the measurement'
prints "it shows QEMU's command" '{"execute":"sev-inject-launch-secret","arguments":{"packet-header":"'
prints "and libvirt's" "--secrethdr $work/packet/packet_header.b64 --secret $work/packet/secret.b64"
check 'the header has its size' test "$(stat -c %s packet/packet_header.bin)" = 52
check 'the ciphertext is as long as the table' test "$(stat -c %s packet/secret.bin)" = "$(stat -c %s table)"
check 'the command holds both' test "$(cat packet/qmp.json)" = \
  "{\"execute\":\"sev-inject-launch-secret\",\"arguments\":{\"packet-header\":\"$(cat packet/packet_header.b64)\",\"secret\":\"$(cat packet/secret.b64)\"}}"
"$platform" inject host --header packet/packet_header.b64 --secret packet/secret.b64 -o injected
check 'the platform takes it' test $? = 0
check 'and the guest has the table' cmp -s injected table
works 'a keyset is enough to verify' "${seal[@]}" --measure "$measurement" -o keyset_packet "${firmware[@]}" \
  --policy 5 "${under[@]}" GOOD --gpa 0x810000 --json
valid_json 'JSON again'
prints 'with the address' '"gpa": 8454144'
works 'secret takes the same forms' secret --table table --tk tk --measure launch.txt "${under[@]}" GOOD -o told_packet
fails 'but not without a policy or a keyset' 64 '--policy, --digest (or --keysets and --keyset) are required' \
  secret --table table --tk tk --measure launch.txt -o new
fails 'nor without the keys' 64 '--tek, --tik (or --tk) are required' secret --table table --measure "$measurement" \
  "${known[@]}" -o new
fails 'without what to verify against nothing is sealed' 64 \
  '--api-major, --api-minor, --build-id, --policy, --digest (or --keysets and --keyset) are required' \
  "${seal[@]}" --measure "$measurement" -o new
fails 'nor without a digest or a keyset' 64 '--digest (or --keysets and --keyset) is required' \
  "${seal[@]}" --measure "$measurement" "${firmware[@]}" --policy 5 -o new
fails 'nor for a keyset that has none' 64 '--digest is required' \
  "${seal[@]}" --measure "$measurement" "${firmware[@]}" --policy 5 "${under[@]}" ANY -o new
fails 'skipping and verifying is neither' 64 'nothing is verified with it' \
  "${seal[@]}" --measure "$measurement" "${known[@]}" --unsafe-skip-measurement -o new
works 'who says that it is unsafe may skip it' "${seal[@]}" --measure "${measured:0:64}" -o unverified \
  --unsafe-skip-measurement
prints 'and is told' 'UNSAFE: the measurement was not verified'
works 'in JSON as well' "${seal[@]}" --measure "${measured:0:64}" -o skipped_json --unsafe-skip-measurement --json
check 'which says nothing of verifying' test "$(grep -c verified "$work.out"):$(grep -c unsafe_skip "$work.out")" = 0:1
"$platform" inject host --header unverified/packet_header.bin --secret unverified/secret.bin -o injected
check 'the platform takes it too' cmp -s injected table
fails 'secret overwrites nothing' 1 '--force' "${seal[@]}" --measure "$measurement" -o packet "${known[@]}"
fails 'a launch that does not verify gets no secret' 12 "$refused" "${seal[@]}" --measure "$measurement" -o new \
  "${firmware[@]}" --policy 1 --digest "$digest"
fails 'nor one that the keyset does not allow' 12 'keyset BUILD' "${seal[@]}" --measure "$measurement" -o new \
  "${known[@]}" "${under[@]}" BUILD
fails 'half of what verifying needs is refused' 64 '--api-major, --api-minor, --build-id, --policy are required' "${seal[@]}" \
  --measure "$measurement" -o new --digest "$digest"
fails 'a table that the guest would refuse is refused' 1 'the guest'"'"'s kernel would refuse this table' \
  secret --table launch/launch_blob.bin --tek launch/tek --tik launch/tik --measure "$measurement" -o new "${known[@]}"
fails 'a table of another length is refused' 1 'a multiple of 16' secret --table <(head -c -1 table) \
  --tek launch/tek --tik launch/tik --measure "$measurement" -o new "${known[@]}"
head -c 16400 /dev/zero >large
fails 'a table over 16 KiB is refused' 1 'at most 16384' secret --table large --tek launch/tek \
  --tik launch/tik --measure "$measurement" -o new "${known[@]}"
fails 'an address that does not fit is refused' 64 'does not fit' "${seal[@]}" --measure "$measurement" -o new \
  --gpa 0x10000000000000000

# A packet is for one launch.
"$platform" launch host --godh launch/godh.b64 --blob launch/launch_blob.b64 --policy 5 --digest "$digest" >/dev/null
"$platform" inject host --header packet/packet_header.b64 --secret packet/secret.b64 -o again 2>"$work.err"
check 'the same packet is refused by the next launch' test $? = 1

# Firmware before API 0.17.
old=(--api-major 0 --api-minor 16 --build-id 3)
measurement=$("$platform" launch host --godh launch/godh.b64 --blob launch/launch_blob.b64 --policy 5 \
  --digest "$digest" "${old[@]}")
works 'old firmware is sealed for in its way' "${seal[@]}" --measure "$measurement" -o old "${old[@]}" --policy 5 \
  --digest "$digest"
"$platform" inject host --header old/packet_header.b64 --secret old/secret.b64 -o injected "${old[@]}"
check 'and takes it' cmp -s injected table

printf '1..%d\n' "$count"
