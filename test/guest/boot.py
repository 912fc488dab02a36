#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Boots real guests and turns what they write to their consoles into test results, in TAP.

usage: boot.py BUILD [BOOT...]

BUILD is a folder where the project was built; the guests' consoles are kept in its folder "consoles".
Names of boots choose among them; "list" as a name prints them. OSKBC_GUEST_SECONDS is the limit of one
boot, 180 unless told; OSKBC_JOBS says how many are booted at once, as many as there are processors unless told.
"""
import concurrent.futures
import gzip
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

import plan
import qemu
from report import Report

HERE = pathlib.Path(__file__).resolve().parent


class Runner:
    """Boots guests, several at once, and judges them one after the other."""

    def __init__(self, report, build, folder):
        self.report = report
        self.folder = folder
        self.consoles = build / "consoles"
        self.seconds = int(os.environ.get("OSKBC_GUEST_SECONDS", "180"))
        self.jobs = int(os.environ.get("OSKBC_JOBS") or os.cpu_count())

    def start(self, boot):
        """One boot, in a folder of its own that goes away; what it left, and what was found in its memory."""
        with tempfile.TemporaryDirectory(prefix="oskbc-guest.") as own:
            own = pathlib.Path(own)
            outcome = qemu.boot(own, boot.machine(self.folder, own), boot.seconds or self.seconds, boot.megabytes,
                                keep_memory=bool(boot.search),
                                disks=[self.folder / f"{name}.disk" for name in boot.disks])
            found = list(boot.search(self.folder, own / "memory")) if boot.search and not outcome.trouble else []
        (self.consoles / f"{boot.name}.log").write_text(outcome.console)
        return outcome, found

    def judge(self, boot, outcome, found):
        """Gives back the rows of the table of situations."""
        failures = self.report.failures
        rows = boot.judge(self.folder, outcome, self.report)
        for good, text in found:
            self.report.add(good, f"{boot.name}: {text}")
        if self.report.failures > failures:
            self.report.quote(outcome.console[-6000:])
        return rows

    def run(self, chosen):
        """These boots; each gives a row, with what it left, and with the rows of the table of situations."""
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            try:
                futures = [(boot, pool.submit(self.start, boot)) for boot in chosen]
                return [(boot, future.result()[0], self.judge(boot, *future.result())) for boot, future in futures]
            finally:
                # On the way out, too: the others' threads are waited for.
                qemu.stop.set()
                pool.shutdown(cancel_futures=True)
                qemu.stop.clear()


def show(report, results, folder):
    """The table of the situations, what each boot took, and what the initrd is made of."""
    report.quote("\nsituation | command | status | its last line, or what the doctor blames")
    for _, _, rows in results:
        for row in rows:
            report.quote(" | ".join(row))
    report.quote("\nboot | seconds until the kernel's first word | until the end | MB, QEMU's peak of resident memory")
    for boot, outcome, _ in results:
        spoke = f"{outcome.kernel_spoke:.1f}" if outcome.kernel_spoke else "never"
        report.quote(f"{boot.name} | {spoke} | {outcome.seconds:.1f} | {outcome.megabytes:.0f}")
    report.quote("\npart of the initrd | bytes, with gzip | without")
    for part in sorted(folder.glob("*.cpio.gz")):
        packed = part.read_bytes()
        report.quote(f"{part.name[:-len('.cpio.gz')]} | {len(packed)} | {len(gzip.decompress(packed))}")


def main(arguments):
    """Runs the boots that were asked for."""
    if not arguments:
        sys.exit(__doc__)
    build, chosen = pathlib.Path(arguments[0]), plan.choose(arguments[1:])
    (build / "consoles").mkdir(exist_ok=True)
    report = Report()
    with tempfile.TemporaryDirectory(prefix="oskbc-guest.") as folder:
        parts = sorted({part for boot in chosen for part in boot.parts})
        command = [HERE / "prepare.sh", build, folder, *parts]
        if subprocess.run(command, check=False, stdout=sys.stderr).returncode != 0:
            sys.exit("boot.py: what the guests are booted with could not be made; see above")
        folder = pathlib.Path(folder)
        runner = Runner(report, build, folder)
        possible = []
        for boot in chosen:
            if reason := boot.missing(folder):
                report.skip(f"{boot.name}: the boot", reason)
            else:
                possible.append(boot)
        results = runner.run([boot for boot in possible if not boot.good])
        # They have the time that their good ones took.
        results += runner.run([boot for boot in possible if boot.good])
        show(report, results, folder)
    print(f"1..{report.count}")
    return 1 if report.failures else 0


def leave(number, _frame):
    """Ends by way of every "finally", which is where QEMU is ended."""
    sys.exit(128 + number)


if __name__ == "__main__":
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, leave)
    sys.exit(main(sys.argv[1:]))
