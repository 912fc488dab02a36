#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""oskbc-agent under clients that mean to keep others from it. Every case tells what the agent held, for how long, and
what a good client waited meanwhile.

usage: hostile_test.py AGENT [unittest's arguments]
"""
import os
import pathlib
import resource
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import ttrpc
from guest import KEK, OPTIONS, PARAMS, SECONDS, Guest, Program, options_of, request, text64

PROGRAM = ""
# The bounds of tools/agent/connection.h and server.h, with what a busy machine adds.
CONNECTIONS, HELD, PATIENCE = 192, 16 << 20, 10
# Of a good client, whatever the others do: the longest wait, in seconds.
WAIT = 2.0


class Hostile(unittest.TestCase):
    """An agent, and a good client."""

    def setUp(self):
        # Ten thousand connections need as many descriptors here.
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 20000), hard))
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = f"{folder.name}/a.sock"
        guest = Guest(folder.name, **{"key_id1": text64(KEK), "default/large/1": text64(bytes(700000))})
        guest.configure(f'aa_kbc_params = "{PARAMS}"\n')
        self.agent = Program(PROGRAM, guest.root, f"--cdh_sock=unix://{self.path}")
        self.addCleanup(self.agent.__exit__)
        self.agent.line()
        self.before = self.agent.status("VmRSS")
        # One that was there before: its connection has to outlive all of it.
        self.old = ttrpc.Client(self.path)
        self.addCleanup(self.old.close)
        self.assertEqual(options_of(self.old.unwrap(request())), OPTIONS)
        self.waits = []
        self.good()

    def tearDown(self):
        self.good()
        self.assertEqual(options_of(self.old.unwrap(request())), OPTIONS, "a connection that was served is gone")
        self.assertEqual(self.agent.stop(signal.SIGTERM), 0)

    def good(self):
        """A good client connects, asks, is answered, and leaves."""
        start = time.monotonic()
        with ttrpc.Client(self.path, SECONDS) as client:
            self.assertEqual(options_of(client.unwrap(request())), OPTIONS)
        self.waits.append(time.monotonic() - start)
        self.assertLess(self.waits[-1], WAIT)

    def connect(self):
        """A connection that waits for nothing."""
        hostile = socket.socket(socket.AF_UNIX)
        self.addCleanup(hostile.close)
        for _ in range(1000):
            try:
                hostile.connect(self.path)
                break
            except BlockingIOError:
                time.sleep(.01)
        hostile.setblocking(False)
        return hostile

    def tell(self, what):
        """The figures, for the log."""
        held = self.agent.status("VmHWM") - self.before
        print(f"{self._testMethodName.removeprefix('test_')}: {what}; {held} kB more at most; a good client waited "
              f"{1000 * max(self.waits):.1f} ms at most, {1000 * sum(self.waits) / len(self.waits):.2f} ms on average "
              f"of {len(self.waits)}", flush=True)

    def is_closed(self, hostile):
        """Whether the agent has ended it."""
        try:
            while hostile.recv(1 << 16):
                pass
            return True
        except BlockingIOError:
            return False
        except ConnectionError:
            return True

    def closes_within(self, connections, seconds):
        """All of them, and how long it took."""
        start, left = time.monotonic(), list(connections)
        while left and time.monotonic() - start < seconds:
            self.good()
            left = [hostile for hostile in left if not self.is_closed(hostile)]
            time.sleep(.2)
        self.assertEqual(len(left), 0)
        return time.monotonic() - start


class Connections(Hostile):
    """Clients that connect."""

    def test_ten_thousand_connections(self):
        hostile = []
        for number in range(10000):
            hostile.append(self.connect())
            if number % 100 == 0:
                self.good()
        self.good()
        self.assertLessEqual(self.agent.descriptors(), CONNECTIONS + 12)
        held = sum(not self.is_closed(connection) for connection in hostile)
        self.assertLessEqual(held, CONNECTIONS)
        self.tell(f"10000 connected and said nothing, {held} of them are held")

    def test_ten_thousand_connections_that_were_served(self):
        # The oldest of hundreds that all were served cannot be told from the others; so no old client here.
        self.old.close()
        hostile = []
        for number in range(10000):
            client = ttrpc.Client(self.path)
            self.addCleanup(client.close)
            client.unwrap(request())
            hostile.append(client)
            if number % 500 == 0:
                self.good()
        self.good()
        self.assertLessEqual(self.agent.descriptors(), CONNECTIONS + 12)
        self.tell("10000 were served and stayed")
        self.old = ttrpc.Client(self.path)
        self.addCleanup(self.old.close)

    def test_no_descriptor_left(self):
        subprocess.run(["prlimit", "--pid", str(self.agent.process.pid), "--nofile=32:32"], check=True)
        hostile = [self.connect() for _ in range(200)]
        for _ in range(20):
            self.good()
        self.tell(f"{len(hostile)} connected to an agent of 32 descriptors")


class Requests(Hostile):
    """Clients that send."""

    def test_half_requests(self):
        data = ttrpc.frame(1, ttrpc.request("keyprovider.KeyProviderService", "UnWrapKey", ttrpc.message(request())))
        hostile = [self.connect() for _ in range(150)]
        for number, connection in enumerate(hostile):
            connection.send(data[:1 + number % (len(data) - 1)])
        self.good()
        seconds = self.closes_within(hostile, PATIENCE + 5)
        self.assertGreater(seconds, PATIENCE - 2)
        self.tell(f"{len(hostile)} sent half a request, and were closed after {seconds:.1f} s")

    def test_a_byte_a_second(self):
        hostile = [self.connect() for _ in range(50)]
        start = time.monotonic()
        while hostile and time.monotonic() - start < PATIENCE + 5:
            for connection in list(hostile):
                try:
                    # The head of a request of sixteen megabytes.
                    connection.send(b"\1")
                except OSError:
                    hostile.remove(connection)
            self.good()
            time.sleep(1)
        self.assertEqual(hostile, [])
        self.tell(f"50 sent a byte a second, and were closed after {time.monotonic() - start:.1f} s")

    def test_large_requests_that_are_never_finished(self):
        head = struct.pack(">IIBB", 4 << 20, 1, 1, 0)
        hostile = [self.connect() for _ in range(60)]
        chunk = bytes(1 << 16)
        sent = dict.fromkeys(hostile, 0)
        for connection in hostile:
            connection.send(head)
        for _ in range(200):
            for connection in list(sent):
                try:
                    if sent[connection] < (4 << 20) - len(chunk):
                        sent[connection] += connection.send(chunk)
                except BlockingIOError:
                    pass
                except OSError:
                    del sent[connection]
            self.good()
        self.tell(f"60 sent almost 4 MiB each, {60 - len(sent)} were closed for it")
        self.assertLess(self.agent.status("VmHWM") - self.before, 4 * HELD >> 10)

    def flood(self, data, seconds=5, connections=100):
        """Sends the same without end, from other processes, and reads what comes; gives how often all was sent."""
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            count, end = 0, time.monotonic() + seconds
            sockets = [socket.socket(socket.AF_UNIX) for _ in range(connections)]
            for one in sockets:
                one.connect(self.path)
                one.setblocking(False)
            sent = dict.fromkeys(sockets, 0)
            while time.monotonic() < end:
                for one in sockets:
                    try:
                        written = one.send(data[sent[one]:])
                        sent[one] = (sent[one] + written) % len(data)
                        count += written
                    except OSError:
                        pass
                    try:
                        one.recv(1 << 20)
                    except OSError:
                        pass
            os.write(writing, str(count // len(data)).encode())
            os._exit(0)
        os.close(writing)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.good()
        os.waitpid(child, 0)
        with open(reading, encoding="ascii") as counted:
            return int(counted.read())

    def test_endless_empty_frames(self):
        count = self.flood(ttrpc.frame(1, b"") * 1000)
        self.tell(f"{1000 * count} empty frames over 100 connections in 5 s")

    def test_endless_small_requests(self):
        data = ttrpc.request("api.GetResourceService", "GetResource", ttrpc.message("nothing"))
        frames = b"".join(ttrpc.frame(stream, data) for stream in range(1, 2001, 2))
        count = self.flood(frames)
        self.tell(f"{1000 * count} small requests over 100 connections in 5 s")

    def test_endless_unwraps(self):
        data = ttrpc.request("keyprovider.KeyProviderService", "UnWrapKey", ttrpc.message(request()))
        stop, counts = threading.Event(), []

        def ask():
            client, count = ttrpc.Client(self.path), 0
            while not stop.is_set():
                client.unwrap(request())
                count += 1
            client.close()
            counts.append(count)
        threads = [threading.Thread(target=ask) for _ in range(20)]
        for thread in threads:
            thread.start()
        end = time.monotonic() + 5
        while time.monotonic() < end:
            self.good()
        stop.set()
        for thread in threads:
            thread.join()
        self.assertEqual(len(counts), 20, data)
        self.tell(f"{sum(counts)} unwraps of 20 clients in 5 s")


class Answers(Hostile):
    """Clients that do not read."""

    def test_clients_that_never_read(self):
        data = ttrpc.request("api.GetResourceService", "GetResource", ttrpc.message("default/large/1"))
        hostile = [self.connect() for _ in range(100)]
        for connection in hostile:
            connection.setblocking(False)
            for stream in range(1, 201, 2):
                try:
                    connection.send(ttrpc.frame(stream, data))
                except OSError:
                    break
        self.good()
        start = time.monotonic()
        # Without reading: what is closed shows itself by its hang-up.
        left = set(hostile)
        poll = select.poll()
        for connection in hostile:
            poll.register(connection, select.POLLHUP)
        while left and time.monotonic() - start < PATIENCE + 5:
            for descriptor, _ in poll.poll(200):
                left = {connection for connection in left if connection.fileno() != descriptor}
                poll.unregister(descriptor)
            self.good()
        self.assertEqual(len(left), 0)
        self.assertLess(self.agent.status("VmHWM") - self.before, 4 * HELD >> 10)
        self.tell(f"100 asked for 700 kB a hundred times and read nothing; the last was closed after "
                  f"{time.monotonic() - start:.1f} s")

    def test_clients_that_read_a_byte_a_second(self):
        data = ttrpc.frame(1, ttrpc.request("api.GetResourceService", "GetResource", ttrpc.message("default/large/1")))
        hostile = [self.connect() for _ in range(20)]
        for connection in hostile:
            connection.send(data)
        start, closed = time.monotonic(), 0
        while time.monotonic() - start < PATIENCE + 3:
            for connection in hostile:
                try:
                    connection.recv(1)
                except OSError:
                    pass
            self.good()
            time.sleep(1)
        closed = sum(self.is_closed(connection) for connection in hostile)
        self.assertEqual(closed, 20)
        self.tell("20 read 700 kB a byte a second, and were closed after 10 s")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    PROGRAM = str(pathlib.Path(sys.argv[1]).resolve())
    unittest.main(argv=sys.argv[:1] + sys.argv[2:])
