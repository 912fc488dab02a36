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

TEST = pathlib.Path(__file__).resolve().parent.parent
VECTORS = TEST / "vectors"
sys.path.insert(0, str(TEST / "host"))
import fake_firmware  # noqa: E402

# Longer ones make an engine slow, and what they are about has tests of its own.
MAX_TEXT = 2048
MAX_BYTES = 16 << 10


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


def kids():
    for packet in bodies("kid"):
        yield from re.findall(rb'"kid":"([^"]*)"', packet)


def uris():
    yield from kids()
    yield from bodies("resource")


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def jwe(header, *members):
    """A keyset in a file, as far as reading it goes."""
    parts = [(b"protected", header), (b"iv", b"i" * 12), (b"tag", b"t" * 16), *members]
    return b"{" + b",".join(b'"%s":"%s"' % (name, base64url(part)) for name, part in parts) + b"}"


def jwes():
    """What is read, or nearly; and after a NUL, what fuzz_jwe.cpp changes of a file that opens."""
    def header(alg, enc="A256GCM", **more):
        return json.dumps({"alg": alg, "enc": enc, "kid": "oskbc/keyset/key", **more}).encode()

    for size in (0, 1, 2, 15, 16, 17, 64, 300):
        yield jwe(header("dir"), (b"ciphertext", bytes(range(0, size % 256)) + b"\xfb" * 3))
    key, text = (b"encrypted_key", b"\xff" * 40), (b"ciphertext", b"\xfb\xff\xfe" * 9)
    yield jwe(header("A256KW"), key, text)
    yield jwe(header("A256KW"), text)
    yield jwe(header("dir"), key, text)
    yield jwe(header("dir"), (b"encrypted_key", b""), text)
    yield jwe(header("dir", zip="DEF"), text)
    yield jwe(header("dir", enc="A128GCM"), text)
    yield jwe(header("dir"), text, (b"aad", b"a"))
    yield jwe(header("dir"), text).replace(b'"iv"', b'"\\u0069v"').replace(b",", b" ,\n")
    yield from bodies("keyset")
    for wraps in (b"\0", b"\1"):
        yield b"\0" + wraps
        for place in range(0, 330, 7):
            yield b"\0" + wraps + place.to_bytes(2, "big") + b"A"


PARAMS = (b"offline_sev_kbc::null", b"offline_sev_kbc::", b"::null", b"offline_sev_kbc:null",
          b"offline_sev_kbc::::", b"online_sev_kbc::10.0.0.1:44444", b"cc_kbc::http://a:1")

GUIDS = (b"e6f5a162-d67f-4750-a67c-5d065f2a9910", b"E6F5A162-D67F-4750-A67C-5D065F2A9910",
         b"00000000-0000-0000-0000-000000000000", b"e6f5a162d67f4750a67c5d065f2a9910",
         b"{e6f5a162-d67f-4750-a67c-5d065f2a9910}", b"g6f5a162-d67f-4750-a67c-5d065f2a9910")


def owner_bytes(name):
    """Every base64 text of a file of known answers, decoded."""
    def walk(value):
        if isinstance(value, (dict, list)):
            for item in value.values() if isinstance(value, dict) else value:
                yield from walk(item)
        elif isinstance(value, str) and len(value) % 4 == 0 and re.fullmatch(r"[\w+/]{40,}=*", value):
            yield base64.b64decode(value)

    return walk(json.loads((VECTORS / "owner" / (name + ".json")).read_text()))


def secret_tables():
    for name in ("secret_tables", "efi_secret_parse"):
        yield from (table for table in owner_bytes(name) if table.startswith(TABLE_GUID))


TABLE_GUID = bytes.fromhex("42f5741edd71664d963eef4287ff173b")


def certificates():
    yield from (file for file in owner_bytes("certificates") if len(file) == 2084)
    for chain in json.loads((VECTORS / "owner/chains.json").read_text()).values():
        files = [base64.b64decode(text) for text in chain.values()]
        yield from files
        yield b"".join(files)


def firmware_images():
    """Whole images, and what lies in their volumes, which the target puts into others."""
    areas = "secret hashes reset"
    for drivers in ("secret random verifier", "verifier named", ""):
        for packed in (False, True):
            image = fake_firmware.firmware(areas, drivers, packed=packed)
            yield from (image, image[128 + 64:])
    program = fake_firmware.section(fake_firmware.PROGRAM, b"MZ")
    yield fake_firmware.section(0x01, bytes(5) + program)
    yield fake_firmware.section(fake_firmware.VOLUME, fake_firmware.volume(fake_firmware.FILES, program))
    yield b"MZ" + bytes(0x200) + b"HdrS"


