#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a flood of connections, requests or frames does to `sev-guest-owner serve`, and to others meanwhile.

usage: flood_test.py SEV_GUEST_OWNER PLATFORM_TOOL [unittest's arguments]

flood.py has the attacks, and does them at full size.
"""
import ssl
import time

# pylint: disable=wrong-import-order
from broker_case import BrokerTest, main
from certificates import Authority
from flood import (CONTINUATION, Connection, END_HEADERS, frame, HEADERS, header_block, PING, PREFACE, rapid_reset,
                   SETTINGS)

UNFINISHED = frame(HEADERS, END_HEADERS, 1, header_block())


class Flood(BrokerTest):
    """Others are served, and soon."""

    def others_are_served(self, broker):
        begin = time.monotonic()
        self.assertEqual(self.client(broker).launch(self.platform), self.key("key_id1"))
        print(f"another was served in {time.monotonic() - begin:.2f} s")

    def memory_is_bounded(self, broker):
        self.assertTrue(broker.has_sanitizer() or broker.memory_mib() < 256, broker.memory_mib())

    def connection(self, broker, **options):
        connection = Connection(broker.address, **options)
        self.addCleanup(connection.close)
        return connection

    def test_requests_that_are_opened_and_reset(self):
        broker = self.broker()
        for _ in range(20):
            self.assertTrue(rapid_reset(broker.address, 20000)[1])
        self.others_are_served(broker)
        self.memory_is_bounded(broker)
        self.assertTrue(broker.has_said("it opens and resets requests without end"))
        self.assertEqual(broker.messages().count("it opens and resets requests without end"), 1)

    def test_resets_over_tls(self):
        authority = Authority("owner")
        for name, text in zip(("flood.key", "flood.cert"), authority.issue("broker")):
            (self.world.folder / name).write_bytes(text)
            (self.world.folder / name).chmod(0o600)
        broker = self.broker("--tls-cert", "flood.cert", "--tls-key", "flood.key")
        context = ssl.create_default_context(cadata=authority.certificate.decode())
        context.set_alpn_protocols(["h2"])
        self.assertTrue(rapid_reset(broker.address, 20000, context)[1])

    def test_frames_without_end(self):
        broker = self.broker()
        for name, one in (("pings", frame(PING, 0, 0, bytes(8))), ("settings", frame(SETTINGS)),
                          ("continuations", frame(CONTINUATION, 0, 1))):
            connection = self.connection(broker)
            with self.subTest(name):
                connection.send(frame(HEADERS, 0, 1, header_block()) + one * 100000)
                self.assertTrue(connection.is_closed_within(20))
        self.others_are_served(broker)
        self.memory_is_bounded(broker)

    def test_connections_that_say_nothing(self):
        broker = self.broker("--max-connections", "60", "--max-connections-per-client", "40")
        silent = [self.connection(broker, begin=False) for _ in range(100)]
        for i, connection in enumerate(silent[::2]):
            connection.socket.sendall((PREFACE[:12], PREFACE + frame(SETTINGS))[i % 2])
        self.others_are_served(broker)
        self.assertTrue(silent[0].is_closed_within(5))
        self.assertFalse(silent[-1].is_closed_within(0))
        self.assertTrue(silent[-1].is_closed_within(20))
        self.assertTrue(broker.has_said("it made room for a new one"))

    def test_requests_that_do_not_end(self):
        broker = self.broker("--client-timeout", "1", "--max-connections-per-client", "20")
        kept = self.client(broker)
        connection, guest = kept.open(self.platform)
        unfinished = [self.connection(broker) for _ in range(30)]
        for one in unfinished:
            one.send(UNFINISHED)
        self.others_are_served(broker)
        for one in unfinished:
            self.assertTrue(one.is_closed_within(5))
        kept.secret(connection, guest.measurement)
        self.assertTrue(broker.has_said("a request did not end in time"))


if __name__ == "__main__":
    main(__doc__)
