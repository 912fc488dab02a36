#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the commands of GUIDE.md and of README.md's session word for word, as they stand on the page. Prints TAP.

usage: guide_test.py OSKBC SEV-GUEST-OWNER PLATFORM-TOOL LIBRARY

What needs hardware runs with a stand-in for the host; what needs a network, or hours, is only read: the shell has to
understand it, and our programs have to have the options.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import page
import stand_ins
from stand_ins import TOP

GUIDE = TOP / "examples" / "GUIDE.md"
README = TOP / "README.md"

# A check of the page, and the links for which it says "ok".
DOCTOR_CHECKS = [
    ("sev-guest-owner doctor --kernel vmlinuz", ["kernel", "kernel options"]),
    ("sev-guest-owner doctor --kernel vmlinuz --initrd initrd.img", ["initrd", "module", "agent", "aa_kbc_params"]),
    ("sev-guest-owner doctor --ovmf OVMF.fd --kernel vmlinuz --initrd initrd.img", ["firmware", "kernel", "initrd"]),
    (
        'sev-guest-owner doctor --keysets keysets.json --append "$cmdline"',
        ["launch digest"],
    ),
    ("sev-guest-owner doctor --ocicrypt-conf ocicrypt.conf --skopeo skopeo", ["ocicrypt", "skopeo"]),
]


class Tap:
    def __init__(self):
        self.count = self.failures = 0

    def point(self, passed, name, why=""):
        self.count += 1
        self.failures += not passed
        print(f"{'ok' if passed else 'not ok'} {self.count} - {name}", flush=True)
        for line in () if passed else why.splitlines():
            print(f"# {line}")

    def skip(self, name, why):
        self.count += 1
        print(f"ok {self.count} - {name} # SKIP {why}", flush=True)


