# SPDX-License-Identifier: Apache-2.0
"""ttRPC in Python's standard library: frames, the protobuf that they carry, a client.

Written from the protocol's description alone, and independent of the agent's sources. Whatever a test wants to send
that is no ttRPC goes out with Client.raw().
"""
import socket
import struct

REQUEST, RESPONSE, DATA = 1, 2, 3
INVALID_ARGUMENT, NOT_FOUND, RESOURCE_EXHAUSTED, FAILED_PRECONDITION, UNIMPLEMENTED, UNAVAILABLE = 3, 5, 8, 9, 12, 14


class RpcError(Exception):
    """A refusal."""

    def __init__(self, code, message):
        super().__init__(f"{code}: {message}")
        self.code, self.message = code, message


class Closed(Exception):
    """The agent closed the connection."""


def varint(value):
    """An integer, seven bits at a time."""
    encoded = bytearray()
    while value > 0x7f:
        encoded.append(value & 0x7f | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def field(number, value):
    """A field of bytes, text, or an integer."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def message(*values):
    """Fields 1, 2, 3 and so on; None leaves one out."""
    return b"".join(field(number, value) for number, value in enumerate(values, 1) if value is not None)


def read_varint(data, at):
    """An integer, and where it ends."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7f) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def fields(data):
    """A message as a list of (number, value)."""
    found, at = [], 0
    while at < len(data):
        tag, at = read_varint(data, at)
        if tag & 7 == 0:
            value, at = read_varint(data, at)
        elif tag & 7 == 2:
            size, at = read_varint(data, at)
            value, at = data[at:at + size], at + size
            assert len(value) == size, "a field is cut short"
        else:
            raise AssertionError(f"a field of kind {tag & 7}")
        found.append((tag >> 3, value))
    return found


def first(data):
    """Field 1 of a message, or nothing."""
    return dict(fields(data)).get(1, b"")


def frame(stream, data, kind=REQUEST, flags=0, size=None):
    """Header and data."""
    return struct.pack(">IIBB", len(data) if size is None else size, stream, kind, flags) + data


def request(service, method, payload=b"", timeout=None):
    """A request's data."""
    return message(service, method, payload or None, timeout)


class Client:
    """A connection."""

    def __init__(self, path, seconds=20):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        # Where others are connecting, too, this one waits in the kernel, which settimeout() would not let it.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", int(seconds), 0))
        try:
            self.socket.connect(str(path).removeprefix("unix://"))
        except OSError:
            self.socket.close()
            raise
        self.socket.settimeout(seconds)
        self.stream = -1
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Ends it."""
        self.socket.close()

    def raw(self, data):
        """Sends bytes as they are."""
        self.socket.sendall(data)

    def send(self, service, method, payload=b""):
        """Sends a request, and gives its stream's id."""
        self.stream += 2
        self.raw(frame(self.stream, request(service, method, payload)))
        return self.stream

    def exactly(self, count):
        """So many bytes."""
        while len(self.buffer) < count:
            more = self.socket.recv(1 << 16)
            if not more:
                raise Closed()
            self.buffer += more
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def receive(self):
        """The next answer: its stream, code, message and payload."""
        size, stream, kind, flags = struct.unpack(">IIBB", self.exactly(10))
        assert kind == RESPONSE and flags == 0 and size <= 4 << 20, (size, kind, flags)
        response = dict(fields(self.exactly(size)))
        status = dict(fields(response.get(1, b"")))
        return stream, status.get(1, 0), status.get(2, b"").decode(), response.get(2, b"")

    def call(self, service, method, payload=b""):
        """The payload of the answer to a request."""
        sent = self.send(service, method, payload)
        stream, code, text, answer = self.receive()
        assert stream == sent, (stream, sent)
        if code:
            raise RpcError(code, text)
        return answer

    def unwrap(self, text):
        """The answer to a key provider request."""
        return first(self.call("keyprovider.KeyProviderService", "UnWrapKey", message(text)))

    def resource(self, path):
        """A resource, as today's guests ask for it."""
        return first(self.call("api.GetResourceService", "GetResource", message(path)))

    def old_resource(self, path, name="offline_sev_kbc", uri="null"):
        """A resource, as the guests of CC-0.5.0 to CC-0.8.1 ask for it."""
        return first(self.call("getresource.GetResourceService", "GetResource", message(path, name, uri)))

    def unseal(self, secret):
        """What a sealed secret holds."""
        return first(self.call("api.SealedSecretService", "UnsealSecret", message(secret)))

    def entries(self):
        """The keyset's ids with their lengths."""
        listed = first(self.call("oskbc.KeysetService", "ListEntries"))
        pairs = (dict(fields(entry)) for number, entry in fields(listed) if number == 1)
        return {pair[1].decode(): pair.get(2, 0) for pair in pairs}
