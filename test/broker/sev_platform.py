# SPDX-License-Identifier: Apache-2.0
"""A platform in Python, beside the one in test/support/platform.cpp: another implementation, and quick enough
for thousands of launches. Its keys and certificates are those of platform_tool."""

import hashlib
import hmac
import os
import pathlib
import struct

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

GODH_SIZE, BLOB_SIZE, HEADER_SIZE = 2084, 128, 52


def mac(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def derive(key, label, context=b""):
    data = struct.pack("<I", 1) + label + b"\0" + context + struct.pack("<I", 128)
    return mac(key, data)[:16]


def aes_ctr(key, iv, data):
    cipher = Cipher(algorithms.AES(key), modes.CTR(iv)).encryptor()
    return cipher.update(data) + cipher.finalize()


class Platform:
    """What `platform_tool init` has put into a folder."""

    def __init__(self, folder):
        folder = pathlib.Path(folder)
        scalar = int.from_bytes((folder / "platform.key").read_bytes(), "big")
        self.key = ec.derive_private_key(scalar, ec.SECP384R1())
        self.pdh = (folder / "pdh.cert").read_bytes()
        exported = (folder / "cert_chain.cert").read_bytes()
        self.exported = exported
        signed = [(folder / name).read_bytes() for name in ("cek.cert", "ask.cert", "ark.cert")]
        self.chain = exported[:2 * GODH_SIZE] + b"".join(signed)

    def launch(self, godh, blob, policy):
        """LAUNCH_START: takes the transport keys out of the blob."""
        assert (len(godh), len(blob)) == (GODH_SIZE, BLOB_SIZE), "lengths"
        x, y = (int.from_bytes(godh[at:at + 48], "little") for at in (20, 92))
        z = self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicNumbers(x, y, ec.SECP384R1()).public_key())
        nonce, wrapped, iv, wrap_mac, policy_mac = (
            blob[:16], blob[16:48], blob[48:64], blob[64:96], blob[96:])
        master = derive(z, b"sev-master-secret", nonce)
        assert wrap_mac == mac(derive(master, b"sev-kik"), wrapped), "the wrapped keys' MAC"
        keys = aes_ctr(derive(master, b"sev-kek"), iv, wrapped)
        guest = Guest(keys[:16], keys[16:], policy)
        assert policy_mac == mac(guest.tik, struct.pack("<I", policy)), "the policy's MAC"
        return guest


class Guest:
    """Between its launch and its start."""

    def __init__(self, tek, tik, policy):
        self.tek, self.tik, self.policy = tek, tik, policy
        self.measurement = b""

    def measure(self, digest, api=(1, 55), build=24):
        """LAUNCH_MEASURE."""
        nonce = os.urandom(16)
        version = bytes([4, *api, build])
        data = version + struct.pack("<I", self.policy) + digest + nonce
        self.measurement = mac(self.tik, data) + nonce
        return self.measurement

    def inject(self, header, data):
        """LAUNCH_SECRET: what comes into the guest's memory."""
        assert len(header) == HEADER_SIZE and len(data) % 16 == 0, "lengths"
        length = struct.pack("<I", len(data))
        signed = b"\x01" + header[:20] + length + length + data + self.measurement[:32]
        assert header[20:] == mac(self.tik, signed), "the secret's MAC"
        return aes_ctr(self.tek, header[4:20], data)
