#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The initrd's agent, with requests line by line, with images that are as they should be, and with hostile ones.

usage: initrd_agent_test.py AGENT CONTAINER [unittest's arguments]

CONTAINER is a statically linked program that prints /etc/note. Becoming an image's process takes a root
of its own, so those tests are skipped where that is not allowed.
"""
import json
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import unittest

try:
    import encrypted_image as image
except ImportError as error:
    print("SKIP:", error)
    sys.exit(77)

PARAMS = "offline_sev_kbc::null"
GUID = "e6f5a162-d67f-4750-a67c-5d065f2a9910"
BAD_IMAGE, CANNOT_RUN, USAGE = 65, 71, 64
AGENT = CONTAINER = ""


def own_root():
    """What a program has to be started through to be allowed a root of its own."""
    if os.geteuid() == 0:
        return []
    return ["unshare", "--user", "--map-root-user"]


def can_have_own_root():
    """Whether it works here."""
    return subprocess.run([*own_root(), "true"], capture_output=True, check=False).returncode == 0


class AgentTest(unittest.TestCase):
    """A folder, and in it a guest's fake root with a keyset."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.guest = self.folder / "guest"
        self.secret = self.guest / "sys/kernel/security/secrets/coco" / GUID
        self.secret.parent.mkdir(parents=True)
        self.secret.write_text(json.dumps({"key_id1": image.text64(image.KEK)}))
        (self.guest / "etc").mkdir()
        (self.guest / "etc/agent-config.toml").write_text(f'aa_kbc_params = "{PARAMS}"\n')
        self.root = self.folder / "container"

    def agent(self, *arguments, status=0, says="", requests=b"", **environment):
        """Runs the agent and gives its standard output."""
        done = subprocess.run([*own_root(), AGENT, "--root", self.guest, *arguments], capture_output=True,
                              env=environment, input=requests, timeout=60, check=False)
        self.assertEqual(done.returncode, status, done.stderr.decode())
        self.assertIn(says, done.stderr.decode())
        return done.stdout.decode()

    def container(self, note=b"the note", *more):
        """A layer's tar, with the program."""
        return image.tar_of(("bin/container", pathlib.Path(CONTAINER).read_bytes()), ("etc/note", note), *more)

    def write(self, *layers):
        """Writes an image of these layers."""
        return image.write(self.folder / "image", layers, Entrypoint=["/bin/container"], Env=["GREETING=Hello,"])

    def run_image(self, **expected):
        """Has the agent become the image's process."""
        return self.agent("run", self.folder / "image", self.root, **expected)


@unittest.skipUnless(can_have_own_root(), "a root of one's own is not allowed here")
class GoodImages(AgentTest):
    """The image's process runs."""

    def test_encrypted_layers_are_laid_over_one_another(self):
        self.write(image.Encrypted(self.container(b"old", ("etc/removed", b""), ("old/file", b""))),
                   image.Encrypted(image.tar_of(("etc/note", b"new"), ("etc/.wh.removed", b""),
                                                ("old/.wh..wh..opq", b""))))
        self.assertEqual(self.run_image(), "container: Hello, new\n")
        self.assertFalse(self.secret.exists())

    def test_a_plain_image_needs_no_secret(self):
        self.secret.unlink()
        self.write(image.Plain(self.container()))
        self.assertEqual(self.run_image(), "container: Hello, the note\n")

    def test_a_packet_of_another_recipient_may_come_first(self):
        layer = image.Encrypted(self.container())
        layer.packets = image.packet(layer.options, kid="key_id2") + "," + image.packet(layer.options)
        self.write(layer)
        self.assertEqual(self.run_image(), "container: Hello, the note\n")

    def test_names_need_not_be_ascii(self):
        self.write(image.Encrypted(self.container(b"the note", ("\u00fc", b"x"))))
        self.run_image()
        self.assertTrue((self.root / "\u00fc").exists())

    def test_links_lead_nowhere_outside(self):
        outside = self.folder / "outside"
        outside.mkdir()
        self.write(image.Encrypted(self.container(
            b"the note", image.special("out", tarfile.SYMTYPE, str(outside)),
            image.special("up", tarfile.SYMTYPE, "../../outside"))),
            image.Encrypted(image.tar_of(("up/one", b"x"))))
        # Seen from the new root, there is no such folder.
        self.run_image(status=BAD_IMAGE)
        self.assertEqual(list(outside.iterdir()), [])


@unittest.skipUnless(can_have_own_root(), "a root of one's own is not allowed here")
class HostileArchives(AgentTest):
    """Archives that the owner of the key made, but that are hostile all the same."""

    def refuses(self, *members, says):
        """The archive is refused, and the image's process not started."""
        self.write(image.Encrypted(self.container(b"the note", *members)))
        self.assertEqual(self.run_image(status=BAD_IMAGE, says=says), "")

    def test_a_device(self):
        self.refuses(image.special("dev/mem", tarfile.CHRTYPE, device=(1, 1)), says="dev/mem")

    def test_a_pipe(self):
        self.refuses(image.special("pipe", tarfile.FIFOTYPE), says="pipe")

    def test_a_name_that_climbs(self):
        self.refuses(("../escape", b"x"), says="cannot be unpacked")
        self.assertFalse((self.folder / "escape").exists())

    def test_a_removal_that_climbs(self):
        (self.folder / "victim").write_text("x")
        self.write(image.Encrypted(self.container(b"the note", ("../.wh.victim", b""))))
        self.run_image()
        self.assertTrue((self.folder / "victim").exists())

    def test_no_archive_at_all(self):
        self.write(image.Encrypted(b"not a tar" * 100))
        self.run_image(status=BAD_IMAGE, says="oskbc-initrd-agent: a layer ")


class BadImages(AgentTest):
    """What a hostile host can do to an image. Nothing is unpacked."""

    def refuses(self, status, says):
        """The agent ends so, before there is a root."""
        self.assertEqual(self.run_image(status=status, says=says), "")
        self.assertFalse(self.root.exists())

    def test_a_changed_byte(self):
        layer = image.Encrypted(self.container())
        layer.content = layer.content[:-1] + bytes([layer.content[-1] ^ 1])
        self.write(layer)
        self.refuses(BAD_IMAGE, "its HMAC is another one")

    def test_another_layer_than_the_options_say(self):
        layer = image.Encrypted(self.container())
        layer.options["digest"] = "sha256:" + 64 * "0"
        self.write(layer)
        self.refuses(BAD_IMAGE, "another one than its options say")

    def test_another_cipher(self):
        layer = image.Encrypted(self.container())
        layer.public["cipher"] = "none"
        self.write(layer)
        self.refuses(BAD_IMAGE, "cipher")

    def test_a_plain_layer_on_top(self):
        self.write(image.Encrypted(self.container()), image.Plain(image.tar_of(("bin/container", b"evil"))))
        self.refuses(BAD_IMAGE, "only some of the layers are encrypted")

    def test_a_key_that_is_not_there(self):
        layer = image.Encrypted(self.container())
        layer.packets = image.packet(layer.options, kid="key_id2")
        self.write(layer)
        self.refuses(10, "key")

    def test_a_wrong_key(self):
        layer = image.Encrypted(self.container())
        layer.packets = image.packet(layer.options, kek=bytes(32))
        self.write(layer)
        self.refuses(12, "oskbc-initrd-agent: ")

    def test_options_that_are_none(self):
        layer = image.Encrypted(self.container())
        layer.options = {"symkey": 1}
        self.write(layer)
        self.refuses(BAD_IMAGE, "private options")

    def test_no_secret(self):
        self.write(image.Encrypted(self.container()))
        self.secret.unlink()
        self.refuses(4, "oskbc-initrd-agent: ")

    def test_a_blob_that_is_not_what_its_name_says(self):
        descriptors, _ = self.write(image.Encrypted(self.container()))
        blob = self.folder / "image/blobs" / descriptors[0]["digest"].replace(":", "/")
        blob.write_bytes(bytes(descriptors[0]["size"]))
        self.refuses(BAD_IMAGE, "is not what its name says")

    def test_digests_that_are_paths(self):
        descriptors, close = self.write(image.Encrypted(self.container()))
        descriptors[0]["digest"] = "sha256:../../../guest/etc/agent-config.toml"
        close()
        self.refuses(BAD_IMAGE, "no SHA-256")

    def test_sizes(self):
        descriptors, close = self.write(image.Encrypted(self.container()))
        for size, says in ((1, "another size"), (1 << 40, "over 512 MiB"), (-1, "over 512 MiB")):
            descriptors[0]["size"] = size
            close()
            self.refuses(BAD_IMAGE, says)

    def test_a_manifest_that_is_none(self):
        self.write(image.Encrypted(self.container()))
        (self.folder / "image/index.json").write_text('{"manifests":[{}]}')
        self.refuses(BAD_IMAGE, "no OCI image")

    def test_no_image(self):
        self.refuses(BAD_IMAGE, "index.json")


class Requests(AgentTest):
    """One per line."""

    def request(self, options, **other):
        """A line that asks for these options."""
        params = {"dc": {"Parameters": {"attestation-agent": [image.text64(PARAMS.encode())]}},
                  "annotation": image.packet(options, **other)}
        return json.dumps({"op": "keyunwrap", "keyunwrapparams": params}).encode() + b"\n"

    def test_one_that_fails_has_an_empty_answer_and_a_reason(self):
        requests = self.request({"a": 1}) + b'{"op":"none"}\n' + self.request({"b": 2})
        answers = self.agent("answer", requests=requests, says="oskbc-initrd-agent: ").split("\n")
        self.assertEqual([bytes(json.loads(answer)["keyunwrapresults"]["optsdata"]) if answer else b""
                          for answer in answers], [b'{"a":1}', b"", b'{"b":2}', b""])

    def test_without_a_secret_it_goes_on(self):
        self.secret.unlink()
        self.assertEqual(self.agent("answer", requests=self.request({}) * 2, says="no"), "\n\n")

    def test_other_parameters_are_refused_each_time(self):
        self.assertEqual(self.agent("answer", requests=self.request({}), says="another KBC",
                                    AA_KBC_PARAMS="cc_kbc::http://there"), "\n")


class Parameters(AgentTest):
    """Where aa_kbc_params is found. An image with a key that is not there tells that the client opened."""

    def opens(self, status, says="", **environment):
        """Ends so when the agent is asked for the first key."""
        layer = image.Encrypted(self.container())
        layer.packets = image.packet(layer.options, kid="key_id2")
        self.write(layer)
        self.run_image(status=status, says=says, **environment)

    def configure(self, text):
        """Writes the configuration file."""
        (self.guest / "etc/agent-config.toml").write_text(text)

    def test_the_file(self):
        self.configure("# aa_kbc_params = 'no'\nother = 1\n  aa_kbc_params='offline_sev_kbc::x' # yes\n")
        self.opens(10)

    def test_a_table_of_the_file_is_not_looked_into(self):
        self.configure(f'[table]\naa_kbc_params = "{PARAMS}"\n')
        self.opens(3, "no aa_kbc_params")

    def test_the_command_line(self):
        self.configure("")
        (self.guest / "proc").mkdir()
        (self.guest / "proc/cmdline").write_text(f"quiet agent.aa_kbc_params={PARAMS} other\n")
        self.opens(10)

    def test_the_environment_comes_first(self):
        self.opens(3, AA_KBC_PARAMS="cc_kbc::http://there")

    def test_a_file_of_another_name(self):
        self.configure("")
        other = self.folder / "other.toml"
        other.write_text(f'aa_kbc_params = "{PARAMS}"\n')
        self.write(image.Encrypted(self.container()))
        self.agent("--config", other, "run", self.folder / "nothing", self.root, status=BAD_IMAGE, says="index.json")
        self.agent("--config", self.folder / "no.toml", "answer", status=5, says="no.toml")

    def test_nowhere(self):
        (self.guest / "etc/agent-config.toml").unlink()
        self.opens(3, "agent.aa_kbc_params=")


class CommandLine(AgentTest):
    """What is asked of it."""

    def test_it_tells_how_it_is_used(self):
        for arguments in ((), ("walk",), ("run",), ("run", "image"), ("answer", "more")):
            self.agent(*arguments, status=USAGE, says="oskbc-initrd-agent --help")

    def test_the_new_root_has_to_be_new(self):
        self.write(image.Plain(self.container()))
        self.root.mkdir()
        self.run_image(status=CANNOT_RUN, says="making")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    AGENT, CONTAINER = (str(pathlib.Path(name).resolve()) for name in sys.argv[1:3])
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