class Shell:
    """One shell that keeps its variables from block to block, as a reader's does."""

    def __init__(self, folder, environment):
        self.shell = subprocess.Popen(
            ["bash", "--noprofile", "--norc"], cwd=folder, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def run(self, text):
        """Runs it to its first failure; the status, and all that it said."""
        mark = "end of block"
        # In a function "set -e" would not hold behind "if"; what it sets has to stay.
        self.shell.stdin.write(
            f"trap 'failed=$?' ERR; failed=0\n{text}\nprintf '\\n{mark} %d\\n' $failed; trap - ERR\n"
        )
        self.shell.stdin.flush()
        said = ""
        for line in self.shell.stdout:
            if line.startswith(mark):
                return int(line[len(mark) :]), said
            said += line
        return 127, said

    def close(self):
        self.shell.stdin.close()
        self.shell.wait()


class Trial:
    def __init__(self, tap, programs, library, work):
        self.tap = tap
        self.programs = programs
        self.work = work
        self.skopeo = stand_ins.find_skopeo(work / "fetch.log")
        self.path = work / "bin"
        named = {"oskbc": programs["oskbc"], "sev-guest-owner": programs["sev-guest-owner"]}
        stand_ins.write_programs(self.path, named, self.skopeo)
        self.folder = work / "desk"
        self.folder.mkdir()
        stand_ins.write_boot_files(self.folder)
        stand_ins.write_root(self.folder, library)
        stand_ins.write_certificates(self.folder, programs["platform"])
        stand_ins.write_owner_tool(self.path, programs["sev-guest-owner"], stand_ins.made_up_root(self.folder))
        stand_ins.write_image(self.folder, programs["oskbc"])
        stand_ins.write_resources(self.folder)
        stand_ins.write_kernel_script(self.folder)

    def environment(self):
        temporary = self.work / "tmp"
        temporary.mkdir(exist_ok=True)
        return {
            **os.environ,
            "PATH": f"{self.path}:{os.environ['PATH']}:/usr/sbin:/sbin",
            "TMPDIR": str(temporary),
            "XDG_DATA_HOME": str(temporary / "notes"),
            "OSKBC_GUIDE_PLATFORM": str(self.programs["platform"]),
            "OSKBC_GUIDE_OWNER_TOOL": str(self.programs["sev-guest-owner"]),
        }

    def cannot(self, text):
        """Why this block can't run here; '' if it can."""
        if "skopeo copy" in text and not self.skopeo:
            return (self.work / "fetch.log").read_text().strip().splitlines()[-1]
        if "--encryption-key" in text or "image check" in text:
            return "" if self.skopeo else "there is no skopeo with key providers"
        for program in ("depmod", "modinfo", "cpio", "file"):
            if re.search(rf"\b{program}\b ", text) and not shutil.which(program, path=self.environment()["PATH"]):
                return f"there is no {program} here"
        return ""

    def run_block(self, shell, block):
        reason = self.cannot(block.text)
        if reason:
            self.tap.skip(str(block), reason)
            return
        status, said = shell.run(block.text)
        self.tap.point(status == 0, str(block), f"status {status}\n{said}")

    def guide(self):
        shell = Shell(self.folder, self.environment())
        for block in page.blocks(GUIDE.read_text()):
            if block.kind in ("sh", "sh host"):
                self.run_block(shell, block)
        self.doctor_checks(shell)
        self.guest(shell)
        shell.close()

    def doctor_checks(self, shell):
        stand_ins.take_kernel_config(self.folder)
        text = re.sub(r"\s+", " ", GUIDE.read_text())
        for command, links in DOCTOR_CHECKS:
            if f"{command}" not in text:
                self.tap.point(False, f"the page has: {command}")
                continue
            # Without Kata's own, so that what is named is what is looked at.
            named = "--ovmf OVMF.fd --kernel vmlinuz --initrd initrd.img" if "--keysets" in command else ""
            keyset = "--keyset KEYSET-1" if "--keysets" in command else ""
            _, said = shell.run(f"{command} {named} {keyset}".replace("--skopeo skopeo", '--skopeo "$(command -v skopeo)"'))
            missing = [link for link in links if not re.search(rf"^ok +{re.escape(link)} ", said, re.M)]
            if missing == ["skopeo"] and not self.skopeo:
                missing = []
            self.tap.point(not missing, f"ok for {', '.join(links)}: {command}", f"not ok: {missing}\n{said}")

    def guest(self, shell):
        status, said = shell.run("oskbc --root guest --keep-secret list")
        self.tap.point(status == 0 and "key_id1" in said, "the guest has the key", said)
        if not self.skopeo:
            self.tap.skip("the guest decrypts the image", "there is no skopeo with key providers")
            return
        provider = '{"key-providers":{"attestation-agent":{"cmd":{"path":"%s","args":["--root","%s","keyprovider"]}}}}'
        (self.folder / "guest.conf").write_text(provider % (self.programs["oskbc"], self.folder / "guest"))
        status, said = shell.run(
            "OCICRYPT_KEYPROVIDER_CONFIG=$PWD/guest.conf skopeo copy"
            " --decryption-key provider:attestation-agent:offline_sev_kbc::null oci:encrypted oci:decrypted"
        )
        same = shell.run(f"python3 {TOP}/test/e2e/oci_layout.py compare plain decrypted")[0] == 0 if status == 0 else False
        self.tap.point(same, "the guest decrypts the image", said)


def options_in_help(program, command):
    """The options that --help names, or None where there is no such command."""
    done = subprocess.run([program, *command, "--help"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                          check=False)  # fmt: skip
    return set(re.findall(r"(?<![\w-])--?[a-z][\w-]*", done.stdout)) if done.returncode == 0 else None


def options_of(program, words):
    """The options of the program, and of the command in these words: before it there may be some of the program's."""
    options = options_in_help(program, [])
    for start, word in enumerate(words):
        for end in (start + 2, start + 1):
            command = words[start:end]
            if not all(re.fullmatch(r"[a-z][a-z-]*", part) for part in command):
                continue
            of_command = options_in_help(program, command)
            if of_command is not None:
                return options | of_command
        if not word.startswith("-") and not words[start - 1].startswith("-"):
            break
    return options


def check_options(tap, name, text, programs):
    wrong = []
    for program in ("oskbc", "sev-guest-owner"):
        for words in page.calls(text, program):
            if words[:1] == ["serve"] and not programs["serve"]:
                continue
            path = programs["serve"] if words[:1] == ["serve"] else programs[program]
            has = options_of(path, words[1:] if words[:1] == ["serve"] else words)
            used = {word.split("=")[0] for word in words if re.fullmatch(r"--?[a-z][\w-]*(=.*)?", word)}
            wrong += [f"{program} {' '.join(words[:2])} has no {o}" for o in sorted(used - has)]
    tap.point(not wrong, name, "\n".join(wrong))


def check_virsh(tap, text):
    """Debian's own virsh has the options that the page names."""
    if not shutil.which("virsh"):
        tap.skip("virsh has these options", "libvirt-clients is not installed")
        return
    wrong = []
    for words in page.calls(text, "virsh"):
        helped = subprocess.run(["virsh", "help", words[0]], stdout=subprocess.PIPE, text=True, check=False).stdout
        wrong += [f"virsh {words[0]} has no {w}" for w in words[1:] if w.startswith("--") and w not in helped]
    tap.point(not wrong, "virsh has these options", "\n".join(wrong))


def check_domain(tap, file):
    if not shutil.which("virt-xml-validate"):
        tap.skip("libvirt's schema knows the domain", "libvirt-clients is not installed")
        return
    done = subprocess.run(["virt-xml-validate", file, "domain"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)  # fmt: skip
    tap.point(done.returncode == 0, "libvirt's schema knows the domain", done.stdout)


def check_text(tap, file, programs):
    """What is only read: the shell understands it, and the programs have the options."""
    everything = ""
    for block in page.blocks(file.read_text()):
        if not block.kind.startswith("sh"):
            continue
        done = subprocess.run(["bash", "-n"], input=block.text, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            tap.point(False, str(block), done.stderr)
        everything += block.text
    for block in page.blocks(file.read_text()):
        if block.kind == "console":
            everything += "".join(f"{command}\n" for _, command in page.session(block.text))
    check_options(tap, f"the programs have the options of {file.name}", everything, programs)
    return everything


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    tool, owner, platform, library = (pathlib.Path(word).resolve() for word in sys.argv[1:])
    serve = owner.parent / "sev-guest-owner-serve"
    programs = {"oskbc": tool, "sev-guest-owner": owner, "platform": platform, "serve": serve if serve.is_file() else None}
    os.umask(0o077)
    tap = Tap()
    everything = check_text(tap, GUIDE, programs)
    check_text(tap, README, programs)
    check_virsh(tap, everything)
    with tempfile.TemporaryDirectory() as folder:
        trial = Trial(tap, programs, library, pathlib.Path(folder))
        trial.guide()
        check_domain(tap, trial.folder / "guest.xml")
    print(f"1..{tap.count}")
    sys.exit(bool(tap.failures))


if __name__ == "__main__":
    main()
