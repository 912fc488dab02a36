#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes each fuzz target's first corpus out of the vectors, one folder a target.

    seeds.py DIRECTORY

Nothing of it is committed: the vectors are, and what they lack is written below.
"""

import base64
import hashlib
import json
import pathlib
import re
import sys

VECTORS = pathlib.Path(__file__).resolve().parent.parent / "vectors"
# Long texts make an engine slow, and what they are about has tests of its own.
MAX_TEXT = 2048


def body(path):
    """A vector without its header."""
    return path.read_bytes().split(b"\n\n", 1)[1]


def bodies(*directories):
    for directory in directories:
        for path in sorted((VECTORS / directory).iterdir()):
            yield body(path)


def strings(texts):
    """Every string of some JSON texts, as it stands between its quotes."""
    for text in texts:
        yield from re.findall(rb'"([^"\\]*)"', text)


def packets():
    yield from bodies("packet", "unwrap", "kid")


def requests():
    yield from bodies("keyprovider")
    for path in sorted((VECTORS / "ocicrypt").glob("*.stdin.json")):
        yield path.read_bytes()


def texts():
    yield from bodies("keyset", "packet")
    yield from requests()


SEEDS = {
    "base64": lambda: strings(bodies("keyset", "packet")),
    "json": texts,
    "keyset": lambda: bodies("keyset"),
    "packet": packets,
    "request": requests,
}


def write(root, target):
    """Writes a target's seeds into a folder of its name; returns how many there are."""
    folder = pathlib.Path(root) / target
    folder.mkdir(parents=True, exist_ok=True)
    seeds = {seed for seed in SEEDS[target]() if len(seed) <= MAX_TEXT}
    for seed in seeds:
        (folder / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    return len(seeds)


def main():
    if len(sys.argv) != 2:
        print("usage: seeds.py DIRECTORY", file=sys.stderr)
        return 64
    for target in SEEDS:
        print(target, write(sys.argv[1], target))
    return 0


if __name__ == "__main__":
    sys.exit(main())
