#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# sev-guest-owner doctor on a right host, and on hosts with one fault each: the line that it gives for the
# fault, and what it exits with. TAP on standard output. To be called with the program.
set -u

tool=$(realpath "$1")
here=$(realpath "$(dirname "$0")")
work=$(mktemp -d)
cd "$work" || exit 1
umask 022
unset OCICRYPT_KEYPROVIDER_CONFIG
append='tsc=reliable agent.config_file=/etc/agent-config.toml agent.log=debug'

# shellcheck source-path=SCRIPTDIR source=../owner/tap.sh
. "$here/../owner/tap.sh"

# A host in the folder "host"; arguments are make_guest.py's.
make_host() {
  rm -rf host
  python3 "$here/make_guest.py" host "$@"
  allow sev
}
# Makes the keyset allow the host's guest.
allow() {
  local digest
  digest=$("$tool" digest --ovmf host/OVMF.fd --kernel host/vmlinuz --initrd host/initrd.img --append "$append" \
    --mode "$@" 2>/dev/null | sed -n 's/^hex: //p;' | tail -n 1)
  printf '{"KEYSET-1":{"allowed_digests":["%s"],"allowed_keys":["key_id1"],"allowed-policies":[1]}}' \
    "${digest:-$(printf '%064d' 0)}" >host/keysets.json
}
doctor() {
  run doctor --kata host/configuration.toml --keysets host/keysets.json --ocicrypt-conf host/ocicrypt.conf \
    --skopeo host/skopeo --append "$append" "$@"
}
# A name, the status, the mark, the link, what its text has to hold, more arguments. No other link may fail.
says() {
  local name=$1 expected=$2 mark=$3 link=$4 text=$5 line failures
  shift 5
  doctor "$@"
  line=$(grep -E "^$mark +$link( |\$)" "$work.out")
  failures=$(grep -c '^FAIL' "$work.out")
  [ "$status" = "$expected" ] && [ "${line#*"$text"}" != "$line" ] && [ ! -s "$work.err" ] &&
    [ "$failures" = $((expected != 0)) ]
  check "$name" test $? = 0
}
# Changes one line of Kata's configuration, on a host that a function makes.
says_on() {
  local make=$1 name=$2 from=$3 to=$4
  shift 4
  "$make"
  sed -i "s|^$from.*|$to|" host/configuration.toml
  says "$name" "$@"
}
says_with_line() { says_on make_host "$@"; }
says_with_pre() { says_on make_pre "$@"; }
says_with_guest() {
  local name=$1 guest=$2
  shift 2
  make_host "$guest"
  says "$name" "$@"
}

# --- what is right ---
make_host
before=$(snapshot)
doctor
check 'a right host is right' test "$status:$(grep -vc '^ok ' "$work.out"):$(wc -c <"$work.err")" = 0:0:0
check 'every link has its line' test "$(awk '{ print $2 }' "$work.out" | tr '\n' ' ')" = "kata confidential_guest \
sev_snp_guest guest_attestation guest_attestation_proxy guest_attestation_keyset guest_attestation_mode \
sev_guest_policy sev_cert_chain shared_fs firmware kernel kernel initrd module \
agent kernel_params aa_kbc_params launch allowed-policies ocicrypt skopeo "
check 'the doctor changes nothing' test "$(snapshot)" = "$before"
prints 'the areas of the firmware are told' 'a secret area of 3072 bytes at 0x810000, a hashes area of 1024 bytes'
prints 'and the archives of the initrd' 'in 2 archives (not compressed, gzip)'
prints 'and how many keys are released' 'KEYSET-1, which releases 1 keys'
doctor --json
check 'the same as JSON' test "$status:$(python3 -c 'import json, sys
report = json.load(open(sys.argv[1]))
print(report["ok"], report["status"], len(report["findings"]), {f["mark"] for f in report["findings"]})' \
  "$work.out")" = "0:True 0 22 {'ok'}"
for compression in none bzip2 xz; do
  make_host "compression=$compression" 'options=EFI EFI_STUB AMD_MEM_ENCRYPT BLK_DEV_INITRD SECURITYFS
    EFI_COCO_SECRET EFI_SECRET=m MODULES RD_BZIP2 RD_XZ NET_9P_VIRTIO 9P_FS'
  says "an initrd can be packed with $compression" 0 ok initrd 'host/initrd.img'
