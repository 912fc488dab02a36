#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`oskbc luks-check` over headers that the real cryptsetup made, and over what a host makes of them.

usage: luks_check_test.py OSKBC [unittest's arguments]
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import luks2

PROGRAM = ""
UUID = "c0ffee00-1234-4abc-8def-0123456789ab"
BYTE_OF_JSON = luks2.BINARY + 20
PASSPHRASE = b"a passphrase of the owner's"

TMPFS = unittest.skipUnless(os.path.ismount("/dev/shm"), "there is no tmpfs at /dev/shm")


class RealHeaders(unittest.TestCase):
    """One disk, copied for each test."""

    @classmethod
    def setUpClass(cls):
        cls.kept = tempfile.TemporaryDirectory()
        cls.good = luks2.make(pathlib.Path(cls.kept.name) / "good", UUID, PASSPHRASE, os.urandom(64))

    @classmethod
    def tearDownClass(cls):
        cls.kept.cleanup()

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.disk = self.folder / "disk"
        self.disk.write_bytes(self.good.read_bytes())

    def check(self, *options, uuid=UUID, cipher=luks2.CIPHER, disk=None):
        """What the tool says of the disk: exit status, both outputs; the disk is as it was."""
        disk = disk or self.disk
        before = disk.read_bytes()
        done = subprocess.run([PROGRAM, "luks-check", disk, "--uuid", uuid, "--cipher", cipher, *options],
                              capture_output=True, text=True, check=False)
        self.assertEqual(disk.read_bytes(), before)
        return done.returncode, done.stdout + done.stderr

    def refused(self, words, *options, **wanted):
        """It is refused, for this reason."""
        status, said = self.check(*options, **wanted)
        self.assertEqual(status, 12, said)
        self.assertIn(words, said)
        self.assertTrue(said.startswith("oskbc: "), said)

    def forged(self, change, words):
        """A change of the JSON, with checksums that fit, is refused."""
        header = luks2.Header(self.disk)
        change(header.json)
        header.write_json()
        self.refused(words)

    def opens(self, passphrase):
        """Whether the real cryptsetup takes this passphrase for the disk."""
        done = subprocess.run([luks2.cryptsetup(), "open", "--test-passphrase", "--type=luks2", "--key-file=-",
                               self.disk], input=passphrase, capture_output=True, check=False)
        return done.returncode == 0

    def test_what_cryptsetup_makes_is_accepted(self):
        self.assertEqual(self.check()[0], 0, self.check()[1])
        self.assertEqual(self.check("--key-size=512", "--integrity=none", f"--keyslot-cipher={luks2.CIPHER}")[0], 0)
        self.assertTrue(self.opens(PASSPHRASE))

    def test_what_cryptsetup_makes_otherwise_is_accepted_too(self):
        run = [luks2.cryptsetup(), "--batch-mode", "--key-file=-"]
        with open(self.disk, "r+b") as disk:
            disk.truncate(40 << 20)
        for more in (["--pbkdf=argon2id", "--pbkdf-memory=32768", "--pbkdf-force-iterations=4"],
                     ["--luks2-metadata-size=64k", "--pbkdf=pbkdf2", "--pbkdf-force-iterations=1000"]):
            with self.subTest(more):
                subprocess.run([*run, "luksFormat", "--type=luks2", f"--cipher={luks2.CIPHER}", "--key-size=512",
                                f"--uuid={UUID}", *more, self.disk], input=PASSPHRASE, check=True)
                self.assertEqual(self.check()[0], 0, self.check()[1])

    def test_a_second_keyslot(self):
        second = self.folder / "second"
        second.write_bytes(b"another passphrase")
        subprocess.run([luks2.cryptsetup(), "luksAddKey", "--batch-mode", "--pbkdf=pbkdf2",
                        "--pbkdf-force-iterations=1000", "--key-file=-", self.disk, second], input=PASSPHRASE,
                       check=True)
        status, said = self.check()
        self.assertEqual(status, 0, said)
        self.assertIn("2 keyslots", said)

    def test_a_keyslot_with_a_null_cipher_opens_for_anybody_and_is_refused(self):
        key = os.urandom(64)
        luks2.make(self.disk, UUID, PASSPHRASE, key)
        luks2.forge_null_keyslot(self.disk, key)
        # So that it is known to be a header which cryptsetup takes; 2.8.1 does not take this one.
        if not self.opens(b"whatever"):
            print("this cryptsetup refuses the forged header itself", file=sys.stderr)
        self.refused("keyslot 0 has a null cipher")

    def test_a_segment_with_a_null_cipher(self):
        self.forged(lambda all_: all_["segments"]["0"].update(encryption="cipher_null-ecb"), "has a null cipher")

    def test_a_whole_disk_in_plain(self):
        done = subprocess.run([luks2.cryptsetup(), "luksFormat", "--batch-mode", "--type=luks2",
                               "--cipher=cipher_null-ecb", f"--uuid={UUID}", "--key-file=-", self.disk],
                              input=b"", capture_output=True, check=False)
        if done.returncode == 0:
            self.refused("null cipher")

    def test_another_disk(self):
        self.refused("has the UUID", uuid=UUID.replace("c", "d"))
        self.refused("has the cipher", cipher="serpent-xts-plain64")
        self.refused("the volume's key has 512 bits", "--key-size=256")
        self.refused("integrity is none", "--integrity=hmac-sha256")

    def test_other_forgeries(self):
        self.forged(lambda all_: all_["segments"]["0"].update(type="linear"), "is not encrypted")
        self.disk.write_bytes(self.good.read_bytes())
        self.forged(lambda all_: all_["tokens"].update({"0": {"type": "luks2-keyring", "keyslots": ["0"],
                                                              "key_description": "a"}}), "token")
        self.disk.write_bytes(self.good.read_bytes())
        self.forged(lambda all_: all_["keyslots"]["0"]["area"].update(offset="0"), "not where keyslots are")

    def test_a_member_that_json_c_would_take_instead(self):
        header = luks2.Header(self.disk)
        header.put(header.text(0).replace(b'"offset":"32768"', b'"encryption\\u0000":"cipher_null-ecb","offset":"32768"'))
        header.write()
        self.refused("characters that cryptsetup does not write")

    def test_one_copy_that_is_damaged(self):
        for copy in range(2):
            with self.subTest(copy):
                self.disk.write_bytes(self.good.read_bytes())
                header = luks2.Header(self.disk)
                header.copies[copy][BYTE_OF_JSON] ^= 1
                header.write(seal=False)
                self.refused("checksum")
                # cryptsetup takes the other one, and mends this.
                self.assertTrue(self.opens(PASSPHRASE))

    def test_luks1(self):
        subprocess.run([luks2.cryptsetup(), "luksFormat", "--batch-mode", "--type=luks1", f"--uuid={UUID}",
                        "--pbkdf-force-iterations=1000", "--key-file=-", self.disk], input=PASSPHRASE, check=True)
        self.refused("not LUKS2")

    @TMPFS
    def test_the_copy_is_a_header_for_cryptsetup(self):
        with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
            copy = pathlib.Path(folder) / "header"
            self.assertEqual(self.check(f"--copy-header={copy}")[0], 0)
            self.assertEqual(copy.read_bytes(), self.disk.read_bytes()[:16 << 20])
            done = subprocess.run([luks2.cryptsetup(), "open", "--test-passphrase", f"--header={copy}",
                                   "--key-file=-", self.disk], input=PASSPHRASE, capture_output=True, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)

    @TMPFS
    def test_a_volume_of_the_configuration(self):
        header = pathlib.Path(tempfile.mkdtemp(dir="/dev/shm")) / "header"
        self.addCleanup(shutil.rmtree, header.parent)
        (self.folder / "etc").mkdir()
        text = (f'[[volume]]\nname = "data"\ndevice = "{self.disk}"\nuuid = "{UUID}"\ncipher = "{luks2.CIPHER}"\n'
                f'header = "{header}"\nentry = "default/key/data"\n')
        (self.folder / "etc/agent-config.toml").write_text(text)
        run = [PROGRAM, "--root", self.folder, "luks-check"]
        self.assertEqual(subprocess.run([*run, "--volume=more"], capture_output=True, check=False).returncode, 1)
        self.assertFalse(header.exists())
        for option in ("--volume=data", "--every-volume"):
            self.assertEqual(subprocess.run([*run, option], capture_output=True, check=False).returncode, 0)
            self.assertEqual(header.read_bytes(), self.disk.read_bytes()[:16 << 20])
            header.unlink()

    def test_the_command_line(self):
        for options in ([], ["x"], ["x", "--uuid", UUID], ["--uuid", UUID], ["x", "--volume=a"]):
            done = subprocess.run([PROGRAM, "luks-check", *options], capture_output=True, check=False)
            self.assertEqual(done.returncode, 64, options)
        self.assertEqual(self.check(uuid="none")[0], 64)
        self.assertEqual(self.check(cipher="cipher_null-ecb")[0], 64)
        self.assertEqual(self.check("--key-size=511")[0], 1)


if __name__ == "__main__":
    if not luks2.cryptsetup():
        print("skipped: there is no cryptsetup", file=sys.stderr)
        sys.exit(77)
    PROGRAM = sys.argv.pop(1)
    unittest.main()
