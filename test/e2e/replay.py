#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Replays recorded exchanges between a container client and its key provider. Prints TAP.

usage: replay.py [--instead-of WHAT] OSKBC

The requests in ../vectors/ocicrypt are what skopeo 1.18 really sent. Its answers came from another
provider, so that they are compared by meaning: bytes may be base64 or an array of numbers. The key of
the recordings is the SHA-256 of a text, and opens nothing else.
"""
import base64
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile

VECTORS = pathlib.Path(__file__).resolve().parent.parent / "vectors" / "ocicrypt"
GUID = "e6f5a162-d67f-4750-a67c-5d065f2a9910"
KEK = hashlib.sha256(b"throw-away test key").digest()
LAYERS = (1, 2, 3)
# Exit statuses, as in oskbc.h.
NO_SECRET, IO, REQUEST, UNKNOWN_KEY, UNSUPPORTED, DECRYPT = 4, 5, 9, 10, 11, 12


def encode(content):
    """Bytes to base64 text."""
    return base64.b64encode(content).decode()


def decode(value):
    """Bytes from either form that ocicrypt's clients know."""
    return bytes(value) if isinstance(value, list) else base64.b64decode(value, validate=True)


def recorded(name):
    """A recorded message, as it was sent."""
    return (VECTORS / f"skopeo1.18_{name}.json").read_bytes()


def unwrap_request(annotation):
    """A request to unwrap a packet, as the client writes it."""
    parameters = {"attestation-agent": [encode(b"offline_sev_kbc::null")]}
    return {"op": "keyunwrap", "keywrapparams": {"ec": None, "optsdata": None},
            "keyunwrapparams": {"dc": {"Parameters": parameters}, "annotation": encode(annotation)}}


def wrap_request(*parameters):
    """A recorded request to wrap, with other encryption parameters."""
    request = json.loads(recorded("keywrap_layer1.stdin"))
    encoded = [encode(parameter.encode()) for parameter in parameters]
    request["keywrapparams"]["ec"]["Parameters"]["attestation-agent"] = encoded
    return request


class Guest:
    """A fake tree with a keyset, or without a secret, and the tool that reads it."""

    def __init__(self, tool, directory, keyset):
        self.tool = tool
        self.root = directory
        self.root.mkdir()
        if keyset is not None:
            folder = self.root / "sys/kernel/security/secrets/coco"
            folder.mkdir(parents=True)
            text = json.dumps({kid: encode(key) for kid, key in keyset.items()})
            (folder / GUID).write_text(text, encoding="ascii")

    def run(self, request):
        """Sends a request; returns the exit status, the output and the errors."""
        if not isinstance(request, bytes):
            request = json.dumps(request).encode()
        command = [self.tool, "--root", self.root, "--keep-secret", "keyprovider"]
        done = subprocess.run(command, input=request, capture_output=True, timeout=60, check=False,
                              cwd=self.root.parent)
        return done.returncode, done.stdout, done.stderr

    def answer(self, request):
        """The answer to a request that has to succeed."""
        status, output, errors = self.run(request)
        assert status == 0, f"exit status {status}: {errors.decode()}"
        assert errors == b"", f"a success with words: {errors.decode()}"
        return json.loads(output)


