# SPDX-License-Identifier: Apache-2.0
"""What the guide takes for granted: a firmware, a kernel with its module, a root file system, certificates, an image;
and programs in the place of those that need hardware."""

import base64
import hashlib
import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
sys.path.insert(0, str(TOP / "test" / "host"))
import fake_firmware  # noqa: E402
import make_guest  # noqa: E402


def run(*command):
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL)


def elf_module(modinfo):
    """An object file as kmod's programs want it: a section with what a module says of itself, and no symbols."""
    names = b"\0.modinfo\0.strtab\0.symtab\0.shstrtab\0"
    parts = [(b".modinfo", 1, modinfo), (b".strtab", 3, b"\0"), (b".symtab", 2, bytes(24)), (b".shstrtab", 3, names)]
    body, headers = bytearray(64), [bytes(64)]
    for name, kind, data in parts:
        link, info, size = (2, 1, 24) if kind == 2 else (0, 0, 0)
        at = names.index(b"\0" + name + b"\0") + 1
        headers.append(struct.pack("<IIQQQQIIQQ", at, kind, 0, 0, len(body), len(data), link, info, 1, size))
        body += data
    relocatable, x86_64 = 1, 62
    struct.pack_into(
        "<16sHHIQQQIHHHHHH", body, 0, b"\x7fELF\2\1\1", relocatable, x86_64, 1, 0, 0, len(body), 0, 64, 0, 0, 64,
        len(headers), len(headers) - 1,
    )  # fmt: skip
    return bytes(body) + b"".join(headers)


def write_boot_files(folder):
    """The firmware and the kernel with its module; the configuration is what the guide's commands write."""
    guest = dict(make_guest.DEFAULTS)
    (folder / "OVMF.fd").write_bytes(fake_firmware.firmware("secret hashes reset"))
    kernel = bytearray(make_guest.kernel(guest))
    kernel[510:512] = b"\x55\xaa"  # what file(1) knows a kernel by
    (folder / "vmlinuz").write_bytes(kernel)
    inside = folder / "modules" / "lib" / "modules" / guest["release"]
    name = inside / "kernel/drivers/virt/coco/efi_secret/efi_secret.ko"
    name.parent.mkdir(parents=True)
    name.write_bytes(elf_module(b"license=GPL\0vermagic=%s SMP mod_unload \0" % guest["vermagic"].encode()))


def write_root(folder, library):
    """A root file system that lacks what step 3 brings."""
    for name in ("bin", "etc", "sbin", "usr/bin", "usr/lib"):
        (folder / "rootfs" / name).mkdir(parents=True)
    (folder / "rootfs/bin/busybox").write_bytes(b"\x7fELF busybox")
    (folder / "rootfs/sbin/modprobe").symlink_to("../bin/busybox")
    (folder / "rootfs/usr/bin/attestation-agent").write_bytes(b"\x7fELF")
    built = folder / "build" / "lib"
    built.mkdir(parents=True)
    shutil.copy(library, built / "liboskbc.so.0")


def made_up_root(folder):
    """The root of the platform's stand-in, which verify-chain has to be told of: AMD's own it knows."""
    return hashlib.sha256((folder / "host/ark.cert").read_bytes()).hexdigest()


def write_owner_tool(path, tool, root):
    """The owner's tool, but for its trust in the stand-in's root."""
    (path / "sev-guest-owner").unlink()
    script = f'#!/bin/sh\n[ "$1" != verify-chain ] || set -- "$@" --ark-sha256 {root}\nexec "{tool}" "$@"\n'
    write_program(path, "sev-guest-owner", script)


def write_certificates(folder, platform):
    run(platform, "init", folder / "host")
    for name in ("pdh.cert", "cert_chain.cert", "cek.cert"):
        shutil.copy(folder / "host" / name, folder)
    both = (folder / "host/ask.cert").read_bytes() + (folder / "host/ark.cert").read_bytes()
    (folder / "ask_ark.cert").write_bytes(both)


def write_image(folder, tool):
    run(sys.executable, TOP / "test/e2e/make_image.py", folder / "plain", "1")
    config = json.loads((TOP / "examples/ocicrypt.conf.in").read_text())
    config["key-providers"]["attestation-agent"]["cmd"]["path"] = str(tool)
    (folder / "ocicrypt.conf").write_text(json.dumps(config))


def write_resources(folder):
    """As long as upstream's sample for offline_fs_kbc, 5,534 bytes, and with its names."""
    names = ["credential", "cosign-public-key", "gpg-public-key", "security-policy", "sigstore-config"]
    value = base64.b64encode(b"a policy, or a key to check signatures with\n" * 18).decode()
    texts = {f"default/{name}/test": value for name in names}
    (folder / "aa-offline_fs_kbc-resources.json").write_text(json.dumps(texts, indent=2))


def write_kernel_script(folder):
    """The kernel's scripts/config, as far as the guide needs it."""
    (folder / "scripts").mkdir()
    write_program(folder / "scripts", "config", f'#!/bin/sh\nexec "{sys.executable}" "{HERE}/kernel_config.py" "$@"\n')
    (folder / ".config").write_text("# CONFIG_EFI_STUB is not set\nCONFIG_EFI=y\n")


def take_kernel_config(folder):
    """What "make olddefconfig" would make of it, where the doctor looks for it."""
    selected = "CONFIG_EFI_COCO_SECRET=y\n"
    (folder / f"config-{make_guest.RELEASE}").write_text((folder / ".config").read_text() + selected)


def write_program(folder, name, text):
    file = folder / name
    file.write_text(text)
    file.chmod(0o755)


def write_programs(folder, programs, skopeo):
    """A folder for PATH. The skopeo gets what a machine without a policy of its own wants."""
    folder.mkdir()
    for name, program in programs.items():
        (folder / name).symlink_to(program)
    write_program(folder, "virsh", f'#!/bin/sh\nexec "{sys.executable}" "{HERE}/virsh.py" "$@"\n')
    if skopeo:
        write_program(folder, "skopeo", f'#!/bin/sh\nexec "{skopeo}" --insecure-policy --tmpdir "$TMPDIR" "$@"\n')


def find_skopeo(log):
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "oskbc" / "skopeo"
    with open(log, "w", encoding="utf-8") as errors:
        done = subprocess.run(
            [TOP / "test/e2e/fetch_skopeo.sh", cache], stdout=subprocess.PIPE, stderr=errors, text=True, check=False
        )
    return done.stdout.strip() if done.returncode == 0 else ""
