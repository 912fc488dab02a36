# SPDX-License-Identifier: Apache-2.0
"""Encrypts images as ocicrypt does, independently of the agent and of the library: for what the real
client would never write."""
import base64
import gzip
import hashlib
import hmac
import io
import json
import os
import pathlib
import sys
import tarfile

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))
import make_image  # pylint: disable=wrong-import-position

KEYS = "org.opencontainers.image.enc.keys.provider.attestation-agent"
PUBLIC_OPTIONS = "org.opencontainers.image.enc.pubopts"
KEK = bytes(range(32))


def text64(content):
    """Base64, as text."""
    return base64.b64encode(content).decode()


def tar_of(*members):
    """A tar of (name, content) for files, or of tarfile.TarInfo for the rest."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                tar.addfile(member)
                continue
            info = tarfile.TarInfo(member[0])
            info.size, info.mode = len(member[1]), 0o755
            tar.addfile(info, io.BytesIO(member[1]))
    return packed.getvalue()


def special(name, kind, link="", device=(0, 0)):
    """A member that is no file."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode = kind, link, 0o755
    info.devmajor, info.devminor = device
    return info


def packet(options, kid="key_id1", kek=KEK):
    """An annotation packet."""
    iv = os.urandom(12)
    wrapped = AESGCM(kek).encrypt(iv, json.dumps(options, separators=(",", ":")).encode(), None)
    return text64(json.dumps({"kid": kid, "wrapped_data": text64(wrapped), "iv": text64(iv),
                              "wrap_type": "A256GCM"}).encode())


class Encrypted:
    """A layer, and what its descriptor says of it. Tests change one thing of it."""

    def __init__(self, tar):
        plain = gzip.compress(tar, mtime=0)
        key, nonce = os.urandom(32), os.urandom(16)
        encryptor = Cipher(algorithms.AES(key), modes.CTR(nonce)).encryptor()
        self.content = encryptor.update(plain) + encryptor.finalize()
        self.options = {"symkey": text64(key), "digest": "sha256:" + hashlib.sha256(plain).hexdigest(),
                        "cipheroptions": {"nonce": text64(nonce)}}
        self.public = {"cipher": "AES_256_CTR_HMAC_SHA256",
                       "hmac": text64(hmac.new(key, self.content, "sha256").digest()), "cipheroptions": {}}
        self.packets = None

    def add_to(self, layout):
        """Writes the layer and gives its descriptor."""
        descriptor = layout.add("layer.v1.tar+gzip+encrypted", self.content)
        descriptor["annotations"] = {
            KEYS: self.packets or packet(self.options),
            PUBLIC_OPTIONS: text64(json.dumps(self.public).encode()),
        }
        return descriptor


class Plain:
    """A layer that is not encrypted."""

    def __init__(self, tar):
        self.content = gzip.compress(tar, mtime=0)

    def add_to(self, layout):
        """Writes the layer and gives its descriptor."""
        return layout.add("layer.v1.tar+gzip", self.content)


def write(directory, layers, **process):
    """Writes an image. Gives the layers' descriptors, and a function that writes the manifest again
    after they were changed."""
    layout = make_image.Layout(directory)
    configuration = layout.add("config.v1+json", make_image.to_json({"config": process}))
    descriptors = [layer.add_to(layout) for layer in layers]

    def close():
        layout.close(layout.add("manifest.v1+json", make_image.to_json(
            {"schemaVersion": 2, "config": configuration, "layers": descriptors})))

    close()
    return descriptors, close