done
make_host packed=yes
says 'the drivers of the firmware can be compressed' 0 ok firmware 'a secret area'
make_host config=inside
says "a configuration inside the kernel is found" 0 ok 'kernel options' 'the kernel itself'
make_host module=xz
says 'a module can be compressed' 0 ok module 'efi_secret.ko.xz, built for 6.1.0-sev'
make_host module=xz 'busybox=-ZSTD -XZ -ZLIB'
says 'a module that modprobe cannot read' 4 FAIL module "compressed with xz, which the initrd's modprobe cannot read"
make_host module=none builtin=yes
says 'a module can be built in' 0 ok module 'built into the kernel'
make_host library=no agent=knows
says 'an agent can have the library inside' 0 ok agent 'attestation-agent knows offline_sev_kbc'
make_host
allow sev-es --vcpus 2 --cpu EPYC-Milan
says 'a digest can be that of SEV-ES' 0 ok 'launch digest' 'SEV-ES init2' --vcpus 2 --cpu EPYC-Milan
says 'the first shim speaks one protocol' 0 ok guest_attestation 'speaks Setup, by gop-client.py, which sev-guest-owner serve answers' --vcpus 2 --cpu EPYC-Milan
# What the later shims read.
make_pre() {
  make_host
  sed -i -e 's/^guest_attestation/guest_pre_attestation/' -e 's/^guest_pre_attestation_proxy/guest_pre_attestation_kbs_uri/' \
    host/configuration.toml
  python3 - "$here/../vectors/owner/chains.json" host/chain <<'END'
import base64, json, pathlib, sys
chain = {name: base64.b64decode(text) for name, text in json.load(open(sys.argv[1]))["rsa_4096"].items()}
pathlib.Path(sys.argv[2]).write_bytes(b"".join(chain[name] for name in ("pdh", "pek", "oca", "cek_exported")))
pathlib.Path(sys.argv[2] + ".no_pdh").write_bytes(b"".join(chain[name] for name in ("pek", "oca", "cek_exported")))
pathlib.Path(sys.argv[2] + ".pdh_last").write_bytes(b"".join(chain[name] for name in ("pek", "pdh")))
END
  sed -i "/^guest_pre_attestation =/a guest_pre_attestation_kbs_mode = \"offline\"\nsev_guest_policy = 1\nsev_snp_guest = false\nsev_cert_chain = \"$work/host/chain\"" \
    host/configuration.toml
}
make_pre
says "the attestation's later names are read" 0 ok guest_attestation_proxy localhost:50051
says 'the later shims speak another protocol' 0 ok guest_attestation 'speaks KeyBrokerService, which sev-guest-owner serve answers'
says 'its mode is looked at' 0 ok guest_attestation_mode offline
says 'and the policy' 0 ok sev_guest_policy '0x1 (NODBG)'
says 'and the certificates' 0 ok sev_cert_chain 'which has PDH, PEK, OCA, CEK'
says_with_pre 'a guest that is to ask an online broker' guest_pre_attestation_kbs_mode '# off' \
  1 FAIL guest_attestation_mode 'not set, which is "online"'
says_with_pre 'and one that says so' guest_pre_attestation_kbs_mode 'guest_pre_attestation_kbs_mode = "online"' \
  1 FAIL guest_attestation_mode 'set guest_pre_attestation_kbs_mode = "offline"'
make_pre
sed -i -e '/kbs_mode/d' -e 's/_kbs_uri/_proxy/' host/configuration.toml
says 'the first of the later shims have no mode' 0 ok guest_attestation_mode 'know none'
says_with_pre 'the default policy, which the keyset does not allow' sev_guest_policy '# off' \
  12 FAIL sev_guest_policy 'keyset KEYSET-1 does not allow the policy 0x0'
