# SPDX-License-Identifier: Apache-2.0
"""The table of hashes that QEMU lays out before the launch is measured, and that AmdSev OVMF's verifier reads."""
import hashlib
import struct
import uuid

HEADER = uuid.UUID("9438d606-4f22-4cc9-b479-a793d411fd21")
COMMAND_LINE = uuid.UUID("97d02dd8-bd20-4c94-aa78-e7714d36ab2a")
INITRD = uuid.UUID("44baf731-3a2f-4bd7-9af1-41e29169781d")
KERNEL = uuid.UUID("4de79437-abd2-427f-b835-d5b172d2045b")
# A GUID, a length of two bytes, and in an entry a SHA-256.
PREFIX = 18
ENTRY = PREFIX + 32
LENGTH = PREFIX + 3 * ENTRY
# What is measured has a multiple of 16 bytes.
PADDED = 176


def record(guid, length, data=b""):
    """A header or an entry that claims this length."""
    return guid.bytes_le + struct.pack("<H", length) + data


def table(digests, length=LENGTH, entry_length=ENTRY):
    """The table of these digests, by GUID, padded. The lengths are those that it claims to have."""
    entries = b"".join(record(guid, entry_length, digests[guid]) for guid in (COMMAND_LINE, INITRD, KERNEL))
    return (record(HEADER, length) + entries).ljust(PADDED, b"\0")


def file_digest(path):
    """Of a file, in parts; or of nothing."""
    digest = hashlib.sha256()
    if path is not None:
        with open(path, "rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.digest()


def table_of(offer, **lengths):
    """The table of what QEMU offers; no initrd is an empty one."""
    command_line = hashlib.sha256(offer.command_line.encode() + b"\0").digest()
    return table({COMMAND_LINE: command_line, INITRD: file_digest(offer.initrd),
                  KERNEL: file_digest(offer.kernel)}, **lengths)


def launch_digest(firmware, hashes):
    """What the platform measures of an SEV guest before it runs."""
    return hashlib.sha256(firmware + hashes).hexdigest()
