#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests next_suite.py on both of apt's forms. The addresses are made up and never used."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parent / "next_suite.py"
MIRROR = "https://mirror.example/debian"


class NextSuite(unittest.TestCase):
    """Each test writes an etc/apt of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.etc = pathlib.Path(folder.name)
        (self.etc / "sources.list.d").mkdir()

    def write(self, name, *lines):
        """Writes a file below etc/apt."""
        (self.etc / name).write_text("\n".join(lines) + "\n", encoding="utf-8")

    def run_script(self):
        """Returns the exit status and the lines printed."""
        done = subprocess.run([sys.executable, SCRIPT, "bookworm", "trixie", self.etc], text=True,
                              capture_output=True, check=False, timeout=60)
        return done.returncode, done.stdout.splitlines()

    def expect(self, *lines):
        """The script succeeds with these fields after the type."""
        self.assertEqual(self.run_script(), (0, ["Types: deb", *lines]))

    def expect_none(self):
        """The script finds nothing."""
        self.assertEqual(self.run_script(), (1, []))

    def test_deb822(self):
        """A stanza with several suites, beside the one for security updates."""
        self.write("sources.list.d/debian.sources", "# a comment", "Types: deb deb-src", "# another",
                   f"URIs: {MIRROR}", "Suites: bookworm bookworm-updates", "Components: main contrib",
                   "Signed-By: /keys.gpg", "", "Types: deb", f"URIs: {MIRROR}-security",
                   "Suites: bookworm-security", "Components: main")
        self.expect(f"URIs: {MIRROR}", "Suites: trixie", "Components: main", "Targets: Packages",
                    "Signed-By: /keys.gpg")

    def test_deb822_with_key_inside(self):
        """A key that stands in the file stays whole."""
        self.write("sources.list.d/a.sources", "Types: deb", f"URIs: {MIRROR}/", "Suites: bookworm",
                   "Components: main", "Signed-By:", " -----BEGIN-----", " .", " abc", " -----END-----")
        self.expect(f"URIs: {MIRROR}/", "Suites: trixie", "Components: main", "Targets: Packages",
                    "Signed-By: ", " -----BEGIN-----", " .", " abc", " -----END-----")

    def test_one_line(self):
        """A plain line, as an installer writes it, after one for sources."""
        self.write("sources.list", f"deb-src {MIRROR} bookworm main", f"#deb {MIRROR}-off bookworm main",
                   f"deb {MIRROR} bookworm main non-free # a comment")
        self.expect(f"URIs: {MIRROR}", "Suites: trixie", "Components: main", "Targets: Packages")

    def test_one_line_with_options(self):
        """Options in brackets: what says how to trust the source is kept."""
        self.write("sources.list.d/a.list",
                   f"deb [arch=amd64,arm64 signed-by=/a.gpg,/b.gpg trusted=yes] {MIRROR} bookworm main")
        self.expect(f"URIs: {MIRROR}", "Suites: trixie", "Components: main", "Targets: Packages",
                    "Signed-By: /a.gpg /b.gpg", "Trusted: yes")

    def test_others_are_not_taken(self):
        """Other suites, components, archives, switched-off entries and unused files."""
        self.write("sources.list", "deb https://shop.example/apt bookworm main",
                   f"deb {MIRROR} bookworm contrib", f"deb {MIRROR} bookworm-backports main",
                   "deb cdrom:[disc]/debian bookworm main")
        self.write("sources.list.d/off.sources", "Enabled: no", "Types: deb", f"URIs: {MIRROR}",
                   "Suites: bookworm", "Components: main")
        self.write("sources.list.d/old.list.save", f"deb {MIRROR} bookworm main")
        self.expect_none()

    def test_nothing(self):
        """No sources at all."""
        self.expect_none()


if __name__ == "__main__":
    unittest.main()
