#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Firmware images that have the parts that a launch depends on, and no code.

usage: fake_firmware.py FILE [AREAS [DRIVERS]]

Areas are of OVMF's table of GUIDs: secret, hashes, reset. Drivers are in a volume in a (compressed) section of a file
of a volume, as OVMF has them: secret publishes the secret, verifier compares hashes, random is there since
edk2-stable202408, named takes boot files by name.
"""

import lzma
import pathlib
import struct
import sys
import uuid

AREAS = {
    "hashes": ("7255371f-3a3b-4b04-927b-1da6efa8d454", struct.pack("<II", 0x810C00, 0x400)),
    "secret": ("4c2eb361-7d9b-4cc3-8081-127c90d3d294", struct.pack("<II", 0x810000, 0xC00)),
    "reset": ("00f771de-1a7e-4fcb-890e-68c77e2fb44e", struct.pack("<I", 0x80B004)),
}
HASHES = ("97d02dd8-bd20-4c94-aa78-e7714d36ab2a", "44baf731-3a2f-4bd7-9af1-41e29169781d",
          "4de79437-abd2-427f-b835-d5b172d2045b")
DRIVERS = {
    "secret": ("6e2b9619-8810-4e9d-a177-d432bb9abeda", b"MZ"),
    "random": ("b981a835-6ee8-4f4c-ae0b-210aa0bfbf01", b"MZ"),
    "verifier": ("806040ca-dad9-4978-a3b4-2d2ab0c8a48f", b"MZ" + b"".join(uuid.UUID(h).bytes_le for h in HASHES)),
    "named": ("806040ca-dad9-4978-a3b4-2d2ab0c8a48f", b"MZ\0etc/boot/\0"),
}
FILES = "8c8ce578-8a3d-4f1c-9935-896185c32dd3"
VARIABLES = "fff12b8d-7696-4c8b-a985-2747075b4f50"
LZMA = "ee4e5898-3914-4259-9d6e-dc7bd79403cf"

PROGRAM, GUIDED, VOLUME = 0x10, 0x02, 0x17
DRIVER_FILE, VOLUME_FILE = 0x07, 0x0B


def guid_bytes(guid):
    return uuid.UUID(guid).bytes_le


def section(kind, body):
    data = (len(body) + 4).to_bytes(3, "little") + bytes([kind]) + body
    return data + bytes(-len(data) % 4)


def compressed(data):
    """A section that unpacks to others. Python leaves the unpacked size open, edk2 writes it."""
    packed = bytearray(lzma.compress(data, format=lzma.FORMAT_ALONE))
    packed[5:13] = struct.pack("<Q", len(data))
    return section(GUIDED, guid_bytes(LZMA) + struct.pack("<HH", 24, 1) + packed)


def file(guid, kind, sections):
    size = (24 + len(sections)).to_bytes(3, "little")
    data = guid_bytes(guid) + struct.pack("<HBB", 0, kind, 0) + size + b"\xf8" + sections
    return data + b"\xff" * (-len(data) % 8)


def volume(system, files):
    """Ends with room that was never written; the sum of its header's words is 0."""
    header = bytearray(bytes(16) + guid_bytes(system))
    header += struct.pack("<Q4sIHHHBBQ", 64 + len(files) + 64, b"_FVH", 0x4FEFF, 64, 0, 0, 0, 2, 0)
    struct.pack_into("<H", header, 50, -sum(struct.unpack("<32H", header)) & 0xFFFF)
    return bytes(header) + files + b"\xff" * 64


def table_entry(guid, data, length):
    return data + struct.pack("<H", length) + guid_bytes(guid)


def table(areas):
    """The table of GUIDs, which ends 32 bytes before the image does."""
    entries = b"".join(table_entry(*AREAS[a], len(AREAS[a][1]) + 18) for a in areas.split())
    return entries + table_entry("96b582de-1fb2-45f7-baea-a366c55a082d", b"", len(entries) + 18) + bytes(32)


def firmware(areas, drivers="secret random verifier", variables=True, packed=False):
    """An image with these areas and drivers. Where it is packed, liblzma's version decides its bytes."""
    files = b"".join(file(DRIVERS[d][0], DRIVER_FILE, section(PROGRAM, DRIVERS[d][1])) for d in drivers.split())
    inner = section(VOLUME, volume(FILES, files))
    inner = compressed(inner) if packed else inner
    image = volume(VARIABLES, b"") if variables else b""
    image += volume(FILES, file("9e21fd93-9c72-4c15-8c4b-e77f1db2d792", VOLUME_FILE, inner))
    return image + bytes(-len(image) % 4096) + table(areas)


def main():
    if not 2 <= len(sys.argv) <= 4 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    pathlib.Path(sys.argv[1]).write_bytes(firmware(*(sys.argv[2:] or ["secret hashes reset"]), packed=True))


if __name__ == "__main__":
    main()
