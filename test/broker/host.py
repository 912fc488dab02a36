#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a host does for a launch, for scripts: asks a broker for bundle and secret, as Kata's shim does.

usage: host.py BROKER PLATFORM bundle POLICY LAUNCH
       host.py BROKER PLATFORM secret POLICY LAUNCH MEASUREMENT KEYSET PACKET

BROKER is its address, PLATFORM a folder of `platform_tool init`. LAUNCH gets godh.cert, launch_blob.bin and the
connection's id; PACKET gets packet_header.bin and secret.bin. MEASUREMENT is base64. Exit status: 1 for a refusal.
"""
import base64
import pathlib
import sys

# pylint: disable=wrong-import-order
from broker import Client  # first: it may start the program anew
from sev_platform import Platform
import grpc


def write(folder, **files):
    """Each argument is a file's name, with its dot as two underscores, and its content."""
    folder = pathlib.Path(folder)
    folder.mkdir()
    for name, content in files.items():
        (folder / name.replace("__", ".")).write_bytes(content)


def ask_bundle(client, platform, policy, launch):
    bundle = client.bundle(platform, policy=int(policy))
    write(launch, godh__cert=bundle.GuestOwnerPublicKey, launch_blob__bin=bundle.LaunchBlob,
          connection=str(bundle.ConnectionId).encode())
    print(f"connection {bundle.ConnectionId}")


def ask_secret(client, _, policy, launch, measurement, keyset, packet):
    connection = int((pathlib.Path(launch) / "connection").read_text())
    secret = client.secret(connection, base64.b64decode(measurement), Policy=int(policy), KeysetId=keyset)
    write(packet, packet_header__bin=secret.LaunchSecretHeader, secret__bin=secret.LaunchSecretData)
    print(f"a secret of {len(secret.LaunchSecretData)} bytes")


COMMANDS = {"bundle": (ask_bundle, 2), "secret": (ask_secret, 5)}


def main(arguments):
    command, count = COMMANDS.get(arguments[2] if len(arguments) > 2 else "", (None, 0))
    if command is None or len(arguments) != 3 + count:
        print(__doc__[__doc__.index("usage: "):].partition("\n\n")[0], file=sys.stderr)
        return 64
    client = Client(arguments[0])
    try:
        command(client, Platform(arguments[1]), *arguments[3:])
    except grpc.RpcError as error:
        print(f"host.py: {error.code().name}: {error.details()}", file=sys.stderr)
        return 1
    finally:
        client.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
