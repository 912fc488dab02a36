#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sums up Meson's testlog.json.

usage: read_testlog.py LOG

Prints "PASSED FAILED SKIPPED" on the first line and then one line for each test that did not pass:
"failed" or "skipped", a tab, its name, a tab, the reason as far as the test gave one.
"""
import json
import re
import sys

PASSED = {"OK", "EXPECTEDFAIL"}
SKIPPED = {"SKIP"}
# What a line with the reason holds: the words of checks and examples, of TAP, of compilers and shells.
REASONS = {
    "failed": re.compile(r"FAIL|not ok|error", re.IGNORECASE),
    "skipped": re.compile(r"skip", re.IGNORECASE),
}


def kind_of(result):
    if result in PASSED:
        return "passed"
    return "skipped" if result in SKIPPED else "failed"


def reason_of(test, kind):
    """The first line that looks like a reason, or else the last one."""
    lines = (test.get("stdout", "") + "\n" + test.get("stderr", "")).splitlines()
    lines = [line.strip() for line in lines if line.strip()]
    marked = [line for line in lines if REASONS[kind].search(line)]
    reason = (marked[:1] or lines[-1:] or ["it gave no reason"])[0]
    # The word is there already.
    return re.sub(r"^(FAIL|SKIP):? +", "", reason)


def read(path):
    with open(path, encoding="utf-8", errors="replace") as log:
        return [json.loads(line) for line in log if line.strip()]


def main(path):
    tests = read(path)
    kinds = [kind_of(test["result"]) for test in tests]
    print(*(kinds.count(kind) for kind in ("passed", "failed", "skipped")))
    for test, kind in zip(tests, kinds):
        if kind != "passed":
            print(kind, test["name"], f"{test['result']}: {reason_of(test, kind)}", sep="\t")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
