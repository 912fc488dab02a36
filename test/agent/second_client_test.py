#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""oskbc-agent, seen by a second ttRPC client: containerd's, in Go, as Debian packages it (golang-go,
golang-github-containerd-ttrpc-dev). Every row of what a guest asks, over the sockets that the guest knows.

usage: second_client_test.py AGENT
"""
import base64
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import ttrpc
from guest import KEK, OPTIONS, PARAMS, Guest, Program, Signer, options_of, packet, request, text64

LIBRARY = pathlib.Path("/usr/share/gocode/src/github.com/containerd/ttrpc")
SOCKETS = ("attestation-agent/keyprovider.sock", "attestation-agent/getresource.sock",
           "attestation-agent/attestation-agent.sock", "cdh.sock")


def build(folder):
    """The client; an exit with 77 where it cannot be had."""
    if not shutil.which("go") or not LIBRARY.is_dir():
        print("SKIP: no Go, or not containerd's ttRPC for it: golang-go golang-github-containerd-ttrpc-dev")
        sys.exit(77)
    client = folder / "client"
    environment = {**os.environ, "GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOFLAGS": "",
                   "GOCACHE": str(folder / "cache")}
    subprocess.run(["go", "build", "-o", client, "."], cwd=pathlib.Path(__file__).parent / "go", env=environment,
                   check=True)
    return client


def ask(client, socket, calls):
    """Code and answer, or message, of each call; all are under way at once, over one connection."""
    lines = "".join(f"{service} {method} {text64(payload)}\n" for service, method, payload in calls)
    done = subprocess.run([client, socket], input=lines.encode(), capture_output=True, timeout=60, check=True)
    for line in done.stdout.decode().splitlines():
        code, _, rest = line.partition(" ")
        yield (0, ttrpc.first(base64.b64decode(rest))) if code == "0" else (int(code), rest)


def rows(signer):
    """What is asked, and what has to come: an answer's bytes, or the code and the start of the message."""
    yield "UnWrapKey", "keyprovider.KeyProviderService", ttrpc.message(request()), OPTIONS
    yield "WrapKey", "keyprovider.KeyProviderService", b"", (12, "OSKBC_E_UNSUPPORTED: a guest only unwraps")
    yield "UnWrapKey", "keyprovider.KeyProviderService", ttrpc.message(request(packet(OPTIONS, "none"))), (
        5, "OSKBC_E_UNKNOWN_KEY")
    yield "GetResource", "getresource.GetResourceService", ttrpc.message("/default/policy/1", "offline_sev_kbc",
                                                                         "null"), b"allow nothing"
    yield "GetResource", "getresource.GetResourceService", ttrpc.message("/default/policy/1", "cc_kbc", "x"), (
        3, "OSKBC_E_PARAMS")
    yield "GetResource", "api.GetResourceService", ttrpc.message("kbs:///default/policy/1"), b"allow nothing"
    yield "GetResource", "api.GetResourceService", ttrpc.message("default/policy/1"), b"allow nothing"
    yield "UnsealSecret", "api.SealedSecretService", ttrpc.message(signer.vault("kbs:///default/policy/1")), (
        b"allow nothing")
    yield "UnsealSecret", "api.SealedSecretService", ttrpc.message(signer.envelope(b"an envelope")), b"an envelope"
    yield "UnsealSecret", "api.SealedSecretService", ttrpc.message(b"sealed.a.b.c"), (3, "OSKBC_E_REQUEST")
    yield "SecureMount", "api.SecureMountService", b"", (12, "OSKBC_E_UNSUPPORTED: an offline key broker mounts")
    yield "PullImage", "api.ImagePullService", b"", (12, "OSKBC_E_UNSUPPORTED: an offline key broker pulls no image")
    yield "GetEvidence", "attestation_agent.AttestationAgentService", b"", (
        12, "OSKBC_E_UNSUPPORTED: an offline key broker attests")


def is_as_expected(got, expected):
    """Whether an answer, or a refusal, is what has to come."""
    if isinstance(expected, tuple):
        return got[0] == expected[0] and got[1].startswith(expected[1])
    return got[0] == 0 and (options_of(got[1]) if isinstance(expected, dict) else got[1]) == expected


def main(program):
    """Prints TAP, and gives the exit status."""
    signer = Signer()
    failures = count = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        client = build(folder)
        guest = Guest(folder, key_id1=text64(KEK), **{
            "default/policy/1": text64(b"allow nothing"), "default/key/kek": text64(KEK),
            "default/signing-key/sealed-secret": text64(signer.jwk())})
        guest.configure(f'aa_kbc_params = "{PARAMS}"\n')
        with Program(program, guest.root) as agent:
            for _ in SOCKETS:
                agent.line()
            for socket in SOCKETS:
                asked = list(rows(signer))
                answers = ask(client, guest.root / "run/confidential-containers" / socket,
                              [(service, method, payload) for method, service, payload, _ in asked])
                for (method, service, _, expected), got in zip(asked, answers, strict=True):
                    count += 1
                    good = is_as_expected(got, expected)
                    failures += not good
                    print(f"{'ok' if good else 'not ok'} {count} - {socket}: {service} {method}"
                          + ("" if good else f" gave {got}"))
    print(f"1..{count}")
    return 1 if failures else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve()))
