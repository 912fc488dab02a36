#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the tests read from an OVMF image, by themselves: where the launch secret and the table of hashes lie.

usage: firmware.py IMAGE

Prints both areas.
"""
import pathlib
import struct
import sys
import uuid
from typing import NamedTuple

FOOTER = uuid.UUID("96b582de-1fb2-45f7-baea-a366c55a082d")
AREAS = {"secret": uuid.UUID("4c2eb361-7d9b-4cc3-8081-127c90d3d294"),
         "hashes": uuid.UUID("7255371f-3a3b-4b04-927b-1da6efa8d454")}
# The footer ends this far before the image does.
AFTER_FOOTER = 32
# After each entry's data: its whole length in two bytes, and its GUID.
TAIL = 18


class Area(NamedTuple):
    """A range of the guest's memory."""

    base: int
    size: int


def split_tail(data):
    """The last entry of what is given: its GUID, its data, and what is before it."""
    length = struct.unpack_from("<H", data, len(data) - TAIL)[0]
    if not TAIL <= length <= len(data):
        raise ValueError("the table of GUIDs is malformed")
    return uuid.UUID(bytes_le=data[-16:]), data[len(data) - length:-TAIL], data[:len(data) - length]


def entries(image):
    """The table of GUIDs at the image's end: GUID to data. It is read from its end."""
    guid, rest, _ = split_tail(image[:-AFTER_FOOTER])
    if guid != FOOTER:
        raise ValueError("no table of GUIDs at the end: no OVMF image")
    found = {}
    while len(rest) >= TAIL:
        guid, data, rest = split_tail(rest)
        found[guid] = data
    return found


def areas(path):
    """Both areas of an image, by name."""
    table = entries(pathlib.Path(path).read_bytes())
    # Other builds have no such entry, or one of zeros.
    missing = [name for name, guid in AREAS.items() if not any(table.get(guid, b"")[:4])]
    if missing:
        raise ValueError(f"no area for {' and '.join(missing)}: no AmdSev build")
    return {name: Area(*struct.unpack("<II", table[guid])) for name, guid in AREAS.items()}


def main(path):
    """Prints the areas, or why there are none."""
    try:
        for name, area in areas(path).items():
            print(f"{name} {area.base:#x} {area.size:#x}")
    except (OSError, ValueError) as trouble:
        print(trouble, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