make_pre
sed -i 's/^sev_guest_policy.*/sev_guest_policy = 0/' host/configuration.toml
sed -i 's/"allowed-policies":\[1\]/"allowed-policies":[0,1]/' host/keysets.json
says 'a policy that lets the host debug' 0 warn sev_guest_policy 'without NODBG'
says_with_pre 'a policy that is none' sev_guest_policy 'sev_guest_policy = -1' 1 FAIL sev_guest_policy 'is no policy'
says_with_pre 'no certificates' sev_cert_chain '# off' 1 FAIL sev_cert_chain 'not set'
says_with_pre 'certificates that are not there' sev_cert_chain 'sev_cert_chain = "/none"' 5 FAIL sev_cert_chain 'No such file'
says_with_pre 'a chain without the PDH' sev_cert_chain "sev_cert_chain = \"$work/host/chain.no_pdh\"" \
  1 FAIL sev_cert_chain 'has no PDH, but PEK, OCA, CEK'
says_with_pre 'a chain with the PDH elsewhere' sev_cert_chain "sev_cert_chain = \"$work/host/chain.pdh_last\"" \
  1 FAIL sev_cert_chain 'does not begin with the PDH'
says_with_pre 'a guest with SNP' sev_snp_guest 'sev_snp_guest = true' 1 FAIL sev_snp_guest 'set sev_snp_guest = false'
OCICRYPT_KEYPROVIDER_CONFIG=host/ocicrypt.conf run doctor --skopeo host/skopeo --ovmf host/OVMF.fd
check "ocicrypt's variable is used" grep -q '^ok  *ocicrypt ' "$work.out"
check 'without Kata, what is named is looked at' grep -q '^ok  *firmware ' "$work.out"

# --- one fault each ---
make_host
rm host/configuration.toml
doctor
check 'no configuration of Kata' grep -q '^FAIL  kata .*No such file' "$work.out"
check 'and its status' test "$status" = 5
check 'and its members are skipped' grep -qx 'skip  shared_fs' "$work.out"
make_host
sed -i 's/^confidential_guest.*/confidential_guest = maybe/' host/configuration.toml
doctor
check 'a configuration that is no TOML' grep -q '^FAIL  kata .*is not TOML: look at line 7' "$work.out"
check 'its status, too' test "$status" = 1
make_host
sed -i 's/hypervisor.qemu/hypervisor.clh/' host/configuration.toml
doctor
check 'a configuration for another hypervisor' grep -q '^FAIL  kata .*no section \[hypervisor.qemu\]' "$work.out"

says_with_line 'no confidential_guest' confidential_guest '# off' \
  1 FAIL confidential_guest 'not set, so Kata starts a guest without SEV; set confidential_guest = true'
says_with_line 'a guest that is not attested' 'guest_attestation =' 'guest_attestation = false' \
  1 FAIL guest_attestation 'gets no secret; set guest_attestation = true'
says_with_line 'no key broker' guest_attestation_proxy '# off' \
  1 FAIL guest_attestation_proxy 'knows no key broker'
says_with_line 'a key broker without a port' guest_attestation_proxy 'guest_attestation_proxy = "localhost"' \
  1 FAIL guest_attestation_proxy 'is no HOST:PORT'
says_with_line 'no keyset' guest_attestation_keyset '# off' \
  1 FAIL guest_attestation_keyset 'not set, so the key broker is asked for no keys' --keyset KEYSET-1
says_with_line 'a keyset that is not in keysets.json' guest_attestation_keyset \
  'guest_attestation_keyset = "KEYSET-2"' 10 FAIL guest_attestation_keyset 'has no such keyset' --keyset KEYSET-1
says_with_line 'a file system that needs shared memory' shared_fs 'shared_fs = "virtio-fs"' \
  1 FAIL shared_fs 'set shared_fs = "virtio-9p"'
says_with_line 'no firmware' 'firmware =' '# off' 1 FAIL firmware 'not set, so QEMU takes a BIOS'
says_with_line 'variables beside the firmware' firmware_volume 'firmware_volume = "/OVMF_VARS.fd"' \
  1 FAIL firmware 'firmware_volume = ""'
says_with_line 'an image, which is not measured' initrd 'image = "/opt/kata.img"' \
  1 FAIL initrd 'but image is, which is not measured'
