#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Looks into OCI layouts with eyes of its own, for the tests and the quick start.

usage: oci_layout.py check-encrypted PLAIN ENCRYPTED KID WRAP_TYPE
       oci_layout.py compare ONE OTHER
       oci_layout.py tamper LAYOUT             (in place: one bit of each wrapped key)
       oci_layout.py prepend LAYOUT OTHER      (in place: OTHER's packets, as of another recipient)
       oci_layout.py request LAYOUT            (a key provider request for the first layer)
       oci_layout.py requests LAYOUT           (one for each layer, a line each)
       oci_layout.py packet LAYOUT             (the first layer's packet, as in the manifest)
       oci_layout.py show LAYOUT               (each layer's annotations and packet)

An error is one line on standard error, and exit 1.
"""
import base64
import hashlib
import json
import pathlib
import sys

KEYS = "org.opencontainers.image.enc.keys.provider.attestation-agent"
PUBLIC_OPTIONS = "org.opencontainers.image.enc.pubopts"
PARAMETER = "offline_sev_kbc::null"
# Length of the IV, and of the tag that GCM puts at the end.
WRAP_TYPES = {"A256GCM": (12, 16), "A256CTR": (16, 0)}


class Wrong(Exception):
    """What was looked at is not as it should be."""


def expect(condition, text):
    """Like assert, but never switched off."""
    if not condition:
        raise Wrong(text)


class Layout:
    """An OCI layout with one image."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.index = json.loads((self.directory / "index.json").read_bytes())
        expect(len(self.index["manifests"]) == 1, f"{directory} has not exactly one image")
        self.manifest = json.loads(self.blob(self.index["manifests"][0]))

    @property
    def layers(self):
        """The layers' descriptors."""
        return self.manifest["layers"]

    def path(self, descriptor):
        """The file of a blob."""
        return self.directory / "blobs" / descriptor["digest"].replace(":", "/")

    def blob(self, descriptor):
        """A blob, after comparing it with its digest and size."""
        content = self.path(descriptor).read_bytes()
        digest = "sha256:" + hashlib.sha256(content).hexdigest()
        expect(digest == descriptor["digest"], f"{self.path(descriptor)} is not what its name says")
        expect(len(content) == descriptor["size"], f"{self.path(descriptor)} has another size than listed")
        return content

    def store_manifest(self):
        """Writes the manifest after a change, and what names it."""
        content = json.dumps(self.manifest).encode()
        descriptor = self.index["manifests"][0]
        descriptor["digest"] = "sha256:" + hashlib.sha256(content).hexdigest()
        descriptor["size"] = len(content)
        self.path(descriptor).write_bytes(content)
        (self.directory / "index.json").write_text(json.dumps(self.index), encoding="utf-8")


def unbase64(text):
    """Strict base64: the decoder has to give back the same text."""
    expect(isinstance(text, str), "a value is no text")
    content = base64.b64decode(text, validate=True)
    expect(base64.b64encode(content).decode() == text, "a value is no canonical base64")
    return content


def packets(layer):
    """The packets of a layer, one for each recipient."""
    annotation = layer.get("annotations", {}).get(KEYS, "")
    expect(annotation, "a layer lacks the annotation with its wrapped key")
    return [json.loads(unbase64(part)) for part in annotation.split(",")]


def check_packet(packet, kid, wrap_type):
    """A packet has the current form, exactly."""
    expect(set(packet) == {"kid", "wrapped_data", "iv", "wrap_type"},
           f"the packet has other fields: {sorted(packet)}")
    expect(packet["kid"] == kid, f"the packet's kid is {packet['kid']!r}")
    expect(packet["wrap_type"] == wrap_type, f"the packet's wrap type is {packet['wrap_type']!r}")
    iv_length, tag_length = WRAP_TYPES[wrap_type]
    expect(len(unbase64(packet["iv"])) == iv_length, "the packet's IV has another length")
    wrapped = unbase64(packet["wrapped_data"])
    expect(len(wrapped) > 100 + tag_length, "the wrapped options are too short to be ocicrypt's")
    expect(b"symkey" not in wrapped, "the options are not wrapped at all")


def check_hidden(plain, encrypted):
    """Nothing of a plain layer shows through in the encrypted one."""
    expect(encrypted[:2] != b"\x1f\x8b", "an encrypted layer is still gzip")
    expect(encrypted[257:262] != b"ustar", "an encrypted layer is a tar")
    window = 24
    for start in range(0, len(plain) - window + 1, max(window, len(plain) // 64)):
        expect(plain[start:start + window] not in encrypted, "plain bytes show in an encrypted layer")


def check_encrypted(plain_dir, encrypted_dir, kid, wrap_type):
    """Every layer is encrypted, each with a key of its own."""
    plain, encrypted = Layout(plain_dir), Layout(encrypted_dir)
    expect(len(plain.layers) == len(encrypted.layers) > 0, "the number of layers has changed")
    seen = set()
    for before, after in zip(plain.layers, encrypted.layers):
        expect(after["mediaType"] == before["mediaType"] + "+encrypted",
               f"a layer's media type is {after['mediaType']}")
        expect(PUBLIC_OPTIONS in after["annotations"], "a layer lacks the public options")
        check_hidden(plain.blob(before), encrypted.blob(after))
        found = packets(after)
        expect(len(found) == 1, f"a layer has {len(found)} packets")
        check_packet(found[0], kid, wrap_type)
        seen.add((found[0]["iv"], found[0]["wrapped_data"]))
    expect(len(seen) == len(plain.layers), "two layers have the same packet")


def compare(one_dir, other_dir):
    """Two images have the same configuration and the same layers, byte for byte."""
    one, other = Layout(one_dir), Layout(other_dir)
    expect(len(one.layers) == len(other.layers) > 0, "the number of layers differs")
    expect(one.blob(one.manifest["config"]) == other.blob(other.manifest["config"]), "configurations differ")
    for left, right in zip(one.layers, other.layers):
        expect(left["mediaType"] == right["mediaType"], f"a layer's media type is {right['mediaType']}")
        expect(one.blob(left) == other.blob(right), "a layer's bytes differ")


def tamper(directory):
    """Flips a bit in the middle of each wrapped key."""
    layout = Layout(directory)
    for layer in layout.layers:
        packet = packets(layer)[0]
        wrapped = bytearray(unbase64(packet["wrapped_data"]))
        wrapped[len(wrapped) // 2] ^= 1
        packet["wrapped_data"] = base64.b64encode(wrapped).decode()
        layer["annotations"][KEYS] = base64.b64encode(json.dumps(packet).encode()).decode()
    layout.store_manifest()


def prepend(directory, other_dir):
    """Makes another image's packets stand before the right ones, like those of another recipient."""
    layout = Layout(directory)
    for layer, other in zip(layout.layers, Layout(other_dir).layers):
        layer["annotations"][KEYS] = other["annotations"][KEYS] + "," + layer["annotations"][KEYS]
    layout.store_manifest()


def first_packets(directory):
    """Each layer's first packet, in base64."""
    return [layer["annotations"][KEYS].split(",")[0] for layer in Layout(directory).layers]


def request_for(packet):
    """The request that a client would send for a packet."""
    parameters = {"attestation-agent": [base64.b64encode(PARAMETER.encode()).decode()]}
    return json.dumps({"op": "keyunwrap", "keywrapparams": {"ec": None, "optsdata": None},
                       "keyunwrapparams": {"dc": {"Parameters": parameters}, "annotation": packet}})


def request(directory):
    """Prints the request for the first layer, as a client writes it: without a newline."""
    print(request_for(first_packets(directory)[0]), end="")


def requests(directory):
    """Prints the requests for all layers."""
    for packet in first_packets(directory):
        print(request_for(packet))


def show(directory):
    """Prints what a reader of the manifest sees."""
    for number, layer in enumerate(Layout(directory).layers, 1):
        print(f"layer {number}: {layer['mediaType']}")
        for name, value in layer.get("annotations", {}).items():
            print(f"  {name}: {value if len(value) < 60 else value[:56] + '...'}")
        for packet in packets(layer):
            print(f"  packet: {json.dumps(packet)[:100]}...")
            print(f"          kid {packet['kid']}, wrap_type {packet['wrap_type']}")


COMMANDS = {
    "check-encrypted": (check_encrypted, 4),
    "compare": (compare, 2),
    "tamper": (tamper, 1),
    "prepend": (prepend, 2),
    "request": (request, 1),
    "requests": (requests, 1),
    "packet": (lambda directory: print(first_packets(directory)[0]), 1),
    "show": (show, 1),
}


def main(arguments):
    """Runs one command."""
    function, count = COMMANDS.get(arguments[0] if arguments else "", (None, 0))
    if function is None or len(arguments) != count + 1:
        sys.exit(__doc__)
    try:
        function(*arguments[1:])
    except (Wrong, OSError, ValueError, KeyError) as error:
        sys.exit(f"oci_layout.py: {error}")


if __name__ == "__main__":
    main(sys.argv[1:])
