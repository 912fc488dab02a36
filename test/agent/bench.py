#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a call of oskbc-agent takes, an unwrap beside an empty one in the same run, and the agent's memory. No test: it
judges nothing.

usage: bench.py AGENT CALLS_BENCH
"""
import subprocess
import sys
import tempfile

from guest import KEK, PARAMS, Guest, Program, request, text64


def main(agent, calls_bench):
    """Prints three lines."""
    with tempfile.TemporaryDirectory() as folder:
        guest = Guest(folder, key_id1=text64(KEK), empty="")
        guest.configure(f'aa_kbc_params = "{PARAMS}"\n')
        address = f"unix://{folder}/a.sock"
        with Program(agent, guest.root, f"--cdh_sock={address}") as running:
            running.line()
            print(f"memory at most, started: {running.status('VmHWM')} kB", flush=True)
            subprocess.run([calls_bench, address, "empty"], input=request(), check=True)
            print(f"memory at most, after it: {running.status('VmHWM')} kB")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
