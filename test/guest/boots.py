# SPDX-License-Identifier: Apache-2.0
"""The boots: what each guest has on its drive, and what is to be seen of it from outside."""
import base64
import gzip
import json
import sys

import tables

# What efi/secret_loader.c takes off.
LOADER_MASK = 0xA5
PARTS = ("system", "scenarios", "ours", "module")


def read_line(path):
    """A file's only line; nothing where there is no such file."""
    return path.read_text().strip() if path.exists() else ""


def count_in(file, text):
    """How often a file has a text. Never much of it at once: QEMU starts as a copy of this process, and what
    was most in it would count as QEMU's."""
    count, before = 0, b""
    with open(file, "rb") as content:
        while block := content.read(1 << 20):
            count += (before + block).count(text)
            # One byte less than the text, which thus is not counted twice.
            before = (before + block)[1 - len(text):]
    return count


class Boot:
    """A guest. The secret is a file's name, bytes, or nothing; parts are archives of the initrd."""

    # pylint: disable=too-many-arguments,too-many-positional-arguments
    def __init__(self, name, secret, parts=PARTS, kernel="kernel", scenario=None, options=None):
        self.name = name
        self.secret = secret
        self.parts = parts
        self.kernel = kernel
        self.options = {"scenario": scenario or name, **(options or {})}

    def missing(self, folder):  # pylint: disable=unused-argument
        """Why there can't be this boot here, or nothing."""
        return ""

    def existing_parts(self, folder):
        """The archives. There is no encrypted image where there is no client to encrypt one."""
        paths = [folder / f"{part}.cpio.gz" for part in self.parts]
        return [path for path in paths if path.exists() or not (folder / "no-client").exists()]

    def command_line(self):
        """The kernel's; it has no place for spaces, so a plus stands for one."""
        options = "".join(f" oskbc.{name}={value.replace(' ', '+')}" for name, value in self.options.items())
        return f"console=ttyS0 initrd=\\initrd agent.aa_kbc_params=offline_sev_kbc::null{options}\n"

    def files(self, folder):
        """What is on the drive."""
        files = {
            "EFI/BOOT/BOOTX64.EFI": folder / "BOOTX64.EFI",
            "vmlinuz": folder / self.kernel / "bzImage",
            "cmdline": self.command_line().encode(),
            "initrd": b"".join(path.read_bytes() for path in self.existing_parts(folder)),
        }
        if self.secret is not None:
            table = self.secret if isinstance(self.secret, bytes) else (folder / self.secret).read_bytes()
            files["secret"] = bytes(byte ^ LOADER_MASK for byte in table)
        return files

    def check(self, folder, outcome, report):
        """What is to be seen from outside only."""

    # Set by guests whose memory is of interest after they have ended.
    search = None


class AnswersBoot(Boot):
    """A guest that has to have the answers for an image's layers."""

    def check(self, folder, outcome, report):
        digest = read_line(folder / "image.line")
        no_client = read_line(folder / "no-client")
        if no_client:
            report.skip(f"{self.name}: the digest of the answers is on the console", no_client)
            return
        report.add(f"answers: {digest}" in outcome.console, f"{self.name}: the digest of the answers is on the console")
        unpacked = gzip.decompress(self.files(folder)["initrd"])
        report.add(digest.split()[0].encode() not in unpacked, f"{self.name}: the initrd does not have it")


class MemoryBoot(Boot):
    """A guest whose memory is searched, all of it, after it has ended."""

    def __init__(self, name):
        super().__init__(name, "keys.table", PARTS + ("image",))

    def missing(self, folder):
        return read_line(folder / "no-client")

    def search(self, folder, file, report):
        """The answers' digest has to be found, so that a search that sees nothing is noticed."""
        key = json.loads((folder / "keys.json").read_bytes())["key_id1"]
        digest = read_line(folder / "image.line").split()[0]
        for what, text, there in (("the digest of the answers", digest.encode(), True),
                                  ("the key, in base64", key.encode(), False),
                                  ("the key", base64.b64decode(key), False)):
            count = count_in(file, text)
            report.add((count > 0) == there, f"{self.name}: {what} is {'' if there else 'not '}in the guest's "
                       f"memory after its end: {count} times")


class InitrdBoot(Boot):
    """A guest with an initrd that a distribution's program made."""

    def __init__(self, maker):
        super().__init__(maker, "keys.table", (maker, "busybox", "scenarios"), scenario="initrd",
                         options={"maker": maker})

    def missing(self, folder):
        return read_line(folder / "no-initrds")


def malformed_boots():
    """One for each way in which the kernel refuses a table."""
    for kind, (table, words) in tables.malformed(b'{"key_id1":"AAAA"}').items():
        yield Boot("malformed-" + kind.lower().replace(" ", "-"), table, scenario="malformed",
                   options={"kind": kind, "words": words})


def all_boots():
    """Every boot there is."""
    without_unloading = ("system", "scenarios", "ours", "no-unload-module")
    yield AnswersBoot("main", "keys.table", PARTS + ("image",))
    yield MemoryBoot("memory")
    yield Boot("one-by-one", "three.table", PARTS + ("image",))
    yield Boot("no-unload", "keys.table", without_unloading, "kernel/no-unload")
    yield Boot("no-unload-doctor", "keys.table", without_unloading, "kernel/no-unload")
    yield Boot("no-module", "keys.table", ("system", "scenarios", "ours"))
    yield Boot("no-area", None, PARTS + ("image",))
    yield Boot("empty-area", bytes(tables.AREA))
    yield Boot("other-guid", "other.table")
    yield from malformed_boots()
    yield Boot("keyset", tables.table(tables.entry(b'{"key_id1":"not base64"}')))
    yield Boot("largest", "largest.table")
    for maker in ("initramfs-tools", "dracut"):
        yield InitrdBoot(maker)


def choose(names):
    """Those with these names, or all."""
    found = {boot.name: boot for boot in all_boots()}
    if names == ["list"]:
        print("\n".join(found))
        sys.exit(0)
    unknown = [name for name in names if name not in found]
    if unknown:
        sys.exit(f"boot.py: no boot {', '.join(unknown)}; there are: {', '.join(found)}")
    return [found[name] for name in names or found]
