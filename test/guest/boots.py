# SPDX-License-Identifier: Apache-2.0
"""The kinds of boots: what a guest is started with, and what is to be seen of it from outside."""
import base64
import gzip
import hashlib
import json
import shutil

import owner
import qemu
import report as results
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


def concatenate(paths, to):
    """An initrd is a row of archives."""
    with open(to, "wb") as file:
        for path in paths:
            with open(path, "rb") as part:
                shutil.copyfileobj(part, file)
    return to


class Boot:
    """A guest. The secret is a file's name, bytes, or None where none was injected; parts are archives of the
    initrd."""

    # The guest's memory.
    megabytes = 512
    # A limit of its own, or None.
    seconds = None
    # Whether it takes the real firmware, or the EFI program that stands for it where that cannot be had.
    needs_firmware = False
    # Disks of the host, by their names.
    disks = ()
    # Whether it has no use for the real firmware.
    stand_in = False
    # Set by guests whose memory is of interest after they have ended.
    search = None
    # The boot that it is compared with, if the firmware is to refuse this one.
    good = None

    # pylint: disable=too-many-arguments,too-many-positional-arguments
    def __init__(self, name, secret, parts=PARTS, kernel="kernel", scenario=None, options=None):
        self.name = name
        self.secret = secret
        self.parts = parts
        self.kernel = kernel
        self.options = {"scenario": scenario or name, **(options or {})}

    def missing(self, folder):
        """Why there can't be this boot here, or nothing."""
        return read_line(folder / "no-firmware") if self.needs_firmware else ""

    def existing_parts(self, folder):
        """The archives. There is no encrypted image where there is no client to encrypt one."""
        paths = [folder / f"{part}.cpio.gz" for part in self.parts]
        return [path for path in paths if path.exists() or not (folder / "no-client").exists()]

    def command_line(self):
        """The kernel's; it has no place for spaces, so a plus stands for one. An emulated timer on a busy machine is
        late, which is no reason to panic."""
        options = "".join(f" oskbc.{name}={value.replace(' ', '+')}" for name, value in self.options.items())
        return f"console=ttyS0 no_timer_check agent.aa_kbc_params=offline_sev_kbc::null{options}"

    def table(self, folder):
        """The secret table, or None."""
        return (folder / self.secret).read_bytes() if isinstance(self.secret, str) else self.secret

    def machine(self, folder, own):
        """What is booted; the folder "own" is this boot's alone."""
        if self.stand_in or not (folder / "firmware").exists():
            return qemu.StandIn(self.drive(folder, own))
        offer = self.offer(folder, own)
        launch = self.measure(folder, own, offer)
        return qemu.Measured(folder / "firmware", launch.areas, offer, self.table(folder), self.hashes(launch))

    def offer(self, folder, own):
        """What the host offers to the firmware."""
        initrd = concatenate(self.existing_parts(folder), own / "initrd") if self.parts else None
        return qemu.Offer(folder / self.kernel / "bzImage", initrd, self.command_line())

    def measure(self, folder, own, offer):
        """What the owner measured: what is offered, unless the host lies."""
        return owner.measure(folder, own, offer)

    def hashes(self, launch):
        """The table of hashes that is in the guest, or None."""
        return launch.hashes

    def drive(self, folder, own):
        """What is on the drive of the machine with the EFI program."""
        table = self.table(folder)
        secret = bytes(tables.AREA) if table is None else table
        offer = self.offer(folder, own)
        return {
            "EFI/BOOT/BOOTX64.EFI": folder / "BOOTX64.EFI",
            "vmlinuz": offer.kernel,
            "cmdline": f"initrd=\\initrd {offer.command_line}\n".encode(),
            "initrd": offer.initrd,
            "secret": bytes(byte ^ LOADER_MASK for byte in secret),
        }

    def judge(self, folder, outcome, report):
        """Adds the results; gives back the rows of the table of situations."""
        rows = results.read_console(report, self.name, outcome)
        self.check(folder, outcome, report)
        return rows

    def check(self, folder, outcome, report):
        """What is to be seen from outside only."""


class AnswersBoot(Boot):
    """A guest that has to have the answers for an image's layers."""

    def check(self, folder, outcome, report):
        digest = read_line(folder / "answers.line")
        no_client = read_line(folder / "no-client")
        if no_client:
            report.skip(f"{self.name}: the digest of the answers is on the console", no_client)
            return
        report.add(f"answers: {digest}" in outcome.console, f"{self.name}: the digest of the answers is on the console")
        self.check_initrd(folder, digest.split()[0], report)

    def check_initrd(self, folder, text, report):
        """What only a guest with the keys can say is not to be found in what it was started with."""
        unpacked = b"".join(gzip.decompress(part.read_bytes()) for part in self.existing_parts(folder))
        report.add(text.encode() not in unpacked, f"{self.name}: the initrd does not have it")


