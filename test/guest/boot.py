#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Boots real guests and turns what they write to their consoles into test results, in TAP.

usage: boot.py BUILD [BOOT...]

BUILD is a folder where the project was built; the guests' consoles are kept in its folder "consoles".
Names of boots choose among them; "list" as a name prints them. OSKBC_GUEST_SECONDS is the limit of one
boot, 180 unless told.
"""
import gzip
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

import boots
import qemu

HERE = pathlib.Path(__file__).resolve().parent
CHECK = re.compile(r"(ok|not ok) - (.*)")
SAW = re.compile(r"# saw (.*)\|(.*)\|(\d+)\|(.*)")
END = re.compile(r"# end (\d+)")


class Report:
    """Counts and prints results."""

    def __init__(self):
        self.count = 0
        self.failures = 0

    def add(self, good, text):
        """One result."""
        self.count += 1
        self.failures += not good
        print(f"{'ok' if good else 'not ok'} {self.count} - {text}", flush=True)

    def skip(self, text, reason):
        """What could not be looked at."""
        self.count += 1
        print(f"ok {self.count} - {text} # SKIP {reason}", flush=True)

    def quote(self, text):
        """Lines that belong to the results, but are none."""
        for line in text.splitlines():
            print(f"# {line}", flush=True)


def read_console(report, name, outcome):
    """The results of a boot; gives back the rows of the table."""
    rows, ended, count = [], None, report.count
    for line in outcome.console.splitlines():
        if found := CHECK.fullmatch(line):
            report.add(found[1] == "ok", f"{name}: {found[2]}")
        elif found := SAW.fullmatch(line):
            rows.append(found.groups())
        elif found := END.fullmatch(line):
            ended = int(found[1])
    trouble = outcome.trouble
    if not trouble and ended is None:
        trouble = "the guest never came to its end"
    if not trouble and (ended != 0 or report.count == count):
        trouble = f"the scenario ended with {ended} after {report.count - count} checks"
    report.add(not trouble, f"{name}: the guest ran to its end" + (f": {trouble}" if trouble else ""))
    return rows


def run(report, folder, consoles, boot, seconds):
    """One boot, in a folder of its own that goes away."""
    with tempfile.TemporaryDirectory(prefix="oskbc-guest.") as own:
        outcome = qemu.boot(pathlib.Path(own), boot.files(folder), seconds, keep_memory=bool(boot.search))
        if boot.search and not outcome.trouble:
            boot.search(folder, pathlib.Path(own) / "memory", report)
    (consoles / f"{boot.name}.log").write_text(outcome.console)
    failures = report.failures
    rows = read_console(report, boot.name, outcome)
    boot.check(folder, outcome, report)
    if report.failures > failures:
        report.quote(outcome.console[-6000:])
    return outcome, rows


def show(report, results, folder):
    """The table of the situations, what each boot took, and what the initrd is made of."""
    report.quote("\nsituation | command | status | its last line, or what the doctor blames")
    for _, (_, rows) in results:
        for row in rows:
            report.quote(" | ".join(row))
    report.quote("\nboot | seconds | MB, QEMU's peak of resident memory")
    for boot, (outcome, _) in results:
        report.quote(f"{boot.name} | {outcome.seconds:.1f} | {outcome.megabytes:.0f}")
    report.quote("\npart of the initrd | bytes, with gzip | without")
    for part in sorted(folder.glob("*.cpio.gz")):
        packed = part.read_bytes()
        report.quote(f"{part.name[:-len('.cpio.gz')]} | {len(packed)} | {len(gzip.decompress(packed))}")


def main(arguments):
    """Runs the boots that were asked for."""
    if not arguments:
        sys.exit(__doc__)
    build, chosen = pathlib.Path(arguments[0]), boots.choose(arguments[1:])
    consoles = build / "consoles"
    consoles.mkdir(exist_ok=True)
    seconds = int(os.environ.get("OSKBC_GUEST_SECONDS", "180"))
    report = Report()
    with tempfile.TemporaryDirectory(prefix="oskbc-guest.") as folder:
        if subprocess.run([HERE / "prepare.sh", build, folder], check=False, stdout=sys.stderr).returncode != 0:
            sys.exit("boot.py: what the guests are booted with could not be made; see above")
        folder = pathlib.Path(folder)
        results = []
        for boot in chosen:
            if reason := boot.missing(folder):
                report.skip(f"{boot.name}: the guest ran to its end", reason)
            else:
                results.append((boot, run(report, folder, consoles, boot, seconds)))
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
