# SPDX-License-Identifier: Apache-2.0
"""Results, in TAP, and what a guest's console says of them."""
import re

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