class ContainerBoot(AnswersBoot):
    """A guest that runs images of its owner, and no others, with the programs that the guide's guest has."""

    megabytes = 1024
    seconds = 900
    # How many images of the owner's it runs.
    images = 7

    def __init__(self):
        super().__init__("container", "images.table", ("system", "scenarios", "ours", "system-module", "images",
                                                       "container-tools"), "kernel/system")

    def missing(self, folder):
        return read_line(folder / "no-client")

    def check(self, folder, outcome, report):
        line = read_line(folder / "image.line")
        count = outcome.console.count(f"container: This was decrypted: {line}")
        report.add(count == self.images, f"{self.name}: the containers' line is on the console: {count} times")
        self.check_initrd(folder, line, report)


class NoAreaBoot(Boot):
    """A guest whose firmware has no area for a secret."""

    stand_in = True

    def drive(self, folder, own):
        files = super().drive(folder, own)
        del files["secret"]
        return files


class MemoryBoot(Boot):
    """A guest whose memory is searched, all of it, after it has ended."""

    megabytes = 256

    def __init__(self, name):
        super().__init__(name, "keys.table", PARTS + ("requests",))

    def missing(self, folder):
        return read_line(folder / "no-client")

    def search(self, folder, file):
        """The answers' digest has to be found, so that a search that sees nothing is noticed. Gives results: whether
        it is good, and what it is."""
        key = json.loads((folder / "keys.json").read_bytes())["key_id1"]
        digest = read_line(folder / "answers.line").split()[0]
        for what, text, there in (("the digest of the answers", digest.encode(), True),
                                  ("the key, in base64", key.encode(), False),
                                  ("the key", base64.b64decode(key), False)):
            count = count_in(file, text)
            yield ((count > 0) == there,
                   f"{what} is {'' if there else 'not '}in the guest's memory after its end: {count} times")


class DiskBoot(Boot):
    """A guest with disks, whose initrd opens them."""

    disks = ("data", "forged")
    # What the agent, or its log, says on the console.
    given = "the volume data: given"
    denied = "the volume forged: denied: keyslot 0 has a null cipher"

    def __init__(self, name="disk", secret="luks.table"):
        super().__init__(name, secret, (name, "busybox", "scenarios"), "kernel/system")

    def missing(self, folder):
        return super().missing(folder) or read_line(folder / "no-initrds") or read_line(folder / "no-disks")

    def command_line(self):
        return super().command_line() + " root=/dev/mapper/data"

    def check(self, folder, outcome, report):
        check_disks(self, folder, outcome, report)
        report.add(self.given in outcome.console, f"{self.name}: the agent says that it gave a passphrase")
        report.add(self.denied in outcome.console, f"{self.name}: the agent says why it denied the other")
        report.add("the volume forged: given" not in outcome.console, f"{self.name}: it never gave the other")


class DracutDiskBoot(DiskBoot):
    """The same with an initrd of dracut, in which systemd opens the disks."""

    megabytes = 1024
    seconds = 300

    def __init__(self):
        super().__init__("dracut-disk", "disks.table")


def check_disks(boot, folder, outcome, report):
    """What is on the owner's disk is seen; a passphrase is not."""
    line = read_line(folder / "data.line")
    report.add(f"disk data: {line}" in outcome.console, f"{boot.name}: the disk's line is on the console")
    keys = json.loads((folder / "disks.json").read_bytes())
    for name in boot.disks:
        passphrase = base64.b64decode(keys[f"default/key/{name}"]).decode()
        report.add(passphrase not in outcome.console, f"{boot.name}: the passphrase of {name} is not")


class InitrdBoot(AnswersBoot):
    """A guest with an initrd that a distribution's program made."""

    def __init__(self, maker):
        super().__init__(maker, "keys.table", (maker, "busybox", "scenarios", "requests"), scenario="initrd",
                         options={"maker": maker})

    def missing(self, folder):
        return read_line(folder / "no-initrds")


class SystemBoot(Boot):
    """A guest that is a whole Debian system, all of it in its initrd, with the project installed as its users
    would."""

    needs_firmware = True
    megabytes = 1024
    seconds = 900

    disks = ("data", "forged")

    def __init__(self):
        super().__init__("whole-system", "disks.table", ("whole-system", "scenarios", "requests"), "kernel/system")

    def missing(self, folder):
        return super().missing(folder) or read_line(folder / "no-system") or read_line(folder / "no-disks")

    def check(self, folder, outcome, report):
        check_disks(self, folder, outcome, report)
        tls = base64.b64decode(json.loads((folder / "disks.json").read_bytes())["default/key/tls"])
        report.add(f"credential: {hashlib.sha256(tls).hexdigest()}" in outcome.console,
                   f"{self.name}: the service had its credential")

    def command_line(self):
        return super().command_line() + " systemd.unit=guest-test.target"
