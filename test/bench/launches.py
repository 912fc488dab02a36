#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a launch costs a broker, and how many a second brokers reach. For reading: no test fails because of it. Best on a
machine with nothing else to do.

usage: launches.py BUILD [SECONDS [CASE...]]

BUILD is configured with --buildtype=release -Dbenchmarks=true. Each case takes SECONDS (10): CASE is one of sqlite-tmpfs,
sqlite-disk, postgresql-1, postgresql-2, postgresql-4; without, all. Needs PostgreSQL for those. Load, brokers and
database share the machine, and each one's processor time is told, so that it shows who bounds it.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import urllib.parse

sys.path.insert(1, str(pathlib.Path(__file__).resolve().parents[1] / "broker"))
# pylint: disable=wrong-import-position
from broker import Broker, World
from postgres import running_server

TICKS = os.sysconf("SC_CLK_TCK")
# All hosts are one client here, and one platform.
LIMITS = [word for name in ("launches", "launches-per-client", "launches-per-platform")
          for word in ("--max-" + name, "100000")]
CASES = {"sqlite-tmpfs": (1, 4), "sqlite-disk": (1, 64), "postgresql-1": (1, 64), "postgresql-2": (2, 64),
         "postgresql-4": (4, 64)}


def family(pid):
    """A process and its children."""
    try:
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except FileNotFoundError:
        return []
    return [pid] + [one for child in children for one in family(int(child))]


def processor_seconds(pid):
    """Of a process, its children, and those that have ended."""
    total = 0
    for one in family(pid):
        fields = pathlib.Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        total += sum(int(field) for field in fields[11:15])
    return total / TICKS


def postmaster(uri):
    folder = urllib.parse.parse_qs(urllib.parse.urlparse(uri).query)["host"][0]
    return int((pathlib.Path(folder) / "data/postmaster.pid").read_text().splitlines()[0])


class Bench:
    """A build, and what its cryptography costs."""

    def __init__(self, build, seconds):
        self.build, self.seconds = pathlib.Path(build).resolve(), seconds

    def program(self, name):
        return self.build / {"sev-guest-owner": "tools/sev-guest-owner", "platform_tool": "test/owner"}.get(
            name, "test/broker") / name

    def measure_crypto(self):
        """Microseconds, with as many at once as there are processors: these share what slows a broker down, too."""
        running = [subprocess.Popen([self.program("launch_crypto"), "1"], stdout=subprocess.PIPE)
                   for _ in range(os.cpu_count())]
        return sum(float(one.communicate()[0]) for one in running) / len(running)

    def measure(self, case, folder, state=None, server=None):
        count, hosts = CASES[case]
        tempfile.tempdir = folder
        world = World(self.program("sev-guest-owner"), self.program("platform_tool"))
        brokers = [Broker(world, *LIMITS, state=state or "launches.db") for _ in range(count)]
        try:
            crypto = self.measure_crypto()
            before = [processor_seconds(broker.process.pid) for broker in brokers]
            served = processor_seconds(server) if server else 0
            load = subprocess.run(
                [self.program("launch_load"), world.folder / "host", str(hosts), str(self.seconds),
                 *(broker.address for broker in brokers)], check=False, capture_output=True, text=True)
            served = (processor_seconds(server) if server else 0) - served
            used = sum(processor_seconds(broker.process.pid) for broker in brokers) - sum(before)
            crypto = (crypto + self.measure_crypto()) / 2
            self.tell(case, json.loads(load.stdout), used, served, crypto)
        finally:
            for broker in brokers:
                broker.stop()
            world.close()
            tempfile.tempdir = None

    def tell(self, case, result, used, served, crypto):
        launches = max(1, result["launches"])
        each = 1e6 * used / launches
        print(f"| {case} | {CASES[case][1]} | {launches / self.seconds:.0f} | {each:.0f} µs | {crypto:.0f} µs | "
              f"{each / crypto:.2f} | "
              f"{1e6 * served / launches:.0f} µs | {result['processor_us'] / launches:.0f} µs | {result['median_ms']} ms | "
              f"{result['p99_ms']} ms | {result['failures'] or ''} |", flush=True)

    def run(self, cases):
        print(f"{os.cpu_count()} processors; all but launches a second and latency is processor time\n")
        print("| brokers | hosts | launches a second | broker, each | cryptography alone | over that | database, each | "
              "load, each | median | 99 % | failures |\n" + "| --- " * 11 + "|")
        for case in cases:
            if case == "sqlite-tmpfs":
                self.measure(case, "/dev/shm")
            elif case == "sqlite-disk":
                self.measure(case, None)
            else:
                with running_server(durable=True) as uri:
                    if uri is None:
                        print(f"{case}: PostgreSQL is not installed", file=sys.stderr)
                    else:
                        self.measure(case, None, state=uri, server=postmaster(uri))


def main(arguments):
    cases = arguments[2:] or list(CASES)
    if not arguments or not all(case in CASES for case in cases) or not "".join(arguments[1:2] or "1").isdigit():
        print(__doc__.partition("usage: ")[2], file=sys.stderr, end="")
        return 64
    Bench(arguments[0], int((arguments + ["10"])[1])).run(cases)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
