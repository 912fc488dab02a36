#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`sev-guest-owner serve` whose state is brought back, stopped, or taken over by another server.

usage: state_test.py SEV_GUEST_OWNER PLATFORM_TOOL [unittest's arguments]

PostgreSQL's servers are these tests' own.
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
from broker_case import BrokerTest, CODES, CONNECTION, main
import grpc
import postgres

# What a client waits at most for a broker whose database does not answer.
SECONDS_TO_REFUSE = 5
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
        connection, guest = self.client(broker).open(self.platform)
        other, other_guest = self.client(broker).open(self.platform)
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
        try:
            self.client(broker).secret(connection, guest.measurement)
            return "released"
        except grpc.RpcError as error:
            return error.details()

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

    def refused_soon(self, call, *arguments):
        start = time.monotonic()
        self.refused(UNAVAILABLE, call, *arguments)
        self.assertLess(time.monotonic() - start, SECONDS_TO_REFUSE)

    def test_a_server_that_is_stopped(self):
        broker = self.broker()
        client = self.client(broker)
        connection, guest = client.open(self.platform)
        with self.stopped():
            self.refused_soon(client.secret, connection, guest.measurement)
            self.refused_soon(client.bundle, self.platform)
        client.secret(connection, guest.measurement)

    def test_20_who_ask_meanwhile(self):
        broker = self.broker()
        client = self.client(broker)
        connection, guest = client.open(self.platform)
        with self.stopped():
            calls = [client.bundle_call.future(self.bundle_request(), timeout=60) for _ in range(20)]
            start = time.monotonic()
            for call in calls:
                self.assertEqual(call.exception().details(), "STATE UNAVAILABLE")
            self.assertLess(time.monotonic() - start, SECONDS_TO_REFUSE)
        client.secret(connection, guest.measurement)

    def bundle_request(self):
        return MESSAGES.BundleRequest(PlatformPublicKey=self.platform.pdh, CertificateChain=self.platform.chain,
                                      Policy=POLICY)

    def test_it_ends_nevertheless(self):
        broker = self.broker()
        client = self.client(broker)
        client.open(self.platform)
        with self.stopped():
            call = client.bundle_call.future(self.bundle_request(), timeout=60)
            time.sleep(0.2)
            start = time.monotonic()
            self.assertEqual(broker.stop(), 0)
            self.assertLess(time.monotonic() - start, 10)
            self.assertIn(call.exception().code(), (CODES.UNAVAILABLE, CODES.CANCELLED))

    def test_a_lock_that_another_holds(self):
        broker = self.broker()
        client = self.client(broker)
        connection, guest = client.open(self.platform)
        with subprocess.Popen(["psql", self.server.uri, "-Atq"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
            holder.stdin.write(b"SELECT pg_advisory_lock(7022911338210441); SELECT 'held';\n")
            holder.stdin.flush()
            while b"held" not in holder.stdout.readline():
                pass
            self.refused_soon(client.bundle, self.platform)
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


@unittest.skipUnless(postgres.programs(), "PostgreSQL is not installed")
class Failover(BrokerTest):
    """The server is gone, and its standby takes over."""

    def test_open_launches_go_on_and_used_ones_stay_used(self):
        with postgres.cluster() as first, postgres.cluster() as standby:
            first.init()
            first.start()
            standby.run("pg_basebackup", "-d", first.uri, "-D", standby.data, "-R", "--no-sync", "-c", "fast")
            with open(os.path.join(standby.data, "postgresql.auto.conf"), "a", encoding="utf-8") as settings:
                settings.write(f"primary_conninfo = 'host={first.folder} user=oskbc application_name=standby'\n")
            standby.start()
            self.psql(first, "ALTER SYSTEM SET synchronous_standby_names = 'standby'", "SELECT pg_reload_conf()")
            self.wait_until(first, "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'", "1")
            both = (f"postgresql:///postgres?user=oskbc&host={first.host},{standby.host}"
                    "&target_session_attrs=read-write")
            one, other = self.broker(state=both), self.broker(state=both)
            client, second = self.client(one), self.client(other)
            opened = [client.open(self.platform) for _ in range(4)]
            client.secret(opened[0][0], opened[0][1].measurement)
            first.stop(signal.SIGQUIT)
            self.refused(UNAVAILABLE, client.secret, opened[1][0], opened[1][1].measurement)
            standby.run("pg_ctl", "promote", "-D", standby.data)
            for asked in (client, second, self.client(self.broker(state=both))):
                self.refused(CONNECTION, asked.secret, opened[0][0], opened[0][1].measurement)
            client.secret(opened[1][0], opened[1][1].measurement)
            second.secret(opened[2][0], opened[2][1].measurement)
            for asked in (client, second):
                self.refused(CONNECTION, asked.secret, opened[1][0], opened[1][1].measurement)
            self.assertEqual(second.launch(self.platform), self.key("key_id1"))

    def psql(self, server, *statements):
        commands = [word for statement in statements for word in ("-c", statement)]
        return self.world.run("psql", server.uri, "-At", *commands)

    def wait_until(self, server, statement, result):
        deadline = time.monotonic() + 60
        while self.psql(server, statement).strip() != result:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)


if __name__ == "__main__":
    main(__doc__)
