#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the guests' disks: one of their owner's, and one that a host forged over another of the owner's.

usage: disks.py KEYS

In the working directory: data.disk and forged.disk, the line that is on each, and disks.json, which is the keys file KEYS
with what opens them; luks.passphrase is the first one's.
"""
import base64
import json
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "luks"))
import luks2  # noqa: E402

# As inside/disks/ names them.
UUIDS = {"data": "0b5cb000-0000-4000-8000-00000000da7a", "forged": "0b5cb000-0000-4000-8000-0000000f0f6d"}


def random_line():
    """What nobody guesses."""
    return base64.b64encode(os.urandom(15)).decode()


def make_disk(name, passphrase, volume_key):
    """A disk with a file system that has one line."""
    line, content = random_line(), pathlib.Path(f"{name}.content")
    content.mkdir()
    (content / "line").write_text(f"disk {name}: {line}\n", encoding="ascii")
    pathlib.Path(f"{name}.line").write_text(line, encoding="ascii")
    subprocess.run(["/sbin/mke2fs", "-q", "-t", "ext4", "-b", "1024", "-d", content, f"{name}.ext4", "6M"], check=True)
    disk = luks2.make(f"{name}.disk", UUIDS[name], passphrase, volume_key)
    luks2.fill(disk, f"{name}.ext4", volume_key)
    return disk


def main(keys_file):
    """All of it."""
    keys = json.loads(pathlib.Path(keys_file).read_bytes())
    for name in UUIDS:
        # A passphrase that could be typed, and found.
        passphrase, volume_key = random_line().encode(), os.urandom(64)
        disk = make_disk(name, passphrase, volume_key)
        if name == "forged":
            # The file system on it is the host's.
            luks2.forge_null_keyslot(disk, volume_key)
        else:
            pathlib.Path("luks.passphrase").write_bytes(passphrase)
        keys[f"default/key/{name}"] = base64.b64encode(passphrase).decode()
    keys["default/key/tls"] = base64.b64encode(os.urandom(48)).decode()
    pathlib.Path("disks.json").write_text(json.dumps(keys), encoding="ascii")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if not luks2.cryptsetup():
        print("there is no cryptsetup here")
        sys.exit(77)
    main(sys.argv[1])
