#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the readers of keysets and packets against Python's json, verdict and content.

    differential_test.py PROGRAM [TEXTS [SEED]]

PROGRAM is differential_reader. Texts are the vectors, and TEXTS more of each kind (10000) that are made
from them and from nothing; the same SEED makes the same ones.
"""

import json
import random
import struct
import subprocess
import sys

sys.dont_write_bytecode = True
import python_oracle
import seeds

KINDS = {"k": "keyset", "p": "packet"}
PIECES = (b'"', b"\\", b"\\u", b"\\ud83d", b"\\udd11", b"\\ud83d\\udd11", b"\\u0041", b"\\u0000",
          b"\\/", b"\\n", b"\\x41", b"\\u00e9", b"{", b"}", b"[", b"]", b":", b",", b"null", b"true",
          b"NaN", b"Infinity", b"-Infinity", b"0", b"-0", b"01", b"1.0", b"1e2", b"255", b"256",
          b"9" * 400, b"1e999", b"\0", b"\n", b"\t", b" ", b"\x1f", b"\x7f", b"\v", b"\x80", b"\xc3",
          b"\xc3\xa9", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xff", b"\xef\xbb\xbf",
          b"\xc2\xa0", b"/**/", b"//\n", b"'", b"=", b"==", b"QQ==", b"QR==", b"QUI=", b"-_",
          b'"a":', b'"kid":"k"', b'"iv":[1,2]', b'"version":"0.1.0"')
# Values of a member that packets ignore and keysets refuse.
OTHER_VALUES = tuple(b"[" * depth + b"]" * depth for depth in (1, 31, 32, 33, 1000)) + (
    b'{"a":' * 32 + b"1" + b"}" * 32, b'{"a":' * 33 + b"1" + b"}" * 33, b"NaN", b"Infinity",
    b"-Infinity", b"1e999", b"-0.0E-0", b"9" * 5000, b"01", b".5", b"1.", b"True", b"null",
    b'{"a":1,"a":2}', b'["\\ud83d"]', b'{"\\udd11":0}', b'"\\ud83d\\udd11"', b'"\x7f"', b'"\n"')
CHARACTERS = ("a", "k1", "/", " ", "=", "\x7f", "\u00e9", "\u20ac", "\U0001f511", '\\"', "\\\\", "\\/",
              "\\b", "\\f", "\\n", "\\r", "\\t", "\\u0041", "\\u00E9", "\\ud83d\\udd11", "\\udbff\\udfff",
              "\\uffff", "\\u0000", "\\ud83d", "\\udd11")
VALUES = ("", "QQ==", "QUI=", "QUJD", "Q\\u0051==", "\\/\\/\\/\\/", "QR==", "QQ", "Q===", "QU-D")


def flat_object(chance):
    """An object of strings, often with base64 for values."""
    def space():
        return chance.choice(("", "", "", " ", "\n", "\t", "\r\n  "))

    def name():
        return '"' + "".join(chance.choices(CHARACTERS[:-3], k=chance.randrange(5))) + '"'

    def value():
        few = chance.choices(VALUES, (3, 3, 3, 9, 3, 3, .1, .1, .1, .1))[0]
        return '"' + few + '"' if chance.randrange(20) else chance.choice(("1", "null", "[]", name()))

    members = [space() + name() + space() + ":" + space() + value() + space()
               for _ in range(chance.randrange(6))]
    return (space() + "{" + ",".join(members) + "}" + space()).encode()


def mutated(chance, text):
    text = bytearray(text)
    for _ in range(chance.randrange(1, 4)):
        place = chance.randrange(len(text) + 1)
        end = place + chance.choice((0, 0, 1, 1, 2, 8))
        text[place:end] = chance.choice((chance.choice(PIECES), bytes([chance.randrange(256)]), b"",
                                         text[end:end + 3]))
    return bytes(text)


def with_member(chance, text):
    return text.replace(b"{", b'{"x":' + chance.choice(OTHER_VALUES) + b",", 1)


def texts_of(kind, count, chance):
    vectors = list(seeds.bodies(KINDS[kind]))
    yield from vectors
    short = [text for text in vectors if len(text) < seeds.MAX_TEXT]
    # The vectors are mostly bad ones; what is nearly good goes further into the readers.
    good = [text for text in short if isinstance(python_oracle.outcome(kind, text), dict)]
    for _ in range(count):
        text = flat_object(chance) if kind == "k" and chance.randrange(2) else chance.choice(
            chance.choice((short, good)))
        yield chance.choice((with_member, mutated, mutated, lambda _, same: same))(chance, text)


def read(program, cases):
    frames = b"".join(kind.encode() + struct.pack(">I", len(text)) + text for kind, text in cases)
    done = subprocess.run([program], input=frames, stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def compare(kind, text, ours):
    theirs = python_oracle.outcome(kind, text)
    if ours == theirs:
        return True
    print("%s: %r\n  is by Python: %r\n  and here: %r" % (KINDS[kind], text[:2000], theirs, ours))
    return False


def main():
    if len(sys.argv) not in (2, 3, 4) or not all(word.isdigit() for word in sys.argv[2:]):
        print("usage: differential_test.py PROGRAM [TEXTS [SEED]]", file=sys.stderr)
        return 64
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 10000
    chance = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 8259)
    cases = [(kind, text) for kind in KINDS for text in texts_of(kind, count, chance)]
    outcomes = read(sys.argv[1], cases)
    equal = sum(compare(*case, ours) for case, ours in zip(cases, outcomes, strict=True))
    accepted = sum(isinstance(ours, dict) for ours in outcomes)
    print("%d texts, %d of them accepted, %d alike" % (len(cases), accepted, equal))
    # With too few of either side nothing would be compared.
    return 0 if equal == len(cases) and len(cases) / 10 < accepted < len(cases) * 9 / 10 else 1


if __name__ == "__main__":
    sys.exit(main())
