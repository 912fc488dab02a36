#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the files of a host that starts a confidential guest, small enough for a test.

usage: make_guest.py DIR [NAME=VALUE...]

Without more arguments all is right; each NAME=VALUE is one fault, or another right way (see DEFAULTS). Nothing
here can boot: firmware, kernel and module have the parts that a doctor looks at, and no others.
"""

import bz2
import gzip
import json
import lzma
import pathlib
import struct
import sys

import fake_firmware

RELEASE = "6.1.0-sev"

DEFAULTS = {
    "areas": "secret hashes",  # of the firmware
    "drivers": "secret random verifier",
    "variables": "yes",  # in the same file
    "packed": "no",  # its volume of drivers
    "magic": "HdrS",  # of the kernel
    "start": "MZ",
    "release": RELEASE,
    "options": "EFI EFI_STUB AMD_MEM_ENCRYPT BLK_DEV_INITRD SECURITYFS EFI_COCO_SECRET EFI_SECRET=m MODULES"
    " RD_GZIP RD_XZ NET_9P_VIRTIO 9P_FS=m",
    "config": "beside",  # the kernel's: beside, inside, none
    "compression": "gzip",  # of the initrd
    "folder": RELEASE,  # of the module
    "vermagic": RELEASE,
    "listed": "yes",  # the module, in modules.dep
    "builtin": "no",
    "module": "plain",  # plain, xz, none
    "modprobe": "yes",
    "busybox": "BusyBox v1.35.0",  # what modprobe is a link to
    "library": "yes",
    "agent": "plain",  # plain, knows
    "params": "offline_sev_kbc::null",
    "agent_config": "etc/agent-config.toml",
    "cut": "0",  # bytes off the initrd's end
}

KATA = """# Kata Containers
[hypervisor.qemu]
path = "/usr/bin/qemu-system-x86_64"
kernel = "{folder}/vmlinuz"
initrd = "{folder}/initrd.img"
machine_type = "q35"
confidential_guest = true
guest_attestation = true
guest_attestation_proxy = "localhost:50051"
guest_attestation_keyset = "KEYSET-1"
firmware = "{folder}/OVMF.fd"
firmware_volume = ""
kernel_params = "agent.config_file=/etc/agent-config.toml agent.log=debug"
shared_fs = "virtio-9p"

