# SPDX-License-Identifier: Apache-2.0
"""What the table of hashes is, which QEMU lays out before the launch is measured and AmdSev OVMF's verifier reads; and
what makes a malformed one of it."""
import hashlib
import struct

# A GUID, a length of two bytes, and in an entry a SHA-256.
GUID = 16
PREFIX = GUID + 2
ENTRY = PREFIX + 32
LENGTH = PREFIX + 3 * ENTRY
# What is measured has a multiple of 16 bytes.
PADDED = 176


def claim(table, length=LENGTH, entry_length=ENTRY):
    """The table with other lengths than it has: its own, and that of its first entry."""
    changed = bytearray(table)
    struct.pack_into("<H", changed, GUID, length)
    struct.pack_into("<H", changed, PREFIX + GUID, entry_length)
    return bytes(changed)


def launch_digest(firmware, table):
    """What the platform measures of an SEV guest before it runs."""
    return hashlib.sha256(firmware + table).hexdigest()
