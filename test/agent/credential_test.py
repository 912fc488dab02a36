#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""oskbc-agent's socket for systemd: services' credentials and disks' passphrases, asked for as systemd does.

usage: credential_test.py AGENT OSKBC [unittest's arguments]
"""
import concurrent.futures
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "luks"))
import luks2  # noqa: E402
from guest import PARAMS, SECONDS, Guest, Program, text64  # noqa: E402

AGENT = OSKBC = ""
KEYSCRIPT = pathlib.Path(__file__).parents[2] / "tools/initrd/keyscript.in"
LUKS_KEY = "736869e5-84f0-4973-92ec-06879ce3da0b"
UUID = "c0ffee00-1234-4abc-8def-0123456789ab"
TLS = b"a key for TLS\0with a NUL and a line's end\n"
LARGE = bytes(range(256)) * 2048
DISK = b"the disk's passphrase"
RULES = """
[[credential]]
unit = "web.service"
credential = "tls"
entry = "default/key/tls"

[[credential]]
unit = "large.service"
credential = "all"
entry = "default/key/large"

[[credential]]
unit = "web.service"
credential = "missing"
entry = "default/key/missing"
"""


def volume(name, device, secret='entry = "default/key/disk"'):
    """A volume of the configuration."""
    return (f'\n[[volume]]\nname = "{name}"\ndevice = "{device}"\nheader = "{device}"\nuuid = "{UUID}"\ncipher = "{luks2.CIPHER}"\n'
            f'{secret}\n')


class CredentialTest(unittest.TestCase):
    """A guest with rules, and an agent in it."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.guest = Guest(folder.name, **{"default/key/tls": text64(TLS), "default/key/large": text64(LARGE),
                                           "default/key/disk": text64(DISK)})
        self.path = self.guest.root / "run/oskbc/credentials.sock"

    def start(self, rules=RULES, *arguments):
        """The agent, and the addresses that it tells."""
        self.guest.configure(f'aa_kbc_params = "{PARAMS}"\n{rules}')
        agent = Program(AGENT, self.guest.root, f"--cdh_sock=unix://{self.folder}/a.sock", *arguments)
        self.addCleanup(agent.__exit__)
        agent.line()
        return agent

    def connect(self, name, path=None):
        """A connection whose own end has this name after its NUL and random digits."""
        asking = socket.socket(socket.AF_UNIX)
        self.addCleanup(asking.close)
        asking.settimeout(SECONDS)
        if name is not None:
            asking.bind(b"\0" + os.urandom(8).hex().encode() + name)
        asking.connect(str(path or self.path))
        return asking

    def ask(self, name, path=None):
        """What is given, to the end."""
        with self.connect(name, path) as asking:
            return b"".join(iter(lambda: asking.recv(65536), b""))

    def wait_for(self, agent, words):
        """Until the agent's log has them."""
        end = time.monotonic() + SECONDS
        while words not in agent.said():
            self.assertLess(time.monotonic(), end, agent.said())
            time.sleep(0.01)


