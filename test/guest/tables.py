# SPDX-License-Identifier: Apache-2.0
"""Secret tables that `sev-guest-owner table build` does not make: those that a kernel has to refuse."""
import struct
import uuid

AREA = 3072
HEADER = uuid.UUID("1e74f542-71dd-4d66-963e-ef4287ff173b")
KEYSET = uuid.UUID("e6f5a162-d67f-4750-a67c-5d065f2a9910")
# Length of a header and of an entry without its data: a GUID and a length of four bytes.
PREFIX = 20


def record(guid, length, data=b""):
    """A header or an entry that claims this length."""
    return guid.bytes_le + struct.pack("<I", length) + data


def entry(data):
    """A well-formed entry for the keyset's GUID."""
    return record(KEYSET, PREFIX + len(data), data)


def table(*entries):
    """A well-formed table of these entries."""
    body = b"".join(entries)
    return record(HEADER, PREFIX + len(body)) + body


def of_size(size):
    """A well-formed table of this many bytes: a keyset, and blanks."""
    return table(entry(b'{"key_id1":"AAAA"}'.ljust(size - 2 * PREFIX)))


def malformed(keyset):
    """Each kind of table that the module refuses, and the words of its complaint."""
    body = entry(keyset)
    return {
        "length too big": (of_size(AREA + 1)[:AREA], "reported length is too big"),
        "length too small": (record(HEADER, PREFIX - 1) + body, "reported length is too small"),
        "entry over the end": (table(record(KEYSET, PREFIX + len(keyset) + 1, keyset)), "is corrupted"),
        "entry shorter than its head": (table(record(KEYSET, PREFIX - 1, keyset)), "is corrupted"),
        "GUID twice": (table(body, body), "Error creating efi_secret securityfs entry"),
    }