[agent.kata]
"""

PACK = {
    "none": bytes,
    "gzip": lambda data: gzip.compress(data, mtime=0),
    "bzip2": bz2.compress,
    "xz": lambda data: lzma.compress(data, check=lzma.CHECK_CRC32),
    "xz-crc64": lambda data: lzma.compress(data, check=lzma.CHECK_CRC64),
}

def kernel_config(options):
    words = [w if "=" in w else w + "=y" for w in options.split()]
    return "# Linux/x86 configuration\n# CONFIG_DEVMEM is not set\n" + "".join(f"CONFIG_{w}\n" for w in words)


def kernel(guest):
    """A bzImage: the header's fields, the release's text, and perhaps a payload with a configuration."""
    image = bytearray(2048)
    image[0:2] = guest["start"].encode()
    image[0x1F1] = 2
    image[0x202:0x206] = guest["magic"].encode()
    struct.pack_into("<H", image, 0x206, 0x20F)
    struct.pack_into("<H", image, 0x20E, 0x400)
    text = guest["release"].encode() + b" (somebody@here) #1 SMP\0"
    image[0x600 : 0x600 + len(text)] = text
    payload = b""
    if guest["config"] == "inside":
        config = gzip.compress(kernel_config(guest["options"]).encode(), mtime=0)
        payload = PACK["xz"](b"code" + b"IKCFG_ST" + config + b"IKCFG_ED" + b"more") + b"\0\0\1\0"
    start = len(image) - 3 * 512
    struct.pack_into("<II", image, 0x248, start, len(payload))
    return bytes(image) + payload


def cpio_entry(path, data, mode, inode):
    name = path.encode() + b"\0"
    fields = [inode, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name), 0]
    head = b"070701" + b"".join(b"%08X" % f for f in fields) + name
    return head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4)


def cpio(files):
    """An archive of paths with bytes for files, text for symbolic links, None for folders."""
    out = b""
    for inode, (path, data) in enumerate(files.items(), 1):
        if data is None:
            out += cpio_entry(path, b"", 0o040755, inode)
        elif isinstance(data, str):
            out += cpio_entry(path, data.encode(), 0o120777, inode)
        else:
            out += cpio_entry(path, data, 0o100755, inode)
    return out + cpio_entry("TRAILER!!!", b"", 0, 0)


def module(guest):
    data = b"\x7fELF" + bytes(200) + b"license=GPL\0vermagic=" + guest["vermagic"].encode() + b" SMP mod_unload \0"
    return lzma.compress(data, check=lzma.CHECK_CRC32) if guest["module"] == "xz" else data


def guest_files(guest):
    folder = "usr/lib/modules/" + guest["folder"]
    name = "kernel/drivers/virt/coco/efi_secret/efi_secret.ko" + (".xz" if guest["module"] == "xz" else "")
    files = {".": None, "lib": "usr/lib", "usr": None, "usr/lib": None, "bin": None, "etc": None, folder: None}
    if guest["module"] != "none":
        files[f"{folder}/{name}"] = module(guest)
    files[f"{folder}/modules.dep"] = f"{name}:\n".encode() if guest["listed"] == "yes" else b"kernel/other.ko:\n"
    files[f"{folder}/modules.builtin"] = f"{name}\n".encode() if guest["builtin"] == "yes" else b""
    files["bin/busybox"] = b"\x7fELF " + guest["busybox"].encode()
    if guest["modprobe"] == "yes":
        files["sbin/modprobe"] = "../bin/busybox"
    if guest["library"] == "yes":
        files["usr/lib/x86_64-linux-gnu/liboskbc.so.0.1.0"] = b"\x7fELF liboskbc"
        files["usr/lib/x86_64-linux-gnu/liboskbc.so.0"] = "liboskbc.so.0.1.0"
    files["usr/bin/attestation-agent"] = b"\x7fELF offline_sev_kbc" if guest["agent"] == "knows" else b"\x7fELF"
    if guest["agent_config"] != "none":
        params = f'aa_kbc_params = "{guest["params"]}"\n' if guest["params"] else ""
        files[guest["agent_config"]] = (params + "[endpoints]\nallowed = []\n").encode()
    return files


def initrd(guest):
    """Microcode in front, as distributions put it there, not compressed and padded."""
    early = cpio({"kernel/x86/microcode/AuthenticAMD.bin": bytes(5000)})
    early += bytes(-len(early) % 512)
    packed = early + PACK[guest["compression"]](cpio(guest_files(guest)))
    return packed[: len(packed) - int(guest["cut"])]


def write_owner_files(folder):
    """A skopeo that does as the doctor's trial wants it, and a provider that is never started."""
    (folder / "skopeo").write_text(
        "#!/bin/sh\n[ \"$1\" = --version ] && exit\nfor last; do :; done\n"
        'mkdir -p "${last#oci:}/blobs/sha256"\necho "\\"tar+gzip+encrypted\\"" >"${last#oci:}/blobs/sha256/aa"\n'
    )
    (folder / "oskbc").write_text("#!/bin/sh\nexit 1\n")
    for name in ("skopeo", "oskbc"):
        (folder / name).chmod(0o755)
    command = {"path": str(folder / "oskbc"), "args": ["keyprovider"]}
    (folder / "ocicrypt.conf").write_text(json.dumps({"key-providers": {"attestation-agent": {"cmd": command}}}))


def main():
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit("usage: make_guest.py DIR [NAME=VALUE...]")
    folder = pathlib.Path(sys.argv[1]).resolve()
    guest = dict(DEFAULTS)
    for argument in sys.argv[2:]:
        name, _, value = argument.partition("=")
        if name not in guest:
            sys.exit(f"make_guest.py: {name} is none of {', '.join(guest)}")
        guest[name] = value
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "OVMF.fd").write_bytes(
        fake_firmware.firmware(
            guest["areas"] + " reset", guest["drivers"], guest["variables"] == "yes", guest["packed"] == "yes"
        )
    )
    (folder / "vmlinuz").write_bytes(kernel(guest))
    if guest["config"] == "beside":
        (folder / f"config-{guest['release']}").write_text(kernel_config(guest["options"]))
    (folder / "initrd.img").write_bytes(initrd(guest))
    (folder / "configuration.toml").write_text(KATA.format(folder=folder))
    write_owner_files(folder)


if __name__ == "__main__":
    main()
