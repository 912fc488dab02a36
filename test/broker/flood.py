#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Floods a broker at full size, and tells its memory and what others have of it. Not one of the tests: it takes its
time; flood_test.py does the same with less.

usage: flood.py SEV_GUEST_OWNER PLATFORM_TOOL [RESETS [CONNECTIONS]]

One connection opens RESETS (200000) requests and resets each at once; then CONNECTIONS (4200) say nothing, or begin to
speak and stop, from the address that others have, and from another one. Meanwhile another client launches guests, each
over a connection of its own. The broker may open as many files as its unit lets it.
"""
import os
import resource
import select
import socket
import ssl
import subprocess
import sys
import threading
import time

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PING, WINDOW_UPDATE, CONTINUATION = 0, 1, 2, 3, 4, 6, 8, 9
END_STREAM, END_HEADERS = 1, 4
FILES = 4096
CANCEL = (8).to_bytes(4, "big")


def frame(kind, flags=0, stream=0, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def text(value):
    return bytes([len(value)]) + value.encode()


def header_block(path="/Setup/GetLaunchBundle"):
    """POST, http, and three literals that are not indexed (RFC 7541)."""
    return (b"\x83\x86\x04" + text(path) + b"\x01" + text("broker") + b"\x00" + text("content-type")
            + text("application/grpc") + b"\x00" + text("te") + text("trailers"))


def opened_and_reset(stream, block):
    return frame(HEADERS, END_HEADERS, stream, block) + frame(RST_STREAM, 0, stream, CANCEL)


class Connection:
    """A client that sends what no library would."""

    def __init__(self, address, context=None, begin=True, source="127.0.0.1"):
        host, _, port = address.rpartition(":")
        self.socket = socket.create_connection((host, int(port)), timeout=30, source_address=(source, 0))
        if context:
            self.socket = context.wrap_socket(self.socket, server_hostname=host)
        if begin:
            self.socket.sendall(PREFACE + frame(SETTINGS))

    def send(self, data):
        """What of it went before the server closed the connection; what it says is read and forgotten."""
        self.socket.setblocking(False)
        sent, view = 0, memoryview(data)
        while sent < len(data):
            try:
                if not self.heard():
                    return sent
                sent += self.socket.send(view[sent:sent + (1 << 16)])
            except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
                select.select([self.socket], [self.socket], [], 1)
            except OSError:
                return sent
        return sent

    def heard(self):
        """False once the server has closed."""
        try:
            while True:
                if not self.socket.recv(1 << 16):
                    return False
        except (BlockingIOError, ssl.SSLWantReadError):
            return True

    def is_closed_within(self, seconds):
        deadline = time.monotonic() + seconds
        self.socket.setblocking(False)
        while time.monotonic() < deadline:
            try:
                if not self.heard():
                    return True
            except OSError:
                return True
            select.select([self.socket], [], [], max(0, deadline - time.monotonic()))
        return False

    def close(self):
        self.socket.close()


def rapid_reset(address, count, context=None):
    """How many were sent, some of them into buffers; and whether the broker closed the connection."""
    block, size = header_block(), len(opened_and_reset(1, header_block()))
    connection, done = Connection(address, context), 0
    while done < count:
        some = min(1000, count - done)
        sent = connection.send(b"".join(opened_and_reset(2 * (done + i) + 1, block) for i in range(some)))
        done += sent // size
        if sent < some * size:
            break
    closed = connection.is_closed_within(10)
    connection.close()
    return done, closed


def say_little(address, count, source):
    """Connections that are silent, have half a preface, or have a request without end; kept until the end of input."""
    connections, beginnings = [], (b"", PREFACE[:10], PREFACE + frame(SETTINGS), PREFACE + frame(SETTINGS)
                                   + frame(HEADERS, END_HEADERS, 1, header_block()))
    failed = 0
    for i in range(count):
        try:
            connection = Connection(address, begin=False, source=source)
            connection.socket.sendall(beginnings[i % len(beginnings)])
            connections.append(connection)
        except OSError:
            failed += 1
    print(f"{len(connections)} connected, {failed} were not", flush=True)
    sys.stdin.read()


def attack(arguments):
    kind, address, count = arguments[0], arguments[1], int(arguments[2])
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    if kind == "resets":
        sent, closed = rapid_reset(address, count)
        print(f"{sent} requests were opened and reset, {'then' if closed else 'and not'} closed", flush=True)
    else:
        say_little(address, count, {"connections": "127.0.0.1", "strangers": "127.0.0.2"}[kind])


class Others:
    """A host that launches guests one after the other, each over a new connection, and how long each took."""

    def __init__(self, world, broker, make_client):
        self.world, self.broker, self.make_client = world, broker, make_client
        self.times, self.failures, self.ended = [], [], threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while not self.ended.wait(0.2):
            begin = time.monotonic()
            client = self.make_client(self.broker.address)
            try:
                client.launch(self.world.platform, timeout=60)
            except Exception as error:  # pylint: disable=broad-except
                self.failures.append(repr(error)[:160])
            self.times.append(time.monotonic() - begin)
            client.close()

    def end(self):
        self.ended.set()
        self.thread.join()
        return (f"others had {len(self.times) - len(self.failures)} launches, {len(self.failures)} failed, "
                f"the slowest took {max(self.times):.2f} s")


def measure(world, kind, count, broker_class, client_class):
    broker = broker_class(world, "--max-launches", "100000", state=f"{kind}.db")
    before = broker.memory_mib()
    others = Others(world, broker, client_class)
    time.sleep(2)
    begin = time.monotonic()
    with subprocess.Popen([sys.executable, __file__, "attack", kind, broker.address, str(count)], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as attacker:
        said = attacker.stdout.readline().strip()
        took = time.monotonic() - begin
        time.sleep(30)
        attacker.stdin.close()
    print(f"{kind}: {said} in {took:.1f} s; memory {before:.0f} MiB before, {broker.memory_mib():.0f} at most; "
          + others.end(), flush=True)
    for failure in others.failures[:3]:
        print("  ", failure.replace("\n", " "))
    broker.stop()


def main(arguments):
    if arguments[:1] == ["attack"]:
        attack(arguments[1:])
        return 0
    if not 2 <= len(arguments) <= 4 or not all(number.isdigit() for number in arguments[2:]):
        print(__doc__.partition("usage: ")[2], file=sys.stderr, end="")
        return 64
    from broker import Broker, Client, World  # pylint: disable=import-outside-toplevel  # not for who attacks
    resets, connections = ([int(number) for number in arguments[2:]] + [200000, 4200][len(arguments) - 2:])[:2]
    world = World(*(os.path.abspath(name) for name in arguments[:2]))
    measure(world, "resets", resets, Broker, Client)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(FILES, most), most))
    measure(world, "connections", connections, Broker, Client)
    measure(world, "strangers", connections, Broker, Client)
    world.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
