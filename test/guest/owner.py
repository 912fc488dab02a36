# SPDX-License-Identifier: Apache-2.0
"""What the guest's owner computes of a launch, which is the product's work."""
import json
import subprocess
from typing import NamedTuple

from firmware import Area


class Launch(NamedTuple):
    """The launch digest in hexadecimal; the table of hashes, which is part of it; and where this table and the secret
    have to be: name to area."""

    digest: str
    hashes: bytes
    areas: dict


def measure(folder, own, offer):
    """What the platform will measure of a guest that is started with this."""
    table = own / "hashes-table"
    command = [folder / "sev-guest-owner", "digest", "--json", "--ovmf", folder / "firmware", "--kernel", offer.kernel,
               "--append", offer.command_line, "--hashes-table", table, "--force"]
    if offer.initrd is not None:
        command += ["--initrd", offer.initrd]
    said = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout)
    areas = {name: Area(area["address"], area["size"]) for name, area in said["areas"].items()}
    return Launch(said["digests"][0]["hex"], table.read_bytes(), areas)
