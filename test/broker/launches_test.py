#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Launches through `sev-guest-owner serve`, and what goes on when it is killed.

usage: launches_test.py SEV_GUEST_OWNER PLATFORM_TOOL [unittest's arguments]

All of it runs on both databases; PostgreSQL's URI is in OSKBC_TEST_POSTGRES, which postgres.py sets.
"""
import concurrent.futures
import os
import signal
import threading
import time
import unittest

# pylint: disable=wrong-import-order
from broker import keyset_in
from broker_case import BrokerTest, CODES, CONNECTION, main
import grpc

POSTGRES = os.environ.get("OSKBC_TEST_POSTGRES", "")


class Launches:
    """What holds on either database."""

    def test_a_whole_launch(self):
        broker = self.broker()
        self.assertEqual(self.client(broker).launch(self.platform), self.key("key_id1"))
        self.assertEqual(broker.stop(), 0)

    def test_each_keyset_has_its_keys(self):
        client = self.client(self.broker())
        self.assertEqual(client.launch(self.platform, KeysetId="KEYSET-2"), self.key("key_id1", "key_id2"))

    def test_a_launch_is_used_once(self):
        client = self.client(self.broker())
        connection, guest = client.open(self.platform)
        client.secret(connection, guest.measurement)
        self.refused(CONNECTION, client.secret, connection, guest.measurement)

    def test_two_brokers_serve_one_launch(self):
        state = self.state()
        here, there = (self.client(self.broker(state=state)) for _ in range(2))
        connection, guest = here.open(self.platform)
        secret = there.secret(connection, guest.measurement)
        self.assertEqual(keyset_in(guest.inject(secret.LaunchSecretHeader, secret.LaunchSecretData)),
                         self.key("key_id1"))
        for client in (here, there):
            self.refused(CONNECTION, client.secret, connection, guest.measurement)

    def test_a_restart_loses_no_open_launch(self):
        for number, status in ((signal.SIGTERM, 0), (signal.SIGKILL, -signal.SIGKILL)):
            state = self.state()
            broker = self.broker(state=state)
            opened = [self.client(broker).open(self.platform) for _ in range(3)]
            self.assertEqual(broker.stop(number), status)
            client = self.client(self.broker(state=state))
            for connection, guest in opened:
                client.secret(connection, guest.measurement)

    def test_64_launches_at_once(self):
        client = self.client(self.broker())
        barrier = threading.Barrier(64)

        def launch(_):
            barrier.wait()
            return client.launch(self.platform)
        with concurrent.futures.ThreadPoolExecutor(64) as pool:
            for keys in pool.map(launch, range(64)):
                self.assertEqual(keys, self.key("key_id1"))

    def test_of_32_that_ask_at_once_one_gets_the_secret(self):
        state = self.state()
        clients = [self.client(self.broker(state=state)) for _ in range(2)]
        connection, guest = clients[0].open(self.platform)
        barrier = threading.Barrier(32)

        def ask(number):
            barrier.wait()
            return outcome(clients[number % 2], connection, guest)
        with concurrent.futures.ThreadPoolExecutor(32) as pool:
            answers = list(pool.map(ask, range(32)))
        self.assertEqual(answers.count("released"), 1)
        self.assertEqual(answers.count("CONNECTION ID INVALID"), 31)

    def test_a_launch_expires(self):
        client = self.client(self.broker("--expire", "1"))
        connection, guest = client.open(self.platform)
        time.sleep(2)
        self.refused(CONNECTION, client.secret, connection, guest.measurement)

    def test_as_many_wait_as_may(self):
        client = self.client(self.broker("--max-launches", "2"))
        first, guest = client.open(self.platform)
        client.open(self.platform)
        self.refused((CODES.RESOURCE_EXHAUSTED, "TOO MANY CONNECTIONS"), client.bundle, self.platform)
        client.secret(first, guest.measurement)
        client.open(self.platform)

    def test_killed_under_load_it_releases_nothing_twice_and_loses_nothing(self):
        state = self.state()
        untouched = []
        for delay in (0.05, 0.12, 0.2, 0.3):
            broker = self.broker(state=state)
            untouched.append(self.client(broker).open(self.platform))
            tried = hammer_until_killed(broker, self.client(broker), self.platform, delay)
            client = self.client(self.broker(state=state))
            for connection, guest, released in tried:
                again = outcome(client, connection, guest)
                self.assertIn(again, ("released", "CONNECTION ID INVALID"))
                self.assertFalse(released and again == "released", "a secret was released twice")
        client = self.client(self.broker(state=state))
        for connection, guest in untouched:
            client.secret(connection, guest.measurement)


def outcome(client, connection, guest):
    """What a host hears."""
    try:
        client.secret(connection, guest.measurement)
        return "released"
    except grpc.RpcError as error:
        return error.details() if error.code() == CODES.INVALID_ARGUMENT else error.code().name


def hammer_until_killed(broker, client, platform, delay):
    """Launches from several threads until the broker is killed: (connection, guest, whether it got the secret) of
    all that were opened."""
    tried, lock = [], threading.Lock()

    def launch():
        while True:
            try:
                connection, guest = client.open(platform)
                released = outcome(client, connection, guest) == "released"
            except grpc.RpcError:
                return
            with lock:
                tried.append((connection, guest, released))
            if not released:
                return
    threads = [threading.Thread(target=launch) for _ in range(6)]
    for thread in threads:
        thread.start()
    time.sleep(delay)
    broker.stop(signal.SIGKILL)
    for thread in threads:
        thread.join()
    return tried


class OnSqlite(Launches, BrokerTest):
    """A file."""

    def test_the_state_is_its_owners_alone_and_shows_no_secret(self):
        state = self.state()
        broker = self.broker(state=state)
        _, guest = self.client(broker).open(self.platform)
        files = list(self.world.folder.glob(state + "*"))
        self.assertGreaterEqual(len(files), 1)
        for file in files:
            self.assertEqual(file.stat().st_mode & 0o777, 0o600, file)
            for secret in (guest.tek, guest.tik):
                self.assertNotIn(secret, file.read_bytes())
                self.assertNotIn(secret.hex().encode(), file.read_bytes())


@unittest.skipUnless(POSTGRES, "PostgreSQL is not installed")
class OnPostgres(Launches, BrokerTest):
    """A server."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The server outlives the class, and so would the fingerprint of another key.
        (cls.world.folder / "state.key").write_bytes(bytes(range(32)))

    def state(self):
        return POSTGRES

    def test_as_many_wait_as_may(self):
        waiting = self.waiting()
        client = self.client(self.broker("--max-launches", str(waiting + 2)))
        first, guest = client.open(self.platform)
        client.open(self.platform)
        self.refused((CODES.RESOURCE_EXHAUSTED, "TOO MANY CONNECTIONS"), client.bundle, self.platform)
        client.secret(first, guest.measurement)
        client.open(self.platform)

    def waiting(self):
        count = "SELECT count(*) FROM oskbc_launches_2 WHERE sealed IS NOT NULL"
        self.client(self.broker())
        return int(self.world.run("psql", POSTGRES, "-Atc", count))


if __name__ == "__main__":
    main(__doc__)