def luks_headers():
    """The JSON that cryptsetup writes, and what a host could change in it."""
    source = (TEST / "luks/luks_header.cpp").read_bytes()
    good = re.search(rb'R"\((\{"keyslots.*\})\)"', source).group(1)
    yield good
    for old, new in ((b'258048","encryption":"aes-xts-plain64"', b'258048","encryption":"cipher_null-ecb"'),
                     (b'"sector_size":512', b'"sector_size":512,"integrity":{"type":"aead"}'),
                     (b'"tokens":{}', b'"tokens":{"0":{}}'), (b'"crypt"', b'"linear"'), (b'"0":', b'"0":{},"0":')):
        assert old in good
        yield good.replace(old, new, 1)
    yield b"SKUL\xba\xbe\0\2"


# The steps of CapiSession::step() and what they take from the input, with room for every answer.
MAKE_OPTIONS, AS_IT_IS, ROOM = b"\x00\x00", b"\x02", b"\x02"
SET_ROOT, KEEP, AUTHENTICATED = b"\x01\x00\x01", b"\x01\x02\x01", b"\x01\x04\x01"
INJECT, INJECT_OTHER, OPEN, CLOSE = b"\x02\x02", b"\x02\x01", b"\x03\x03", b"\x0b\x00"
COUNT, MISUSE, NO_LENGTH = b"\x08", b"\x0a\x00", b"\x01"
START = MAKE_OPTIONS + SET_ROOT + INJECT


def unwrap(number, form=ROOM, how=AS_IT_IS):
    return bytes([4, number]) + how + form


def unwrap_fields(number, member, how=AS_IT_IS, form=ROOM):
    return bytes([12, number, member]) + how + form


def answer(number, form=ROOM, how=AS_IT_IS):
    return bytes([5, number]) + how + form


def resource(number, form=ROOM, how=AS_IT_IS):
    return bytes([6, number]) + how + b"\x00" + form


def key_id(index, form=ROOM):
    return bytes([7, index]) + form


def input_text(text):
    """What altered() takes for another text."""
    return b"\x00" + bytes([min(len(text), 255), max(0, len(text) - 255)]) + text


def fault(place):
    return bytes([9, place])


def sessions():
    calls = [unwrap(n) for n in range(6)] + [answer(n) for n in range(6)]
    calls += [resource(n) for n in range(3)] + [key_id(n) for n in range(4)] + [COUNT]
    yield START + OPEN + b"".join(calls) + CLOSE
    yield START + KEEP + OPEN + unwrap(0) + CLOSE + OPEN + answer(1) + MISUSE
    yield START + AUTHENTICATED + OPEN + unwrap(0) + unwrap(3) + answer(4)
    yield START + OPEN + b"".join(unwrap(n, bytes([form])) for n in range(6) for form in (0, 4, 1, 40))
    yield START + OPEN + b"".join(unwrap(0, how=bytes([1, place, 65])) for place in range(40, 60))
    yield START + OPEN + resource(0, how=input_text(b"kbs:///default/key/1"))
    yield START + OPEN + resource(0, how=input_text(b"file:///etc/passwd"))
    yield MAKE_OPTIONS + SET_ROOT + OPEN + unwrap(0) + INJECT_OTHER + input_text(b"{}") + OPEN + COUNT
    yield START + OPEN + b"".join(unwrap_fields(n, 0) for n in range(6))
    for member in range(4):
        yield START + OPEN + b"".join(unwrap_fields(n, member, bytes([1, n, 65])) for n in range(6))
    yield START + AUTHENTICATED + OPEN + unwrap_fields(0, 0) + unwrap_fields(3, 0)
    yield b"".join(calls) + MISUSE
    for place in range(1, 64, 3):
        yield START + fault(place) + OPEN + fault(place) + unwrap(0) + fault(place) + answer(1)
    for packet in packets():
        yield START + OPEN + unwrap(0, how=input_text(packet[:500]))


def alterations():
    """What fuzz_unwrap.cpp reads: type, key, IV, plaintext, then what to change."""
    for kind in range(2):
        start = bytes([kind]) + b"the key." + b"IV.." + b"\x07" + b"options"
        yield start
        for what in range(4):
            for how in (0, 1, 5, 2, 43):
                yield start + bytes([what, how, 1])


SEEDS = {
    "base64": lambda: strings(bodies("keyset", "packet")),
    "capi": sessions,
    "certificate": certificates,
    "firmware": firmware_images,
    "guid": lambda: GUIDS,
    "json": texts,
    "jwe": jwes,
    "keyset": lambda: bodies("keyset"),
    "luks_header": luks_headers,
    "packet": packets,
    "params": lambda: PARAMS,
    "request": requests,
    "secret_table": secret_tables,
    "unwrap": alterations,
    "uri": uris,
}
BINARY = ("certificate", "firmware", "secret_table")


def write(root, target):
    """Writes a target's seeds into a folder of its name; returns how many there are."""
    folder = pathlib.Path(root) / target
    folder.mkdir(parents=True, exist_ok=True)
    most = MAX_BYTES if target in BINARY else MAX_TEXT
    seeds = {seed for seed in SEEDS[target]() if len(seed) <= most}
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
