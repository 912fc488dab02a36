#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts what each operation of the C interface costs, and holds it against counts.txt.

Counted under callgrind are the instructions of liboskbc itself, its calls of other libraries, and its
allocations. They are the same on every machine, which time is not, and neither are the instructions
of libcrypto and libc, which choose their code by the processor.

usage: counts.py [--renew] COUNTED LIBRARY COMPILER
  COUNTED   the program of counted.cpp, built with -O2 as the tests are
  LIBRARY   liboskbc as it calls it
  COMPILER  its name and major version; each system's has lines of its own in the table
  --renew   write this compiler's lines anew instead
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

TABLE = pathlib.Path(__file__).with_name("counts.txt")
SKIPPED = 77
TIMES = 10
GROWTH = 1.1

OPERATIONS = ("unwrap", "unwrap_numbers", "unwrap_fields", "ask_length", "unknown_key", "keyprovider", "resource",
              "open", "open_file", "unwrap_file")
COLUMNS = ("instructions", "calls", "allocations")
ALLOCATORS = re.compile(r"(malloc|calloc|realloc|aligned_alloc|operator new.*|mmap)$")


def skip(why):
    print(f"SKIP: {why}")
    sys.exit(SKIPPED)


class Profile:
    """Sums a file of callgrind's: names are written once, as "(number) name"."""

    def __init__(self, lines, library):
        self.counts = dict.fromkeys(COLUMNS, 0)
        self._library = library
        self._names = {}
        self._object = self._callee_object = self._callee = ""
        self._after_call = False
        for line in lines:
            self._read(line)

    def _name(self, kind, text):
        number, _, name = text.partition(" ")
        return self._names.setdefault((kind, number), name)

    def _read(self, line):
        key, _, value = line.partition("=")
        if key == "ob":
            self._object = self._name("ob", value)
        elif key == "cob":
            self._callee_object = self._name("ob", value)
        elif key == "fn":
            self._name("fn", value)
            self._callee_object = self._object
        elif key == "cfn":
            self._callee = self._name("fn", value)
        elif key == "calls":
            self._add_calls(int(value.split()[0]))
        elif re.match(r"[+*\d-]", line):
            self._add_instructions(int(line.split()[-1]))

    def _is_own(self, name):
        return name.endswith(self._library)

    def _add_calls(self, times):
        self._after_call = True
        if self._is_own(self._object) and not self._is_own(self._callee_object):
            self.counts["calls"] += times
            if ALLOCATORS.match(self._callee):
                self.counts["allocations"] += times
        self._callee_object = self._object

    # The line after a call has what the callee took.
    def _add_instructions(self, instructions):
        if not self._after_call and self._is_own(self._object):
            self.counts["instructions"] += instructions
        self._after_call = False


def profile(program, library, operation, times):
    with tempfile.NamedTemporaryFile(mode="r", prefix="oskbc-counts.") as out:
        # Bound at the start, so that the first call costs what the others do.
        subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out.name}",
             program, operation, str(times)],
            env={**os.environ, "LD_BIND_NOW": "1"}, stderr=subprocess.PIPE, check=True)
        return Profile(out.read().splitlines(), library).counts


def count(program, library, operation):
    """What doing it more often adds: what goes before and after falls out."""
    less = profile(program, library, operation, TIMES)
    more = profile(program, library, operation, 2 * TIMES)
    return [(more[column] - less[column]) // TIMES for column in COLUMNS]


def read_table():
    """The counts of each compiler by operation."""
    table = {}
    for row in TABLE.read_text().splitlines()[1:]:
        compiler, operation, *values = row.split()
        table.setdefault(compiler, {})[operation] = [int(value) for value in values]
    return table


def write_table(table):
    lines = [f"{'compiler':12}{'operation':16}" + "".join(f"{c:>14}" for c in COLUMNS)]
    lines += [f"{compiler:12}{name:16}" + "".join(f"{value:14}" for value in row)
              for compiler, counts in sorted(table.items()) for name, row in counts.items()]
    TABLE.write_text("\n".join(lines) + "\n")


def compare(now, table):
    """What has grown."""
    problems = []
    if now.keys() != table.keys():
        problems.append(f"{TABLE.name} has {sorted(table)}, counted were {sorted(now)}")
    for operation in sorted(now.keys() & table.keys()):
        for column, new, old in zip(COLUMNS, now[operation], table[operation]):
            print(f"{operation:16} {column:13} {new:10} ({old})")
            if new > old * (1 if column == "allocations" else GROWTH):
                problems.append(f"{operation}: {column} grew from {old} to {new}")
    return problems


def main(arguments):
    renew = arguments[:1] == ["--renew"]
    if len(arguments) != 3 + renew:
        print(__doc__, file=sys.stderr)
        return 64
    program, library, compiler = arguments[renew:]
    if not shutil.which("valgrind"):
        skip("valgrind is not installed")
    table = read_table()
    if compiler not in table and not renew:
        skip(f"the table has {', '.join(table)}, and this is {compiler}")
    now = {operation: count(program, os.path.basename(library), operation)
           for operation in OPERATIONS}
    if renew:
        write_table({**table, compiler: now})
        return 0
    problems = compare(now, table[compiler])
    for problem in problems:
        print(f"FAIL {problem}\n     make it cheaper again, or, if it is worth it, run this with --renew")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