says_with_line 'an agent without its configuration' kernel_params 'kernel_params = "agent.log=debug"' \
  3 FAIL kernel_params 'add agent.config_file=/etc/agent-config.toml'
says_with_line 'a command line that is not the measured one' kernel_params \
  'kernel_params = "agent.config_file=/etc/agent-config.toml quiet"' 1 FAIL kernel_params 'lacks "quiet"'
says_with_guest 'a firmware without an area for secrets' areas=hashes 1 FAIL firmware 'has no area for a secret'
says_with_guest 'a firmware without an area for hashes' areas=secret 1 FAIL firmware 'are not measured'
says_with_guest 'a firmware without the driver that shows the secret' 'drivers=random verifier' \
  1 FAIL firmware 'no driver that shows the secret area to the kernel (SecretDxe)'
says_with_guest 'a firmware that checks no hash' 'drivers=secret random' 1 FAIL firmware 'promises nothing'
says_with_guest 'the code of a split build' variables=no 1 FAIL firmware 'of which the variables are not measured'
says_with_guest 'a firmware that goes on after a wrong hash' 'drivers=secret verifier' \
  0 warn firmware 'is older than edk2-stable202408'
says_with_guest 'a firmware that takes files by name' 'drivers=secret random verifier named' \
  0 warn firmware 'since it knows etc/boot/'