class Replay:
    """The tests; each method whose name starts with "test_" is one, and its first line is its name."""

    def __init__(self, tool, directory):
        self.guest = Guest(tool, directory / "guest", {"key_id1": KEK})
        self.wrong = Guest(tool, directory / "wrong", {"key_id1": bytes(32)})
        self.other = Guest(tool, directory / "other", {"key_id2": KEK})
        self.empty = Guest(tool, directory / "empty", None)
        (directory / "raw.key").write_bytes(KEK)
        (directory / "keys.json").write_text(json.dumps({"key_id1": encode(KEK)}), encoding="ascii")

    def wrapped(self, request):
        """Has a request's options wrapped; returns the packet's text."""
        answer = self.guest.answer(request)
        assert list(answer) == ["keywrapresults"], f"the answer has {list(answer)}"
        return decode(answer["keywrapresults"]["annotation"])

    def unwrapped(self, packet):
        """Has a packet unwrapped again."""
        return decode(self.guest.answer(unwrap_request(packet))["keyunwrapresults"]["optsdata"])

    def refused(self, guest, status, request):
        """A request fails with a status, without output, and with one line that holds no secret."""
        got, output, errors = guest.run(request)
        assert got == status, f"exit status {got}, not {status}: {errors.decode()}"
        assert output == b"", "a failure with an answer"
        assert errors.startswith(b"oskbc: ") and errors.count(b"\n") == 1 and errors.endswith(b"\n"), errors
        for secret in (encode(KEK).encode(), b"symkey", encode(bytes(32)).encode()):
            assert secret not in errors, "a secret in the error"

    def test_unwrap(self):
        """recorded keyunwrap requests get the recorded answers"""
        for layer in LAYERS:
            answer = self.guest.answer(recorded(f"keyunwrap_layer{layer}.stdin"))
            expected = json.loads(recorded(f"keyunwrap_layer{layer}.stdout"))
            assert list(answer) == ["keyunwrapresults"], f"the answer has {list(answer)}"
            assert list(answer["keyunwrapresults"]) == ["optsdata"]
            assert (decode(answer["keyunwrapresults"]["optsdata"])
                    == decode(expected["keyunwrapresults"]["optsdata"])), f"layer {layer} differs"

    def test_numbers(self):
        """answers are arrays of numbers, the form that clients in Rust insist on"""
        answer = self.guest.answer(recorded("keyunwrap_layer1.stdin"))
        assert isinstance(answer["keyunwrapresults"]["optsdata"], list)
        answer = self.guest.answer(recorded("keywrap_layer1.stdin"))
        assert isinstance(answer["keywrapresults"]["annotation"], list)

    def test_wrap(self):
        """recorded keywrap requests give packets that unwrap to the same options"""
        for layer in LAYERS:
            request = recorded(f"keywrap_layer{layer}.stdin")
            packet = self.wrapped(request)
            fields = json.loads(packet)
            assert set(fields) == {"kid", "wrapped_data", "iv", "wrap_type"}, sorted(fields)
            assert (fields["kid"], fields["wrap_type"]) == ("key_id1", "A256GCM"), packet
            assert len(decode(fields["iv"])) == 12
            options = base64.b64decode(json.loads(request)["keywrapparams"]["optsdata"])
            assert self.unwrapped(packet) == options, f"layer {layer} differs"

    def test_fresh_iv(self):
        """wrapping the same twice never uses an IV twice"""
        request = recorded("keywrap_layer1.stdin")
        packets = [json.loads(self.wrapped(request)) for _ in range(8)]
        assert len({packet["iv"] for packet in packets}) == 8
        assert len({packet["wrapped_data"] for packet in packets}) == 8

    def test_wrap_with_fields(self):
        """a parameter of named fields chooses the key, its id and the wrap type"""
        for kid, wrap_type in (("kbs:///a/b/c", "A256GCM"), ("kbs://host:8080/a/b/c", "A256CTR")):
            parameter = f"keypath=raw.key::keyid={kid}::algorithm={wrap_type}"
            fields = json.loads(self.wrapped(wrap_request(parameter)))
            assert (fields["kid"], fields["wrap_type"]) == (kid, wrap_type), fields
            assert len(decode(fields["iv"])) == (12 if wrap_type == "A256GCM" else 16)

    def test_wrap_failures(self):
        """an encryption parameter that can't be followed is refused, each with its status"""
        for status, parameters in (
                (REQUEST, []), (REQUEST, ["Enabled"]), (REQUEST, ["key_id1"]),
                # A packet has one recipient: taking one of two would lose the other silently.
                (REQUEST, ["keys.json:key_id1", "keypath=raw.key::keyid=a"]),
                (REQUEST, ["keypath=raw.key::keyid=a::keyid=b"]), (REQUEST, ["keypath=raw.key"]),
                (IO, ["missing.json:key_id1"]), (UNKNOWN_KEY, ["keys.json:key_id9"]),
                (UNSUPPORTED, ["keypath=raw.key::keyid=a::algorithm=A128GCM"])):
            self.refused(self.guest, status, wrap_request(*parameters))

    def test_options_as_text(self):
        """options as plain text or numbers, as clients in Rust send them, are wrapped alike"""
        request = json.loads(recorded("keywrap_layer1.stdin"))
        options = base64.b64decode(request["keywrapparams"]["optsdata"])
        for form in (options.decode(), list(options)):
            request["keywrapparams"]["optsdata"] = form
            assert self.unwrapped(self.wrapped(request)) == options

    def test_any_provider_name(self):
        """the provider's name and parameter in a keyunwrap request do not matter"""
        request = json.loads(recorded("keyunwrap_layer1.stdin"))
        expected = self.guest.answer(request)
        for config in (None, {"Parameters": None}, {"Parameters": {"another": ["RW5hYmxlZA=="]}},
                       {"Parameters": {"attestation-agent": None}}):
            request["keyunwrapparams"]["dc"] = config
            assert self.guest.answer(request) == expected, config

    def test_failures(self):
        """a wrong key, an unknown key and no secret have a status each"""
        request = recorded("keyunwrap_layer1.stdin")
        self.refused(self.wrong, DECRYPT, request)
        self.refused(self.other, UNKNOWN_KEY, request)
        self.refused(self.empty, NO_SECRET, request)

    def test_tampered(self):
        """an altered packet is refused, whichever byte it was"""
        request = json.loads(recorded("keyunwrap_layer1.stdin"))
        packet = json.loads(base64.b64decode(request["keyunwrapparams"]["annotation"]))
        for name in ("wrapped_data", "iv"):
            content = decode(packet[name])
            for place in (0, len(content) // 2, len(content) - 1):
                altered = bytearray(content)
                altered[place] ^= 0x80
                changed = json.dumps({**packet, name: encode(altered)}).encode()
                self.refused(self.guest, DECRYPT, unwrap_request(changed))

    def test_malformed(self):
        """what is no request is refused"""
        whole = recorded("keyunwrap_layer1.stdin")
        for request in (b"", b"{", b"[]", whole[:-1], whole + b"x", b"{}", whole.replace(b"unwrap\"", b"other\"")):
            self.refused(self.guest, REQUEST, request)


def run_tests(replay, first):
    """Runs the tests from a number on; returns how many there were and how many failed."""
    names = [name for name in dir(replay) if name.startswith("test_")]
    failures = 0
    for number, name in enumerate(names, first):
        test = getattr(replay, name)
        try:
            test()
            print(f"ok {number} - {test.__doc__}", flush=True)
        except (AssertionError, ValueError, KeyError, OSError, subprocess.TimeoutExpired) as error:
            failures += 1
            print(f"not ok {number} - {test.__doc__}")
            print(f"# {type(error).__name__}: {error}".replace("\n", "\n# "), flush=True)
    return len(names), failures


def main(arguments):
    """Runs everything on a tool."""
    skipped = []
    if arguments[:1] == ["--instead-of"]:
        skipped, arguments = arguments[1:2], arguments[2:]
    if len(arguments) != 1:
        sys.exit(__doc__)
    if not __debug__:
        sys.exit("replay.py: assertions are switched off, so that no test could fail")
    os.umask(0o077)
    for what in skipped:
        print(f"ok 1 - {what} # SKIP it is not to be had here")
    with tempfile.TemporaryDirectory() as directory:
        replay = Replay(pathlib.Path(arguments[0]).resolve(), pathlib.Path(directory))
        count, failures = run_tests(replay, 1 + len(skipped))
    print(f"1..{count + len(skipped)}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
