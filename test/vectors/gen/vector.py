# SPDX-License-Identifier: Apache-2.0
"""One vector: its header, its body, and the file that both make."""

import hashlib
import json

# A longer plaintext would make the header hard to read; its hash says as much.
MAX_HEX = 256


class Book:
    """Collects the vectors of all modules and refuses a name used twice."""

    def __init__(self):
        self.files = {}

    def add(self, directory, name, content):
        path = directory + "/" + name
        if path in self.files:
            raise ValueError("two vectors are called " + path)
        self.files[path] = content


class Chapter:
    """The vectors of one directory, which share operation and keyset unless they say otherwise."""

    def __init__(self, book, directory, operation, keyset=None):
        self.book = book
        self.directory = directory
        self.operation = operation
        self.keyset = keyset

    def ok(self, name, comment, body, plain, **more):
        self.put(name, comment, body, "OSKBC_OK", plain=plain, **more)

    def fails(self, name, comment, body, status, **more):
        self.put(name, comment, body, "OSKBC_E_" + status, **more)

    def put(self, name, comment, body, expect, plain=None, keyset=None, operation=None, extra=()):
        lines = [("comment", comment), ("operation", operation or self.operation),
                 ("expect", expect)]
        lines += keyset_line(keyset if keyset is not None else self.keyset)
        lines += list(extra)
        lines += plain_line(plain)
        self.book.add(self.directory, name, render(lines) + body)


def keyset_line(keyset):
    if keyset is None:
        return []
    if isinstance(keyset, bytes):
        return [("keyset-hex", keyset.hex())]
    return [("keyset", json.dumps(keyset))]


def plain_line(plain):
    if plain is None:
        return []
    if len(plain) <= MAX_HEX:
        return [("plaintext-hex", plain.hex())]
    return [("plaintext-sha256", hashlib.sha256(plain).hexdigest())]


def render(lines):
    for name, value in lines:
        if "\n" in value or "\r" in value:
            raise ValueError("a header line breaks: " + name)
    return "".join((name + ": " + value).rstrip() + "\n" for name, value in lines).encode() + b"\n"


def slug(word):
    """A file name's part from any text."""
    kept = "".join(c if c.isalnum() else "_" for c in word)
    return kept.strip("_").lower() or "empty"
