#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds a broker under load, on SQLite and on PostgreSQL, and counts. Not one of the tests: it takes its time.

usage: postgres.py --durable load.py SEV_GUEST_OWNER PLATFORM_TOOL [SECONDS [HOSTS]]

HOSTS (8) launch guests one after the other for SECONDS (60) each way. Each is a thread of one of two processes that
also do the platform's part, so that the broker has not the machine to itself.
"""
import collections
import multiprocessing
import os
import sys
import threading
import time

# pylint: disable=wrong-import-order
from broker import DIGEST, POLICY, Broker, Client, World, keyset_in
from sev_platform import Platform
import grpc

PROCESSES = 2


def launch(client, platform, keys):
    """One launch: what became of it, and the seconds that the broker took."""
    start = time.monotonic()
    try:
        bundle = client.bundle(platform)
        middle = time.monotonic()
        guest = platform.launch(bundle.GuestOwnerPublicKey, bundle.LaunchBlob, POLICY)
        guest.measure(DIGEST)
        asked = time.monotonic()
        secret = client.secret(bundle.ConnectionId, guest.measurement)
    except grpc.RpcError as error:
        return error.code().name, time.monotonic() - start
    seconds = time.monotonic() - asked + middle - start
    right = keyset_in(guest.inject(secret.LaunchSecretHeader, secret.LaunchSecretData)) == keys
    return "released" if right else "WRONG", seconds


def hosts(address, folder, keys, count, until, results):
    """A process of some hosts."""
    platform, outcomes, times = Platform(folder), collections.Counter(), []

    def host():
        client = Client(address)
        while time.time() < until:
            outcome, seconds = launch(client, platform, keys)
            outcomes[outcome] += 1
            times.append(seconds)
    threads = [threading.Thread(target=host) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    results.put((outcomes, times))


def measure(world, name, state, seconds, count):
    """Prints a line."""
    broker = Broker(world, state=state)
    results, until = multiprocessing.Queue(), time.time() + seconds
    keys = {"key_id1": world.keys["key_id1"]}
    running = [multiprocessing.Process(target=hosts, args=(
        broker.address, world.folder / "host", keys, count // PROCESSES, until, results)) for _ in range(PROCESSES)]
    for process in running:
        process.start()
    outcomes, times = collections.Counter(), []
    for _ in running:
        some, more = results.get()
        outcomes += some
        times += more
    for process in running:
        process.join()
    times.sort()
    print(f"{name}: {outcomes['released'] / seconds:.1f} launches a second over {seconds} s from {count} hosts; "
          f"{dict(outcomes)}; broker's time of both requests: median {times[len(times) // 2] * 1000:.0f} ms, "
          f"99% {times[len(times) * 99 // 100] * 1000:.0f} ms", flush=True)
    broker.stop()
    return set(outcomes) == {"released"}


def main(arguments):
    if not 2 <= len(arguments) <= 4 or not all(number.isdigit() for number in arguments[2:]):
        print(__doc__.partition("usage: ")[2], file=sys.stderr, end="")
        return 64
    seconds, count = ([int(number) for number in arguments[2:]] + [60, 8][len(arguments) - 2:])[:2]
    world = World(*(os.path.abspath(name) for name in arguments[:2]))
    states = [("SQLite", "launches.db")]
    if os.environ.get("OSKBC_TEST_POSTGRES"):
        states.append(("PostgreSQL", os.environ["OSKBC_TEST_POSTGRES"]))
    fine = [measure(world, name, state, seconds, count) for name, state in states]
    world.close()
    return 0 if all(fine) else 1


if __name__ == "__main__":
    # gRPC does not work in a process that was forked from one that used it.
    multiprocessing.set_start_method("spawn")
    sys.exit(main(sys.argv[1:]))
