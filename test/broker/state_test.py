#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`sev-guest-owner serve` whose state is brought back, or does not answer.

usage: state_test.py SEV_GUEST_OWNER PLATFORM_TOOL [unittest's arguments]

PostgreSQL's server is these tests' own.
"""
import contextlib
import os
import shutil
import signal
import subprocess
import time
import unittest

# pylint: disable=wrong-import-order
from broker import MESSAGES, POLICY
from broker_case import BrokerTest, CODES, main
import grpc
import postgres

# What a client waits at most for a broker whose database does not answer.
# It takes less than five; on a busy machine, with a sanitizer, all takes longer.
SECONDS_TO_REFUSE = 20
UNAVAILABLE = (CODES.UNAVAILABLE, "STATE UNAVAILABLE")


class BroughtBack(BrokerTest):
    """Who restores an older copy of the database's files gets nothing twice."""

    def copy(self, state):
        for file in self.world.folder.glob(state + "*"):
            shutil.copy2(file, file.with_name("copy-of-" + file.name))

    def bring_back(self, state):
        for file in self.world.folder.glob(state + "*"):
            file.unlink()
        for file in self.world.folder.glob("copy-of-" + state + "*"):
            shutil.copy2(file, file.with_name(file.name.removeprefix("copy-of-")))

    def released_once(self, rotate):
        state, audit = self.state(), self.world.folder / f"kept-{time.monotonic_ns()}"
        broker = self.broker(state=state, audit=audit)
        client = self.client(broker)
        (connection, guest), (other, other_guest) = (client.open(self.platform) for _ in range(2))
        client.close()
        broker.stop()
        self.copy(state)
        answers = []
        for _ in range(3):
            broker = self.broker(state=state, audit=audit)
            answers.append(self.answer(broker, connection, guest))
            broker.stop()
            self.bring_back(state)
            if rotate and len(answers) == 1:
                audit.rename(str(audit) + ".1")
        self.assertEqual(answers, ["released", "CONNECTION ID INVALID", "CONNECTION ID INVALID"])
        self.assertIn("somebody has brought an older state back", audit.read_text())
        broker = self.broker(state=state, audit=audit)
        self.client(broker).secret(other, other_guest.measurement)

    def answer(self, broker, connection, guest):
        client = self.client(broker)
        try:
            client.secret(connection, guest.measurement)
            return "released"
        except grpc.RpcError as error:
            return error.details()
        finally:
            client.close()

    def test_with_the_broker_stopped_meanwhile(self):
        self.released_once(rotate=False)

    def test_and_its_audit_rotated(self):
        self.released_once(rotate=True)


@unittest.skipUnless(postgres.programs(), "PostgreSQL is not installed")
class Stopped(BrokerTest):
    """A server that hangs, or whose lock somebody holds."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stack = contextlib.ExitStack()
        cls.server = cls.stack.enter_context(postgres.cluster())
        cls.server.init()
        cls.server.start()

    @classmethod
    def tearDownClass(cls):
        cls.stack.close()
        super().tearDownClass()

    def state(self):
        return self.server.uri

    def processes(self):
        """The server's, those of its connections among them."""
        pids = [self.server.process.pid]
        with open(f"/proc/{pids[0]}/task/{pids[0]}/children", encoding="ascii") as children:
            return pids + [int(pid) for pid in children.read().split()]

    @contextlib.contextmanager
    def stopped(self):
        pids = self.processes()
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)

    def request(self, client):
        request = MESSAGES.BundleRequest(PlatformPublicKey=self.platform.pdh, CertificateChain=self.platform.chain,
                                         Policy=POLICY)
        return client.bundle_call.future(request, timeout=60)

    def all_refused(self, calls, start):
        for call in calls:
            self.assertEqual((call.exception().code(), call.exception().details()), UNAVAILABLE)
        self.assertLess(time.monotonic() - start, SECONDS_TO_REFUSE)

    def test_a_server_that_is_stopped(self):
        broker = self.broker()
        client = self.client(broker)
        connection, guest = client.open(self.platform)
        other = self.broker()
        with self.stopped():
            start = time.monotonic()
            calls = [self.request(client) for _ in range(20)]
            self.refused(UNAVAILABLE, client.secret, connection, guest.measurement)
            self.all_refused(calls, start)
            # It ends nevertheless.
            call = self.request(self.client(other))
            time.sleep(0.2)
            start = time.monotonic()
            self.assertEqual(other.stop(), 0)
            self.assertLess(time.monotonic() - start, SECONDS_TO_REFUSE)
            self.assertIn(call.exception().code(), (CODES.UNAVAILABLE, CODES.CANCELLED))
        client.secret(connection, guest.measurement)

    def test_a_lock_that_another_holds(self):
        broker = self.broker()
        client = self.client(broker)
        connection, guest = client.open(self.platform)
        with subprocess.Popen(["psql", self.server.uri, "-Atq"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
            holder.stdin.write(b"SELECT pg_advisory_lock(7022911338210441); SELECT 'held';\n")
            holder.stdin.flush()
            while b"held" not in holder.stdout.readline():
                pass
            self.all_refused([self.request(client)], time.monotonic())
            # A release needs no lock.
            client.secret(connection, guest.measurement)
            holder.communicate()
        client.open(self.platform)

    def test_a_server_that_starts_anew_costs_no_request(self):
        broker = self.broker()
        client = self.client(broker)
        connection, guest = client.open(self.platform)
        self.server.stop()
        self.server.start()
        client.secret(connection, guest.measurement)
        client.open(self.platform)


if __name__ == "__main__":
    main(__doc__)
