# SPDX-License-Identifier: Apache-2.0
"""What a keyset's or a packet's text means by Python's json module.

Where Python takes more than RFC 8259 has, or than our formats allow, it is refused here by name:
NaN and Infinity, halves of surrogate pairs, repeated names, depth, bytes that are not UTF-8. A byte
order mark and control characters it refuses itself.
"""

import base64
import json
import re

MAX_DEPTH = 32
WRAP_TYPES = {"A256GCM": "A256GCM", "aes_256_gcm": "A256GCM", "aes-256-gcm": "A256GCM",
              "A256CTR": "A256CTR", "aes_256_ctr": "A256CTR", "aes-256-ctr": "A256CTR"}
TEXTS = ("kid", "wrap_type", "version", "provider")
BYTES = ("wrapped_data", "iv")
OBJECTS = ("provider_settings", "annotations")
REQUIRED = ("kid", "wrapped_data", "iv", "wrap_type")
# What a packet of ours has in these, if it has them.
ORIGIN = {"version": "0.1.0", "provider": "kbs"}


class Refused(Exception):
    pass


class Number:
    """As it was written; Python's own would hide 1.0, -0 and 1e2."""

    def __init__(self, text):
        self.text = text


class Members(list):
    """An object as pairs, so that a repeated name shows."""


def refuse(*_):
    raise Refused


def demand(holds):
    if not holds:
        raise Refused


def check_value(value, depth):
    """Strings have to be Unicode, and nothing too deep, at any place."""
    if isinstance(value, str):
        value.encode("utf-8")
    elif isinstance(value, list):
        demand(depth < MAX_DEPTH)
        for item in value:
            for part in item if isinstance(value, Members) else (item,):
                check_value(part, depth + 1)


def read_object(text):
    """The members of a text that has to be an object; their values may nest MAX_DEPTH deep."""
    try:
        value = json.loads(text.decode("utf-8"), object_pairs_hook=Members, parse_constant=refuse,
                           parse_int=Number, parse_float=Number)
        demand(isinstance(value, Members))
        check_value(value, -1)
    except (ValueError, RecursionError):
        raise Refused from None
    return value


def canonical_base64(text):
    try:
        decoded = base64.b64decode(text, validate=True)
    except ValueError:
        raise Refused from None
    demand(base64.b64encode(decoded).decode() == text)
    return decoded


def keyset(text):
    entries = {}
    for name, value in read_object(text.rstrip(b" \t\r\n\0")):
        demand(isinstance(value, str) and name not in entries and "\0" not in name)
        entries[name] = canonical_base64(value).hex()
    return entries


def byte(number):
    demand(isinstance(number, Number) and re.fullmatch("0|[1-9][0-9]{0,2}", number.text))
    demand(int(number.text) <= 255)
    return int(number.text)


def packet_bytes(value):
    if isinstance(value, list) and not isinstance(value, Members):
        return bytes(byte(number) for number in value)
    demand(isinstance(value, str))
    return canonical_base64(value)


def is_others(text):
    """Whether a packet is of another version or provider, whatever else is wrong with it."""
    origin = {}
    for name, value in read_object(text):
        if name in ORIGIN and isinstance(value, str):
            demand(name not in origin)
            origin[name] = value
    return any(value != ORIGIN[name] for name, value in origin.items())


def packet(text):
    """Another's packet is called that first."""
    try:
        return own_packet(text)
    except Refused:
        if is_others(text):
            return "unsupported"
        raise


def own_packet(text):
    fields = {}
    for name, value in read_object(text):
        if name in TEXTS + BYTES + OBJECTS:
            demand(name not in fields)
            fields[name] = value
    for name, value in fields.items():
        demand(name not in TEXTS or isinstance(value, str))
        demand(name not in OBJECTS or isinstance(value, Members))
        if name in BYTES:
            fields[name] = packet_bytes(value).hex()
    demand(all(name in fields for name in REQUIRED))
    wrap_type = WRAP_TYPES.get(fields["wrap_type"])
    if wrap_type is None or any(fields.get(name, ours) != ours for name, ours in ORIGIN.items()):
        return "unsupported"
    return {"kid": fields["kid"], "wrapped_data": fields["wrapped_data"], "iv": fields["iv"],
            "wrap_type": wrap_type}


def outcome(kind, text):
    """None for a refusal."""
    try:
        return keyset(text) if kind == "k" else packet(text)
    except Refused:
        return None
