#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Draws the pictures of README.md and GUIDE.md, with Python's standard library alone.

usage: draw.py [--check] [SEV-GUEST-OWNER]
  SEV-GUEST-OWNER  also runs its doctor on a host with one fault, and draws what it says
  --check          writes nothing, and fails where a picture here is another
"""

import pathlib
import subprocess
import sys
import tempfile

import key
import parties
import terminal

HERE = pathlib.Path(__file__).resolve().parent
MAKE_GUEST = HERE.parent.parent / "test" / "host" / "make_guest.py"
APPEND = "tsc=reliable agent.config_file=/etc/agent-config.toml agent.log=debug"
COMMAND = "sev-guest-owner doctor --kata configuration.toml --keysets keysets.json --append \"$cmdline\""


def run(*command):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, check=False, text=True)
    return done.stdout


def doctor_says(program):
    """What the doctor says where somebody has built the initrd anew, without the module."""
    with tempfile.TemporaryDirectory() as folder:
        host = pathlib.Path(folder) / "host"
        run(sys.executable, MAKE_GUEST, host, "module=none", "compression=none")
        boot = ["--ovmf", host / "OVMF.fd", "--kernel", host / "vmlinuz", "--initrd", host / "initrd.img"]
        digest = run(program, "digest", *boot, "--append", APPEND).split()[1]
        keysets = host / "keysets.json"
        keysets.write_text(
            '{"KEYSET-1": {"allowed_digests": ["%s"], "allowed_keys": ["key_id1"], "allowed-policies": [1]}}' % digest
        )
        told = ["--kata", host / "configuration.toml", "--keysets", keysets, "--append", APPEND]
        said = run(program, "doctor", *told, "--ocicrypt-conf", host / "ocicrypt.conf", "--skopeo", host / "skopeo")
    return said.replace(str(host), "/opt/guest")


def main():
    words = sys.argv[1:]
    check = words[:1] == ["--check"]
    words = words[check:]
    if len(words) > 1 or words[:1] in (["-h"], ["--help"]):
        sys.exit(__doc__)
    pictures = {"parties.svg": parties.draw(), "key.svg": key.draw()}
    if words:
        pictures["doctor.svg"] = terminal.draw(COMMAND, doctor_says(pathlib.Path(words[0]).resolve()))
    wrong = []
    for name, text in pictures.items():
        file = HERE / name
        if not check:
            file.write_text(text)
        elif not file.is_file() or file.read_text() != text:
            wrong.append(name)
    for name in wrong:
        print(f"examples/pictures/{name} is not what draw.py draws; run: examples/pictures/draw.py SEV-GUEST-OWNER")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