class Services(CredentialTest):
    """LoadCredential=."""

    def test_a_rule_gives_an_entry_byte_for_byte(self):
        agent = self.start()
        self.assertIn("credential: unix:", agent.line())
        for _ in range(3):
            self.assertEqual(self.ask(b"/unit/web.service/tls"), TLS)
        self.wait_for(agent, "web.service's credential tls: given")
        self.assertNotIn("a key for TLS", agent.said())

    def test_without_a_rule_it_is_denied(self):
        agent = self.start()
        for name in (b"/unit/web.service/other", b"/unit/other.service/tls", b"/unit/web.service/default/key/tls",
                     b"/cryptsetup/data", b"/unit/web.service", b"", None):
            with self.subTest(name):
                self.assertEqual(self.ask(name), b"")
        self.wait_for(agent, "other.service's credential tls: denied: no rule")
        self.assertEqual(self.ask(b"/unit/web.service/tls"), TLS)

    def test_a_rule_for_an_entry_that_is_missing(self):
        agent = self.start()
        self.assertEqual(self.ask(b"/unit/web.service/missing"), b"")
        self.wait_for(agent, "credential missing: denied: ")

    def test_the_socket_is_roots_alone(self):
        self.start()
        self.assertEqual(self.path.stat().st_mode & 0o7777, 0o600)

    def test_a_group_that_may_ask_the_other_sockets_may_not_ask_this_one(self):
        self.start(RULES, "--allow-group", str(os.getgid()))
        self.assertEqual(self.path.stat().st_mode & 0o7777, 0o600)

    @unittest.skipUnless(os.getuid() == 0, "only root can become another user")
    def test_another_user_is_given_nothing(self):
        self.start()
        os.chmod(self.path, 0o666)
        for part in (self.folder, self.guest.root, self.guest.root / "run", self.path.parent):
            os.chmod(part, 0o755)
        asking = subprocess.run([sys.executable, "-c",
                                 "import os, socket, sys\nos.setuid(65534)\ns = socket.socket(socket.AF_UNIX)\n"
                                 "s.bind(b'\\0ab/unit/web.service/tls')\ns.connect(sys.argv[1])\n"
                                 "sys.stdout.buffer.write(s.recv(100))", str(self.path)],
                                capture_output=True, check=False)
        self.assertEqual(asking.stdout, b"")
        self.assertEqual(self.ask(b"/unit/web.service/tls"), TLS)

    def test_no_socket_without_rules_and_any_where_it_is_told(self):
        agent = self.start("")
        self.assertFalse(self.path.exists())
        agent.__exit__()
        self.guest.inject()
        path = self.folder / "c.sock"
        self.start(RULES, f"--credential_sock=unix://{path}")
        self.assertEqual(self.ask(b"/unit/web.service/tls", path), TLS)
        self.assertFalse(self.path.exists())

    def test_rules_that_are_none_stop_the_agent(self):
        self.guest.configure(f'aa_kbc_params = "{PARAMS}"\n[[credential]]\nunit = "a.service"\n')
        done = subprocess.run([AGENT, "--root", self.guest.root], capture_output=True, timeout=SECONDS, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"needs unit, credential and entry", done.stderr)
        self.assertTrue(self.guest.secret.exists())

    def test_a_large_entry_and_many_at_once(self):
        self.start()
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            given = list(pool.map(self.ask, [b"/unit/large.service/all", b"/unit/web.service/tls"] * 40))
        self.assertEqual(given, [LARGE, TLS] * 40)

    def test_whoever_does_not_read_is_closed_and_keeps_nobody_waiting(self):
        agent = self.start()
        before = agent.status("VmRSS")
        silent = [self.connect(b"/unit/large.service/all") for _ in range(40)]
        self.assertEqual(self.ask(b"/unit/web.service/tls"), TLS)
        # Four times what all connections may hold, as a sanitizer's memory is larger.
        self.assertLess(agent.status("VmHWM") - before, 64 << 10)
        end = time.monotonic() + SECONDS
        while agent.descriptors() > 25:
            self.assertLess(time.monotonic(), end)
            time.sleep(0.1)
        for one in silent:
            one.close()

    def test_what_is_given_does_not_stay(self):
        agent = self.start()
        try:
            agent.count_in_memory(b"x")
        except (MemoryError, PermissionError):
            self.skipTest("the agent's memory cannot be searched here")
        self.assertEqual(self.ask(b"/unit/large.service/all"), LARGE)
        # The keyset's own stays; the answer is wiped, a moment after the client has it.
        part, end = LARGE[:4096], time.monotonic() + SECONDS
        while (found := agent.count_in_memory(part)) > LARGE.count(part) and time.monotonic() < end:
            time.sleep(0.05)
        self.assertLessEqual(found, LARGE.count(part))

    def test_what_is_written_to_it_is_not_read(self):
        self.start()
        asking = self.connect(b"/unit/large.service/all")
        try:
            asking.sendall(b"x" * 1000)
        except OSError:
            pass
        self.assertEqual(self.ask(b"/unit/web.service/tls"), TLS)


