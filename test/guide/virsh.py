#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Stands in for virsh and for a host with SEV hardware: launches a guest on the platform's stand-in, and lays out what
was injected as the guest's kernel would. Knows the four commands of the guide, with libvirt's options and no others.

OSKBC_GUIDE_PLATFORM and OSKBC_GUIDE_OWNER_TOOL name the programs; "host" is the platform's folder, "guest" the guest's.
"""

import base64
import json
import os
import pathlib
import subprocess
import sys
import xml.etree.ElementTree

STATE = pathlib.Path("host") / "domain.json"
FIRMWARE = {"sev-api-major": 1, "sev-api-minor": 55, "sev-build-id": 24}


def stop(message):
    sys.exit(f"error: {message}")


def run(*command):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        stop(f"{command[0]} {command[1]} failed")
    return done.stdout.strip()


def platform(*words):
    return run(os.environ["OSKBC_GUIDE_PLATFORM"], *words)


def decoded(element, name):
    return base64.b64decode(element.findtext(name), validate=True)


def create(words):
    if words[1:] != ["--paused"]:
        stop("a guest that runs gets no secret: --paused")
    domain = xml.etree.ElementTree.parse(words[0]).getroot()
    security = domain.find("launchSecurity")
    if security.get("kernelHashes") != "yes":
        stop("the kernel would not be measured")
    boot = domain.find("os")
    digest = run(
        os.environ["OSKBC_GUIDE_OWNER_TOOL"], "digest", "--json", "--ovmf", boot.findtext("loader"),
        "--kernel", boot.findtext("kernel"), "--initrd", boot.findtext("initrd"), "--append", boot.findtext("cmdline"),
    )  # fmt: skip
    pathlib.Path("host/godh").write_bytes(decoded(security, "dhCert"))
    pathlib.Path("host/blob").write_bytes(decoded(security, "session"))
    policy = int(security.findtext("policy"), 16)
    measured = platform(
        "launch", "host", "--godh", "host/godh", "--blob", "host/blob", "--policy", policy,
        "--digest", json.loads(digest)["digests"][0]["hex"],
    )  # fmt: skip
    STATE.write_text(json.dumps({"measurement": measured, "policy": policy}))


def domlaunchsecinfo(words):
    state = json.loads(STATE.read_text())
    shown = {"sev-measurement": state["measurement"], **FIRMWARE, "sev-policy": state["policy"]}
    for name, value in shown.items():
        print(f"{name:<15}: {value}")


def domsetlaunchsecstate(words):
    options = dict(zip(words[1::2], words[2::2]))
    if set(options) != {"--secrethdr", "--secret"}:
        stop("--secrethdr and --secret are needed")
    # libvirt hands the text on to QEMU, which wants base64.
    for file in options.values():
        base64.b64decode(pathlib.Path(file).read_text(), validate=True)
    platform("inject", "host", "--header", options["--secrethdr"], "--secret", options["--secret"], "-o", "host/injected")


def resume(words):
    pathlib.Path("guest").mkdir()
    run(os.environ["OSKBC_GUIDE_OWNER_TOOL"], "table", "tree", "host/injected", "guest")


def main():
    commands = {f.__name__: f for f in (create, domlaunchsecinfo, domsetlaunchsecstate, resume)}
    if len(sys.argv) < 3 or sys.argv[1] not in commands:
        stop(f"unknown command: {sys.argv[1:2]}")
    commands[sys.argv[1]](sys.argv[2:])


if __name__ == "__main__":
    main()
