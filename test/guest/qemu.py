# SPDX-License-Identifier: Apache-2.0
"""Boots a guest in QEMU, emulated, and gives back what it wrote to its console."""
import os
import pathlib
import re
import selectors
import shutil
import signal
import subprocess
import time

FIRMWARE = pathlib.Path("/usr/share/OVMF")
# Without a hardware accelerator: with nested virtualisation the firmware can die and hang.
MACHINE = ["-machine", "q35,accel=tcg", "-cpu", "qemu64", "-m", "256", "-nodefaults", "-nographic",
           "-serial", "stdio", "-no-reboot", "-net", "none"]
# The firmware moves the cursor about and colours; carriage returns end lines.
ESCAPES = re.compile(r"\x1b\[[0-9;=?]*[A-Za-z]|\x1b[()].|\r|\x00")


class Outcome:
    """What a boot left: its console, why it is not complete ("" if it is), what it took."""

    def __init__(self, console, trouble, seconds, megabytes):
        self.console = console
        self.trouble = trouble
        self.seconds = seconds
        self.megabytes = megabytes


def make_drive(folder, files):
    """Lays out the drive that the firmware boots from: path on it to the file that it is a copy of, or
    to its bytes."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            shutil.copyfile(content, path)


def memory_in(file):
    """Options that put the guest's memory into a file, which stays after its end."""
    return ["-machine", "memory-backend=memory", "-object",
            f"memory-backend-file,id=memory,size=256M,share=on,mem-path={file}"]


def command(folder, keep_memory):
    """QEMU's command line. setpriv replaces itself by QEMU, which dies with this process even if that is
    killed."""
    shutil.copyfile(FIRMWARE / "OVMF_VARS_4M.fd", folder / "variables.fd")
    memory = memory_in(folder / "memory") if keep_memory else []
    return ["setpriv", "--pdeathsig", "KILL", "qemu-system-x86_64", *MACHINE, *memory,
            "-drive", f"if=pflash,format=raw,readonly=on,file={FIRMWARE / 'OVMF_CODE_4M.fd'}",
            "-drive", f"if=pflash,format=raw,file={folder / 'variables.fd'}",
            "-drive", f"if=none,id=drive,format=raw,file=fat:rw:{folder / 'drive'}",
            "-device", "virtio-blk-pci,drive=drive,bootindex=0"]


def read_until(pipe, deadline):
    """What comes out of a pipe until its end or the deadline, and whether the end came."""
    parts = []
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while (left := deadline - time.monotonic()) > 0:
            if selector.select(left):
                part = os.read(pipe.fileno(), 65536)
                if not part:
                    return b"".join(parts), True
                parts.append(part)
    return b"".join(parts), False


def end(pid):
    """Ends QEMU if it still runs, and gives its exit status and its peak of resident memory, in bytes."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    _, status, usage = os.wait4(pid, 0)
    return os.waitstatus_to_exitcode(status), usage.ru_maxrss * 1024


def boot(folder, files, seconds, keep_memory=False):
    """Boots from a drive with these files; the folder is the boot's own. With keep_memory, its file "memory"
    is the guest's memory afterwards."""
    make_drive(folder / "drive", files)
    start = time.monotonic()
    # A session of its own: what the terminal sends to this process group is not QEMU's business.
    with open(folder / "qemu.log", "wb") as log:
        qemu = subprocess.Popen(command(folder, keep_memory), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=log, start_new_session=True)
    try:
        text, complete = read_until(qemu.stdout, start + seconds)
        if complete:
            # It has closed its output, and is about to end by itself.
            os.waitid(os.P_PID, qemu.pid, os.WEXITED | os.WNOWAIT)
    finally:
        qemu.returncode, memory = end(qemu.pid)
        qemu.stdout.close()
    trouble = "" if complete else f"not over after {seconds} seconds"
    if complete and qemu.returncode != 0:
        trouble = f"QEMU ended with {qemu.returncode}: {(folder / 'qemu.log').read_text()[-300:].strip()}"
    console = ESCAPES.sub("", text.decode(errors="replace"))
    return Outcome(console, trouble, time.monotonic() - start, memory / 1e6)
