#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints what ninja has to build for tests, one file a line.

usage: test_targets.py BUILD [--suite=NAME | --no-suite=NAME]...

The options choose tests as those of "meson test" do.
"""
import json
import pathlib
import sys


def is_chosen(test, wanted, unwanted):
    # Meson writes them with the project's name in front.
    suites = {suite.split(":")[-1] for suite in test["suite"]}
    return not suites & unwanted and (not wanted or bool(suites & wanted))


def main(build, options):
    """Prints the files; nothing for a test that is a script and needs nothing built."""
    wanted = {option.removeprefix("--suite=") for option in options if option.startswith("--suite=")}
    unwanted = {option.removeprefix("--no-suite=") for option in options if option.startswith("--no-suite=")}
    if len(wanted) + len(unwanted) != len(options):
        print(__doc__, file=sys.stderr)
        return 64
    build = pathlib.Path(build).resolve()
    info = build / "meson-info"
    tests = json.loads((info / "intro-tests.json").read_text())
    targets = {target["id"]: target["filename"]
               for target in json.loads((info / "intro-targets.json").read_text())}
    needed = {target for test in tests if is_chosen(test, wanted, unwanted) for target in test["depends"]}
    files = {str(pathlib.Path(file).relative_to(build)) for target in needed for file in targets[target]}
    print("\n".join(sorted(files)))
    return 0 if files else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]) if len(sys.argv) > 1 else __doc__)
