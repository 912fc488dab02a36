# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash
#
# What the scenarios share. To be sourced. Prints, for the runner:
#   ok - TEXT, not ok - TEXT         a check
#   # saw SITUATION|COMMAND|STATUS|TEXT   a row of the table that the runner shows in the end

keyset_guid=e6f5a162-d67f-4750-a67c-5d065f2a9910
coco=/sys/kernel/security/secrets/coco
# shellcheck disable=SC2034  # for the scenarios
secret=$coco/$keyset_guid
situation=

# Names what the checks that follow are about.
situation() {
  situation=$1
  printf '\n== %s\n' "$1"
}

# TEXT COMMAND...: a check that holds when the command succeeds; what it prints is shown if it does not.
check() {
  local text=$1
  shift
  if "$@" >/tmp/said 2>&1; then
    printf 'ok - %s: %s\n' "$situation" "$text"
  else
    sed 's/^/# /' /tmp/said
    printf 'not ok - %s: %s\n' "$situation" "$text"
  fi
}

# STATUS WORDS COMMAND...: a check that the command ends with this status and says these words.
gives() {
  local status=$1 words=$2 got=0
  shift 2
  "$@" >/tmp/said 2>&1 </dev/null || got=$?
  cat /tmp/said
  printf '# saw %s|%s|%d|%s\n' "$situation" "$*" $got "$(tail -n 1 /tmp/said)"
  if [ $got = "$status" ] && grep -qF -- "$words" /tmp/said; then
    printf 'ok - %s: "%s" gives %d: %s\n' "$situation" "$*" "$status" "$words"
  else
    printf 'not ok - %s: "%s" gives %d, not %d: %s\n' "$situation" "$*" $got "$status" "$words"
  fi
}

# STATUS LINK WORDS [PREFIX...]: a check that the doctor ends with this status, and that the first link
# which it finds broken is this one, for this reason.
doctor_blames() {
  local status=$1 link=$2 words=$3 got=0 blamed
  shift 3
  "$@" oskbc doctor >/tmp/said 2>&1 || got=$?
  cat /tmp/said
  blamed=$(grep -m 1 '^FAIL' /tmp/said)
  printf '# saw %s|oskbc doctor|%d|%s\n' "$situation" $got "$blamed"
  case $got:$blamed in
    "$status:FAIL  $link "*"$words"*) printf 'ok' ;;
    *) printf 'not ok' ;;
  esac
  printf ' - %s: oskbc doctor gives %d and blames "%s": %s\n' "$situation" "$status" "$link" "$words"
}

doctor_is_content() {
  gives 0 'can unwrap' oskbc doctor
}

# --- the agent -------------------------------------------------------------------------------------------

# shellcheck disable=SC2034  # for the scenarios
agent=unix:///run/confidential-containers/cdh.sock

# It tells its addresses once it has taken the keyset.
agent_starts() {
  local tries=0
  : >/tmp/addresses
  oskbc-agent </dev/null >/tmp/addresses 2>/tmp/complaints &
  agent_process=$!
  while [ ! -s /tmp/addresses ]; do
    tries=$((tries + 1))
    [ $tries -lt 100 ] || return 1
    usleep 100000
  done
}

agent_stops() {
  kill "$agent_process" && wait "$agent_process"
}

# Has all requests answered, as by a client that starts a command per layer. The answers are secrets, and the console is
# for everybody: only their digest is printed.
answers() {
  local request
  while read -r request; do
    printf '%s' "$request" | oskbc --agent "$agent" keyprovider >>/tmp/answers || return
  done </requests
  printf 'answers: %s\n' "$(sha256sum </tmp/answers)"
}

# ---------------------------------------------------------------------------------------------------------

entries() {
  find "$coco" -type f | wc -l
}

is_loaded() {
  [ -d /sys/module/efi_secret ]
}

is_mounted() {
  grep -q ' /sys/kernel/security securityfs ' /proc/mounts
}

is_gone() {
  [ ! -e "$1" ]
}

not() {
  ! "$@"
}

kernel_says() {
  dmesg | grep -F 'efi_secret' | grep -F -- "$1"
}

mount_securityfs() {
  mount -t securityfs securityfs /sys/kernel/security
}

# --- the secret area, as it is in memory -----------------------------------------------------------------

# ADDRESS SIZE
memory_at() {
  dd if=/dev/mem bs="$2" count=1 iflag=skip_bytes skip="$1" 2>/dev/null
}

