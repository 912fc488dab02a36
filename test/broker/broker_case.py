# SPDX-License-Identifier: Apache-2.0
"""What the tests of `sev-guest-owner serve` share. Each file of them is called with SEV_GUEST_OWNER, PLATFORM_TOOL and
unittest's arguments."""
import os
import signal
import sys
import time
import unittest

# pylint: disable=wrong-import-order
from broker import Broker, Client, World
import grpc

CODES = grpc.StatusCode
CONNECTION = (CODES.INVALID_ARGUMENT, "CONNECTION ID INVALID")
MEASUREMENT = (CODES.INVALID_ARGUMENT, "MEASUREMENT INVALID")
PROGRAMS = []


class BrokerTest(unittest.TestCase):
    """An owner's folder and a platform for all tests of a class; each has brokers of its own."""

    @classmethod
    def setUpClass(cls):
        cls.world = World(*PROGRAMS)
        cls.platform = cls.world.platform

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def state(self):
        """A new database, or one that stays, where brokers of several tests share it."""
        return f"launches-{time.monotonic_ns()}.db"

    def broker(self, *arguments, **options):
        options.setdefault("state", self.state())
        broker = Broker(self.world, *arguments, **options)
        self.addCleanup(lambda: broker.process.poll() is None and broker.stop(signal.SIGKILL))
        return broker

    def client(self, broker, credentials=None):
        target = broker if isinstance(broker, str) else broker.address
        client = Client(target, credentials)
        self.addCleanup(client.close)
        return client

    def refused(self, expected, call, *arguments, **fields):
        """The code and the text, which is all that a client gets."""
        with self.assertRaises(grpc.RpcError) as caught:
            call(*arguments, **fields)
        self.assertEqual((caught.exception.code(), caught.exception.details()), expected)

    def start_fails(self, says, *arguments, **options):
        """Whatever it says, in one line."""
        with self.assertRaisesRegex(AssertionError, says):
            self.broker(*arguments, **options)

    def key(self, *ids):
        return {one: self.world.keys[one] for one in ids}


def main(usage):
    """Runs the tests of the file that calls it."""
    if len(sys.argv) < 3:
        sys.exit(usage)
    PROGRAMS[:] = [os.path.abspath(name) for name in sys.argv[1:3]]
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
