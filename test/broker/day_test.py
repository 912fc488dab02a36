#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A day of operation in a few seconds: while hosts launch guests, keys are rotated and removed, a keyset is revoked, the
audit is moved away, and brokers are restarted. No host may fail but for what was revoked, and the audit has every launch.

usage: [postgres.py] day_test.py SEV_GUEST_OWNER PLATFORM_TOOL [SECONDS [HOSTS]]
  SECONDS  the day's length (5)
  HOSTS    that launch one guest after the other (4)

With PostgreSQL two brokers serve it, and one is restarted after the other; else one broker keeps its launches in SQLite.
Hosts ask again where they hear UNAVAILABLE, as Kata's do, for some seconds.
"""
import collections
import json
import os
import signal
import sys
import threading
import time

# pylint: disable=wrong-import-order
from broker import DIGEST, POLICY, Broker, Client, World, keyset_in
import grpc

PATIENCE = 60
BREAK, EXPIRE = 0.5, 60
# A real day has longer breaks.
QUICK = [("grpc.initial_reconnect_backoff_ms", 100), ("grpc.max_reconnect_backoff_ms", 500)]
UNAVAILABLE = grpc.StatusCode.UNAVAILABLE
KEYSET = {"allowed_digests": [DIGEST.hex()], "allowed-policies": [POLICY]}
# What is released at first; the day changes both. Two hosts of each four want what is revoked.
KEYSETS = {"ROTATED": {**KEYSET, "allowed_keys": ["key_id1"]}, "REVOKED": {**KEYSET, "allowed_keys": ["key_id2"]}}


class Host(threading.Thread):
    """Launches one guest after the other, of one keyset, and remembers what became of each."""

    def __init__(self, day, keyset):
        super().__init__()
        self.day, self.keyset = day, keyset
        self.outcomes, self.retries = collections.Counter(), collections.Counter()
        self.connections, self.wrong = [], []
        # One for each broker; a connection that broke comes back by itself.
        self.clients = [Client(target, options=QUICK) for target in day.targets]

    def ask(self, method, *arguments, **fields):
        """Any broker that answers."""
        until, turn = time.monotonic() + PATIENCE, 0
        while True:
            try:
                return getattr(self.clients[turn % len(self.clients)], method)(*arguments, timeout=PATIENCE, **fields)
            except grpc.RpcError as error:
                if error.code() != UNAVAILABLE or time.monotonic() > until:
                    raise
                self.retries[error.details()] += 1
            turn += 1
            time.sleep(0.05)

    def launch(self):
        platform, started = self.day.world.platform, self.day.epoch
        try:
            bundle = self.ask("bundle", platform)
            guest = platform.launch(bundle.GuestOwnerPublicKey, bundle.LaunchBlob, POLICY)
            guest.measure(DIGEST)
            secret = self.ask("secret", bundle.ConnectionId, guest.measurement, KeysetId=self.keyset)
        except grpc.RpcError as error:
            return f"{error.code().name}: {error.details()}", started
        self.connections.append(bundle.ConnectionId)
        keys = keyset_in(guest.inject(secret.LaunchSecretHeader, secret.LaunchSecretData))
        return ",".join(sorted(keys)), started

    def run(self):
        while not self.day.over.is_set():
            outcome, started = self.launch()
            self.outcomes[outcome] += 1
            # What was in force at any time of the launch.
            if outcome not in set().union(*self.day.expected[self.keyset][started:]):
                self.wrong.append((started, self.day.epoch, outcome))
            if outcome.startswith("INVALID_ARGUMENT"):
                # A launch that was refused stays open until it expires, and a platform may have so many.
                self.day.over.wait(BREAK)
        for client in self.clients:
            client.close()


class Day:
    """The owner's doings, and what hosts may hear after each."""

    def __init__(self, world, state, brokers):
        self.world, self.state = world, state
        self.targets = [f"unix:{world.folder}/broker{number}.sock" for number in range(brokers)]
        self.controls = [f"{world.folder}/control{number}" for number in range(brokers)]
        self.audit = world.folder / "audit.log"
        self.over = threading.Event()
        self.epoch, self.expected = 0, {"ROTATED": [{"key_id1"}], "REVOKED": [{"key_id2"}]}
        world.write_keysets(KEYSETS)
        self.brokers = [self.start(number) for number in range(brokers)]

    def start(self, number):
        return Broker(self.world, "--control", self.controls[number], "--expire", str(EXPIRE), state=self.state,
                      audit=self.audit, listen=("--listen", self.targets[number]))

    def owner(self, *words):
        return self.world.run(self.world.tool, *words)

    def now_also(self, **allowed):
        """What hosts may hear from here on, beside what they did: some brokers are told before others."""
        for keyset, outcomes in self.expected.items():
            outcomes.append({*outcomes[-1], allowed[keyset]} if keyset in allowed else outcomes[-1])
        self.epoch += 1

    def now_only(self, **allowed):
        """What hosts may hear from here on of launches that begin now."""
        for keyset, outcomes in self.expected.items():
            outcomes.append({allowed[keyset]} if keyset in allowed else outcomes[-1])
        self.epoch += 1

    def tell(self, word, *, fails_with=""):
        for control in self.controls:
            try:
                self.owner("serve", "--control", control, word)
                said = ""
            except AssertionError as error:
                said = str(error)
            assert fails_with in said and bool(fails_with) == bool(said), said

    def change(self, keyset, outcome, work, **how):
        self.now_also(**{keyset: outcome})
        work()
        self.tell("--reload", **how)
        self.now_only(**{keyset: outcome})

    def rotate_key(self):
        self.change("ROTATED", "key_id1,key_id1-2", lambda: self.owner("keys", "rotate", "key_id1"))

    def remove_old_key(self):
        self.change("ROTATED", "key_id1-2", lambda: self.owner("keys", "remove", "key_id1"))

    def revoke(self):
        """Its key is taken out of the keys file, and the keyset is left as it is: that has to be said."""
        keys = self.world.folder / "keys.json"

        def work():
            left = json.loads(keys.read_text())
            del left["key_id2"]
            keys.write_text(json.dumps(left))
        self.change("REVOKED", "INVALID_ARGUMENT: KEYSET INVALID", work, fails_with="REVOKED is refused from now on")

    def mend(self):
        """The revoked keyset goes as well, or no broker would start."""
        keysets = self.world.folder / "keysets.json"
        left = json.loads(keysets.read_text())
        del left["REVOKED"]
        keysets.write_text(json.dumps(left))
        self.tell("--reload")

    def move_audit(self):
        self.audit.rename(f"{self.audit}.{time.monotonic_ns()}")
        self.tell("--reopen-audit")

    def restart(self):
        for number, broker in enumerate(self.brokers):
            assert broker.stop(signal.SIGTERM) == 0
            self.brokers[number] = self.start(number)

    def run(self, seconds, hosts):
        hosts = [Host(self, ("ROTATED", "REVOKED")[number % 2]) for number in range(hosts)]
        for host in hosts:
            host.start()
        doings = [self.rotate_key, self.move_audit, self.restart, self.revoke, self.mend, self.remove_old_key,
                  self.move_audit, self.restart]
        try:
            for doing in doings:
                time.sleep(seconds / (len(doings) + 1))
                doing()
            time.sleep(seconds / (len(doings) + 1))
        finally:
            self.over.set()
            for host in hosts:
                host.join()
            statuses = [broker.stop(signal.SIGTERM) for broker in self.brokers]
        assert statuses == [0] * len(statuses), statuses
        return hosts

    def check_audit(self, hosts):
        """Each secret that a host got is in it once, and every line is a record."""
        files = sorted(self.world.folder.glob(self.audit.name + "*"))
        lines = self.owner("audit", "--decision", "released", "--json", *files).splitlines()
        released = collections.Counter(json.loads(line)["connection"] for line in lines)
        got = collections.Counter(connection for host in hosts for connection in host.connections)
        assert released == got, (released - got, got - released)
        for line in "".join(file.read_text() for file in files).splitlines():
            json.loads(line)
        return len(files), len(lines)


def main(arguments):
    if not 2 <= len(arguments) <= 4 or not all(number.isdigit() for number in arguments[2:]):
        print(__doc__.partition("usage: ")[2].partition("\n\n")[0], file=sys.stderr)
        return 64
    seconds, count = ([int(number) for number in arguments[2:]] + [5, 4][len(arguments) - 2:])[:2]
    world = World(*(os.path.abspath(name) for name in arguments[:2]))
    postgres = os.environ.get("OSKBC_TEST_POSTGRES")
    day = Day(world, postgres or "launches.db", 2 if postgres else 1)
    hosts = day.run(seconds, count)
    outcomes = sum((host.outcomes for host in hosts), collections.Counter())
    retries = sum((host.retries for host in hosts), collections.Counter())
    wrong = [one for host in hosts for one in host.wrong]
    files, released = day.check_audit(hosts)
    world.close()
    print(f"{sum(outcomes.values())} launches on {'PostgreSQL' if postgres else 'SQLite'}: {dict(outcomes)}; "
          f"{sum(retries.values())} retries; {released} released, all in {files} files of the audit")
    print(f"retries after: {dict(retries)}")
    print(f"wrong: {wrong[:10]}" if wrong else "nobody failed but for what was revoked")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
