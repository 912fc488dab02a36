#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Replays a fuzz target's seeds, by the program of all targets that is built without an engine.

    replay.py TARGET PROGRAM
"""

import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import seeds


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in seeds.SEEDS:
        print("usage: replay.py TARGET PROGRAM; targets:", *seeds.SEEDS, file=sys.stderr)
        return 64
    target, program = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="oskbc-fuzz-") as folder:
        seeds.write(folder, target)
        # Fake trees go here too, so that none is left behind by a target that aborts.
        done = subprocess.run([program, target, folder + "/" + target], stdout=subprocess.PIPE, text=True,
                              env=dict(os.environ, TMPDIR=folder))
    print(*done.stdout.splitlines()[-1:])
    return 0 if done.returncode == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