make_host
head -c 128 host/OVMF.fd >host/OVMF_VARS.fd
says 'a store of variables' 1 FAIL firmware 'is a store of variables' --ovmf host/OVMF_VARS.fd
says 'a file that is no firmware' 1 FAIL firmware 'is no firmware' --ovmf host/keysets.json
says_with_guest 'a kernel that is no bzImage' magic=XXXX 1 FAIL kernel 'this is no bzImage'
says_with_guest 'a kernel that is no EFI program' start=XX 11 FAIL kernel 'CONFIG_EFI_STUB'
says_with_guest 'a kernel that lacks options' 'options=EFI EFI_STUB BLK_DEV_INITRD SECURITYFS EFI_COCO_SECRET
  EFI_SECRET=m MODULES RD_GZIP NET_9P_VIRTIO 9P_FS' 11 FAIL 'kernel options' 'lacks CONFIG_AMD_MEM_ENCRYPT (without'
says_with_guest 'a kernel without modules' 'options=EFI EFI_STUB AMD_MEM_ENCRYPT BLK_DEV_INITRD SECURITYFS
  EFI_COCO_SECRET EFI_SECRET=m RD_GZIP NET_9P_VIRTIO 9P_FS' 11 FAIL 'kernel options' 'CONFIG_MODULES'
says_with_guest 'a kernel without 9p' 'options=EFI EFI_STUB AMD_MEM_ENCRYPT BLK_DEV_INITRD SECURITYFS
  EFI_COCO_SECRET EFI_SECRET=m MODULES RD_GZIP' 11 FAIL 'kernel options' 'CONFIG_9P_FS'
says_with_guest 'a kernel whose configuration is nowhere' config=none 0 skip 'kernel options' 'give --kernel-config F'
says 'a configuration that is none' 1 FAIL 'kernel options' "no kernel's configuration" --kernel-config host/keysets.json
says_with_guest 'an initrd that this kernel can not read' compression=bzip2 11 FAIL initrd 'build it with CONFIG_RD_BZIP2'
says_with_guest 'an initrd that no kernel can read' compression=xz-crc64 11 FAIL initrd 'xz --check=crc32'
says_with_guest 'an initrd that is cut' cut=20 1 FAIL initrd 'is damaged'
says_with_guest 'an initrd without the module' module=none 4 FAIL module 'efi_secret.ko is not in the initrd'
says_with_guest 'a module of another kernel' folder=6.1.0-17-amd64 \
  4 FAIL module 'is there for 6.1.0-17-amd64, but the kernel is 6.1.0-sev'
says_with_guest 'a module that was built for another kernel' vermagic=6.1.0-17-amd64 \
  4 FAIL module 'was built for 6.1.0-17-amd64'
says_with_guest 'a module that modprobe does not find' listed=no 4 FAIL module 'run depmod'
says_with_guest 'an initrd without modprobe' modprobe=no 4 FAIL module 'no modprobe'
says_with_guest 'an initrd without library and agent' library=no 1 FAIL agent 'neither liboskbc.so.0 nor an agent'
says_with_guest "an initrd without the agent's configuration" agent_config=none \
  3 FAIL aa_kbc_params '/etc/agent-config.toml is not in the initrd'
says_with_guest 'an agent for another key broker' params=cc_kbc::http://localhost \
  3 FAIL aa_kbc_params 'does not select offline_sev_kbc'
says_with_guest 'an agent without parameters' params= 3 FAIL aa_kbc_params 'has no aa_kbc_params'
make_host
printf x >>host/vmlinuz
says 'a kernel that is not the measured one' 12 FAIL 'launch digest' 'is not among the 1 allowed_digests of KEYSET-1'
make_host
echo '{"KEYSET-1":{"allowed_keys":[]}}' >host/keysets.json
says 'a keyset that allows any guest' 0 warn 'launch digest' 'released to any guest'
check 'and one that releases nothing' grep -q '^warn  guest_attestation_keyset .*releases no keys' "$work.out"
make_host
sed -i 's/\[1\]/[0]/' host/keysets.json
says 'a keyset whose guests the host may debug' 0 warn 'allowed-policies' 'without NODBG, so the host may read'
check 'is not only warned of in one place' grep -q '^ok  *launch digest' "$work.out"
make_host
chmod 0666 host/keysets.json
says 'a keysets file that others may write to' 1 FAIL 'allowed-policies' 'others may write to it (mode 0666)'
make_host
sed -i 's/attestation-agent/other/' host/ocicrypt.conf
says 'a provider of another name' 1 FAIL ocicrypt 'has no provider attestation-agent'
make_host
sed -i 's/"keyprovider"//' host/ocicrypt.conf
says 'a provider that is started wrongly' 1 FAIL ocicrypt 'is started without keyprovider'
make_host
rm host/oskbc
says 'a provider that is not there' 5 FAIL ocicrypt "can't be started"
make_host
printf '{"key-providers": {"attestation-agent": {"ttrpc": "unix://%s/host/cdh.sock"}}}' "$PWD" >host/ocicrypt.conf
says 'a socket of a provider that nobody listens at' 5 FAIL ocicrypt 'cdh.sock (host/ocicrypt.conf), where nobody can be reached'
sed -i 's/ttrpc/grpc/' host/ocicrypt.conf
says 'the same over gRPC' 5 FAIL ocicrypt 'is asked over gRPC at unix:'
make_host
echo '{' >host/ocicrypt.conf
says 'a configuration that ocicrypt can not read' 1 FAIL ocicrypt 'ocicrypt configuration is malformed'
make_host
printf '#!/bin/sh\nexit 0\n' >host/skopeo
says 'a skopeo without key providers' 11 FAIL skopeo 'does not encrypt with key providers'
make_host
rm host/skopeo
says 'a skopeo that does not run' 5 FAIL skopeo '--version fails'

# --- real firmware, where there is some ---
# IMAGE MARK TEXT
says_of_image() {
  [ -f "$1" ] || return
  run doctor --ovmf "$1" --skopeo host/skopeo
  check "what ${1##*/} is" grep -q "^$2  *firmware .*$3" "$work.out"
}
says_of_image /usr/share/ovmf/OVMF.fd FAIL 'has no \(area for a secret\|driver that shows the secret\)'
says_of_image /usr/share/OVMF/OVMF_CODE_4M.fd FAIL 'is the code of a build in two files'
says_of_image /usr/share/OVMF/OVMF_VARS_4M.fd FAIL 'is a store of variables'
amdsev=$("$here/../guest/fetch_firmware.sh" --cached 2>/dev/null) && says_of_image "$amdsev" warn 'since it knows etc/boot/'

# --- the command line ---
run doctor --vcpus 2
check 'vCPUs need their type' test "$status:$(wc -l <"$work.err")" = 64:1
run doctor --vcpus 0 --cpu EPYC
check 'a guest has a vCPU' test "$status" = 64
run doctor more
check 'there are no other arguments' test "$status" = 64

echo "1..$count"