# The kernel prints where the firmware's descriptor of the area lies: its address and size, eight bytes each.
secret_area() {
  local descriptor
  descriptor=$(dmesg | sed -n 's/.*CocoSecret=\(0x[0-9a-f]*\).*/\1/p')
  [ -n "$descriptor" ] || return 1
  memory_at $(($(memory_at $((descriptor)) 8 | od -A n -t d8))) 3072
}

# busybox's grep takes a NUL for the end of a line.
area_holds() {
  secret_area | tr '\000' '\n' | grep -qF -- "$1"
}

# Of a table with one entry, what is left after its removal: the header's GUID and length, a zero GUID, the
# entry's length, and zeros.
is_wiped() {
  [ "$(secret_area | wc -c)" = 3072 ] &&
    [ "$(secret_area | dd bs=20 skip=1 2>/dev/null | tr -d '\000' | wc -c)" -le 4 ] &&
    [ "$(secret_area | dd bs=1 skip=40 2>/dev/null | tr -d '\000' | wc -c)" = 0 ]
}

# --- containers --------------------------------------------------------------------------------------------

# For crun.
mount_control_groups() {
  mkdir -p /sys/fs/cgroup
  mount -t cgroup2 cgroup2 /sys/fs/cgroup
}

# Which images may run is in the keyset.
take_policy() {
  oskbc --agent "$agent" resource kbs:///default/security-policy/test >/run/policy.json &&
    oskbc --agent "$agent" resource kbs:///default/cosign-public-key/test >/run/owner.pub
}

# IMAGE: decrypts it with the agent's keys, if the policy allows it.
fetch_image() {
  OCICRYPT_KEYPROVIDER_CONFIG=/etc/ocicrypt.conf skopeo --policy /run/policy.json copy -q --remove-signatures \
    --decryption-key provider:attestation-agent:offline_sev_kbc::null "dir:/images/$1" "oci:/run/$1:decrypted"
}

# IMAGE: umoci 0.4 does not know zstd, and skopeo does not compress otherwise what it decrypts.
compress_with_gzip() {
  skopeo --insecure-policy copy -q --dest-compress-format gzip "oci:/run/$1:decrypted" "oci:/run/$1-gzip:gzip" &&
    umoci --log=warn unpack --image "/run/$1-gzip:gzip" "/run/bundle-$1"
}

unpack_image() {
  case $1 in
    zstd) compress_with_gzip "$1" ;;
    *) umoci --log=warn unpack --image "/run/$1:decrypted" "/run/bundle-$1" ;;
  esac
}

# IMAGE: runs it, in namespaces and without capabilities. In an initrd there is no other root to pivot to.
run_image() {
  fetch_image "$1" && unpack_image "$1" &&
    sed -i -e '/"CAP_/d' -e 's/"terminal": true/"terminal": false/' "/run/bundle-$1/config.json" &&
    crun run --no-pivot --bundle "/run/bundle-$1" "$1"
}

# --- disks -------------------------------------------------------------------------------------------------

forged=/dev/disk/by-uuid/0b5cb000-0000-4000-8000-0000000f0f6d

# How many bytes cryptsetup would be given.
passphrase_size() {
  [ "$(oskbc disk-passphrase "$1" | wc -c)" = "$2" ]
}

forged_stays_closed() {
  situation 'a disk whose header the host forged'
  check 'it stays closed' is_gone /dev/mapper/forged
  check 'there is no copy of its header' is_gone /run/oskbc/forged.header
  gives 12 'keyslot 0 has a null cipher' oskbc luks-check "$forged" --uuid "${forged##*/}" --cipher aes-xts-plain64
  gives 12 'its log says why' oskbc disk-passphrase forged
  # Were cryptsetup given it all the same, the passphrase would still stay here.
  dd if="$forged" of=/run/oskbc/forged.header bs=1M count=16 2>/dev/null
  gives 12 'its log says why' oskbc disk-passphrase forged
  check 'nothing of its passphrase was given' passphrase_size forged 0
  check "that of the owner's disk is" passphrase_size data 20
}

# What the check is for: cryptsetup alone takes the forged header, and the host's files are the guest's.
opens_without_the_check() {
  situation 'the same disk without the check'
  check 'cryptsetup opens it with any passphrase' cryptsetup open --type luks2 --key-file=/proc/version "$forged" unchecked
  mkdir -p /tmp/unchecked
  check 'is mounted, whatever the passphrase' mount -t ext4 -o ro /dev/mapper/unchecked /tmp/unchecked
  gives 0 'disk forged: ' cat /tmp/unchecked/line
}
