#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a small container image as an OCI layout, without a network and always the same.

usage: make_image.py DIR [LAYERS]

DIR must not exist yet. LAYERS is 3 unless told.
"""
import gzip
import hashlib
import io
import json
import pathlib
import sys
import tarfile

MEDIA_TYPE = "application/vnd.oci.image."


def noise(seed, length):
    """Bytes that don't compress, so that layers have a size worth encrypting."""
    blocks = (hashlib.sha256(b"%s %d" % (seed, number)).digest() for number in range(length // 32 + 1))
    return b"".join(blocks)[:length]


def layer_files(number):
    """The files of a layer. Sizes differ: almost nothing, several pages, more than one read."""
    sizes = (1, 70_000, 1_300_000)
    name = f"layer-{number}"
    yield f"{name}/note.txt", f"The plain text of {name}.\n".encode() * 8
    yield f"{name}/data.bin", noise(name.encode(), sizes[number % len(sizes)])


def layer_tar(number):
    """A layer as an uncompressed tar."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, content in layer_files(number):
            member = tarfile.TarInfo(name)
            member.size, member.mode, member.mtime = len(content), 0o644, 0
            tar.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def to_json(value):
    """JSON text, always the same for the same value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


class Layout:
    """An OCI layout that is being written."""

    def __init__(self, directory):
        self.directory = directory
        self.blobs = directory / "blobs" / "sha256"
        self.blobs.mkdir(parents=True)

    def add(self, media_type, content):
        """Writes a blob and returns its descriptor."""
        digest = hashlib.sha256(content).hexdigest()
        (self.blobs / digest).write_bytes(content)
        return {"mediaType": MEDIA_TYPE + media_type, "digest": "sha256:" + digest, "size": len(content)}

    def close(self, manifest):
        """Writes what names the manifest."""
        index = {"schemaVersion": 2, "manifests": [manifest]}
        (self.directory / "index.json").write_bytes(to_json(index))
        (self.directory / "oci-layout").write_bytes(to_json({"imageLayoutVersion": "1.0.0"}))


def config(tars):
    """The image's configuration: it names the layers by what they are unpacked."""
    ids = ["sha256:" + hashlib.sha256(tar).hexdigest() for tar in tars]
    return {"architecture": "amd64", "os": "linux", "config": {"Cmd": ["/bin/true"]},
            "created": "1970-01-01T00:00:00Z", "rootfs": {"type": "layers", "diff_ids": ids},
            "history": [{"created": "1970-01-01T00:00:00Z", "created_by": "test"} for _ in ids]}


def make_from(directory, tars, configuration):
    """Writes a layout of these layers, each compressed."""
    layout = Layout(directory)
    manifest = {
        "schemaVersion": 2,
        "mediaType": MEDIA_TYPE + "manifest.v1+json",
        "config": layout.add("config.v1+json", to_json(configuration)),
        "layers": [layout.add("layer.v1.tar+gzip", gzip.compress(tar, mtime=0)) for tar in tars],
    }
    layout.close(layout.add("manifest.v1+json", to_json(manifest)))


def make(directory, layers):
    """Writes the whole layout."""
    tars = [layer_tar(number) for number in range(layers)]
    make_from(directory, tars, config(tars))


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: make_image.py DIR [LAYERS]")
    make(pathlib.Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) == 3 else 3)
