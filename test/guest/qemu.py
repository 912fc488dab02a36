# SPDX-License-Identifier: Apache-2.0
"""Boots a guest in QEMU, emulated, and gives back what it wrote to its console."""
import os
import pathlib
import re
import selectors
import shutil
import signal
import subprocess
import threading
import time
from typing import NamedTuple

# Without a hardware accelerator: with nested virtualisation the firmware can die and hang.
MACHINE = ["-machine", "q35,accel=tcg", "-cpu", "qemu64", "-nodefaults", "-nographic", "-serial", "stdio",
           "-no-reboot", "-net", "none"]
# The firmware moves the cursor about and colours; carriage returns end lines.
ESCAPES = re.compile(r"\x1b\[[0-9;=?]*[A-Za-z]|\x1b[()].|\r|\x00")


# Set when all guests are to end.
stop = threading.Event()
# The first thing that the kernel says.
KERNEL_SPEAKS = b"Linux version "


class Outcome:
    """What a boot left: its console, why it is not complete ("" if it is), what it took, and after how many seconds
    the kernel spoke (None if it never did)."""

    # pylint: disable=too-many-arguments,too-many-positional-arguments
    def __init__(self, console, trouble, seconds, megabytes, kernel_spoke):
        self.console = console
        self.trouble = trouble
        self.seconds = seconds
        self.megabytes = megabytes
        self.kernel_spoke = kernel_spoke


class StandIn:
    """A machine with a plain OVMF, whose drive has an EFI program that does what AmdSev's would. Files are path on
    the drive to the file that it is a copy of, or to its bytes."""

    firmware = pathlib.Path("/usr/share/OVMF")

    def __init__(self, files):
        self.files = files

    def options(self, folder):
        """Lays out the drive, and a copy of the firmware's variables."""
        for name, content in self.files.items():
            path = folder / "drive" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, bytes):
                path.write_bytes(content)
            else:
                shutil.copyfile(content, path)
        shutil.copyfile(self.firmware / "OVMF_VARS_4M.fd", folder / "variables.fd")
        return ["-drive", f"if=pflash,format=raw,readonly=on,file={self.firmware / 'OVMF_CODE_4M.fd'}",
                "-drive", f"if=pflash,format=raw,file={folder / 'variables.fd'}",
                "-drive", f"if=none,id=drive,format=raw,file=fat:rw:{folder / 'drive'}",
                "-device", "virtio-blk-pci,drive=drive,bootindex=0"]


class Offer(NamedTuple):
    """What QEMU offers to the firmware: two files, the initrd None where there is none, and a text."""

    kernel: pathlib.Path
    initrd: pathlib.Path
    command_line: str


class Measured:
    """A machine with the AmdSev firmware, which starts what QEMU offers if that has the hashes that were measured.
    QEMU's loader does what the platform and QEMU would with SEV: it puts the tables of the secret and of the hashes,
    bytes or None, into their areas."""

    # pylint: disable=too-many-arguments,too-many-positional-arguments
    def __init__(self, image, areas, offer, secret, hashes):
        self.image = image
        self.areas = areas
        self.offer = offer
        self.tables = {"secret": secret, "hashes": hashes}
        # QEMU does not look how long a secret is, and the platform writes it after the hashes were measured.
        room = areas["secret"].size
        if secret is not None and len(secret) > room:
            self.tables = {"secret": secret[:room], "hashes": secret[room:] + hashes[len(secret) - room:]}

    def options(self, folder):
        """Writes the tables into files."""
        # Without SEV, QEMU 7.2 patches the kernel's header; the firmware prefers this one, which is as it was.
        options = ["-bios", str(self.image), "-kernel", str(self.offer.kernel), "-append", self.offer.command_line,
                   "-fw_cfg", f"name=etc/boot/kernel,file={self.offer.kernel}"]
        if self.offer.initrd is not None:
            options += ["-initrd", str(self.offer.initrd)]
        for name, table in self.tables.items():
            if table is not None:
                (folder / name).write_bytes(table)
                options += ["-device",
                            f"loader,file={folder / name},addr={self.areas[name].base:#x},force-raw=on"]
        return options


def memory_in(file, megabytes):
    """Options that put the guest's memory into a file, which stays after its end."""
    return ["-machine", "memory-backend=memory", "-object",
            f"memory-backend-file,id=memory,size={megabytes}M,share=on,mem-path={file}"]


def drives(disks):
    """Options for disks, which stay as they are."""
    for number, disk in enumerate(disks):
        yield from ("-drive", f"if=none,id=disk{number},format=raw,snapshot=on,file={disk}",
                    "-device", f"virtio-blk-pci,drive=disk{number}")


def command(folder, machine, megabytes, keep_memory, disks=()):
    """QEMU's command line. setpriv replaces itself by QEMU, which dies with the thread that started it, and so
    with this process even if that is killed."""
    memory = memory_in(folder / "memory", megabytes) if keep_memory else []
    return ["setpriv", "--pdeathsig", "KILL", "qemu-system-x86_64", *MACHINE, "-m", str(megabytes), *memory,
            *machine.options(folder), *drives(disks)]


class Console:
    """What a guest writes, read until it closes its console or until a time."""

    def __init__(self, pipe):
        self.pipe = pipe
        self.text = b""
        self.kernel_spoke = None

    def read_until(self, deadline):
        """Whether the end came before the deadline."""
        with selectors.DefaultSelector() as selector:
            selector.register(self.pipe, selectors.EVENT_READ)
            while (left := deadline - time.monotonic()) > 0 and not stop.is_set():
                if selector.select(min(left, 1)) and not self.read_part():
                    return True
        return False

    def read_part(self):
        """Whether there was one."""
        part = os.read(self.pipe.fileno(), 65536)
        self.text += part
        if self.kernel_spoke is None and KERNEL_SPEAKS in self.text:
            self.kernel_spoke = time.monotonic()
        return bool(part)


def end(pid):
    """Ends QEMU if it still runs, and gives its exit status and its peak of resident memory, in bytes."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    _, status, usage = os.wait4(pid, 0)
    return os.waitstatus_to_exitcode(status), usage.ru_maxrss * 1024


# pylint: disable-next=too-many-arguments,too-many-positional-arguments
def boot(folder, machine, seconds, megabytes=512, keep_memory=False, disks=()):
    """Boots a machine; the folder is the boot's own. With keep_memory, its file "memory" is the guest's memory
    afterwards."""
    start = time.monotonic()
    # A session of its own: what the terminal sends to this process group is not QEMU's business.
    with open(folder / "qemu.log", "wb") as log:
        qemu = subprocess.Popen(command(folder, machine, megabytes, keep_memory, disks), stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=log, start_new_session=True)
    console = Console(qemu.stdout)
    try:
        complete = console.read_until(start + seconds)
        if complete:
            # It has closed its output, and is about to end by itself.
            os.waitid(os.P_PID, qemu.pid, os.WEXITED | os.WNOWAIT)
    finally:
        qemu.returncode, memory = end(qemu.pid)
        qemu.stdout.close()
    trouble = "" if complete else f"not over after {seconds:.0f} seconds"
    if complete and qemu.returncode != 0:
        trouble = f"QEMU ended with {qemu.returncode}: {(folder / 'qemu.log').read_text()[-300:].strip()}"
    spoke = console.kernel_spoke and console.kernel_spoke - start
    text = ESCAPES.sub("", console.text.decode(errors="replace"))
    return Outcome(text, trouble, time.monotonic() - start, memory / 1e6, spoke)