@unittest.skipUnless(luks2.cryptsetup(), "there is no cryptsetup")
class Disks(CredentialTest):
    """crypttab's key file, and the tool for cryptsetup's keyscript."""

    @classmethod
    def setUpClass(cls):
        cls.kept = tempfile.TemporaryDirectory()
        cls.key = os.urandom(64)
        cls.good = luks2.make(pathlib.Path(cls.kept.name) / "good", UUID, DISK, cls.key)

    @classmethod
    def tearDownClass(cls):
        cls.kept.cleanup()

    def setUp(self):
        super().setUp()
        self.disk = self.folder / "disk"
        self.disk.write_bytes(self.good.read_bytes())

    def tool(self, name):
        """What the keyscript's command does."""
        return subprocess.run([OSKBC, "disk-passphrase", f"--credential-sock=unix://{self.path}", name],
                              capture_output=True, check=False, timeout=SECONDS)

    def test_a_good_header_gives_the_passphrase_that_opens_it(self):
        agent = self.start(volume("data", self.disk))
        self.assertEqual(self.ask(b"/cryptsetup/data"), DISK)
        self.wait_for(agent, "the volume data: given")
        done = self.tool("data")
        self.assertEqual((done.returncode, done.stdout), (0, DISK))
        subprocess.run([luks2.cryptsetup(), "open", "--test-passphrase", "--key-file=-", self.disk],
                       input=done.stdout, check=True)

    def test_a_forged_header_gives_nothing(self):
        agent = self.start(volume("data", self.disk))
        luks2.forge_null_keyslot(self.disk, self.key)
        self.assertEqual(self.ask(b"/cryptsetup/data"), b"")
        self.wait_for(agent, "the volume data: denied: keyslot 0 has a null cipher")
        self.assertNotIn("given", agent.said())
        done = self.tool("data")
        self.assertEqual((done.returncode, done.stdout), (12, b""))
        self.assertIn(b"its log says why", done.stderr)

    def test_another_disk_or_none_gives_nothing(self):
        agent = self.start(volume("data", self.disk) + volume("none", self.folder / "none"))
        header = luks2.Header(self.disk)
        for copy in header.copies:
            copy[168:168 + 4] = b"dead"
        header.write()
        self.assertEqual(self.ask(b"/cryptsetup/data"), b"")
        self.wait_for(agent, "has the UUID dead")
        self.assertEqual(self.ask(b"/cryptsetup/none"), b"")
        self.assertEqual(self.ask(b"/cryptsetup/other"), b"")
        self.wait_for(agent, "the volume other: denied: no volume")

    def test_the_secret_areas_own_entry(self):
        self.guest.secret.with_name(LUKS_KEY).write_bytes(DISK)
        agent = self.start(volume("data", self.disk, 'secret = "luks-key"'))
        agent.line()
        self.assertFalse(self.guest.secret.with_name(LUKS_KEY).exists())
        for _ in range(2):
            self.assertEqual(self.ask(b"/cryptsetup/data"), DISK)

    def test_the_secret_areas_entry_without_a_keyset_and_later(self):
        self.guest.secret.unlink()
        agent = self.start(volume("data", self.disk, 'secret = "luks-key"'))
        self.assertEqual(self.ask(b"/cryptsetup/data"), b"")
        self.wait_for(agent, "the volume data: denied: the secret area's luks-key was not there")
        self.guest.secret.with_name(LUKS_KEY).write_bytes(DISK)
        self.assertEqual(self.ask(b"/cryptsetup/data"), DISK)

    def test_an_entry_that_nobody_asks_for_stays(self):
        self.guest.secret.with_name(LUKS_KEY).write_bytes(DISK)
        self.start(RULES)
        self.assertTrue(self.guest.secret.with_name(LUKS_KEY).exists())

    def test_the_keyscript(self):
        agent = self.start(volume("data", self.disk))
        tool, script = self.folder / "bin/oskbc", self.folder / "keyscript"
        tool.parent.mkdir()
        tool.write_text(f'#!/bin/sh\nexec {OSKBC} "$@" --credential-sock unix://{self.path}\n')
        tool.chmod(0o755)
        script.write_text(KEYSCRIPT.read_text().replace("@bindir@", str(tool.parent)))
        script.chmod(0o755)

        def run():
            # With the third field of crypttab as its argument, as cryptsetup's scripts start it.
            return subprocess.run([script, "none"], env={**os.environ, "CRYPTTAB_NAME": "data"}, capture_output=True,
                                  check=False, timeout=SECONDS)
        self.assertEqual((run().returncode, run().stdout), (0, DISK))
        luks2.forge_null_keyslot(self.disk, self.key)
        self.assertEqual((run().returncode, run().stdout), (12, b""))
        self.assertNotIn(DISK.decode(), agent.said())

    def test_the_tool_without_an_agent(self):
        self.assertEqual(self.tool("data").returncode, 5)


if __name__ == "__main__":
    AGENT, OSKBC = os.path.abspath(sys.argv.pop(1)), os.path.abspath(sys.argv.pop(1))
    unittest.main()
