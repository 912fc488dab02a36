#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""oskbc --agent: what a shell, and a container client that starts a command per layer, get from a running agent.

usage: bridge_test.py OSKBC AGENT [unittest's arguments]
"""
import hashlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

from guest import KEK, OPTIONS, PARAMS, SECONDS, Guest, Program, options_of, packet, request, text64

TOOL = AGENT = ""
VECTORS = pathlib.Path(__file__).resolve().parents[1] / "vectors"
RECIPIENTS = (VECTORS / "recipients/samekid").read_bytes()


class Bridge(unittest.TestCase):
    """A guest with an agent that has taken the keyset."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.guest = Guest(folder.name, **{"key_id1": text64(KEK), "default/policy/1": text64(b"allow nothing"),
                                           "default/quote/\"\u00fc": text64(bytes(5))})
        self.guest.configure(f'aa_kbc_params = "{PARAMS}"\n')
        self.address = f"unix://{self.folder}/a.sock"

    def agent(self, *arguments):
        """A running agent that ends with the test."""
        agent = Program(AGENT, self.guest.root, *(arguments or [f"--cdh_sock={self.address}"]))
        self.addCleanup(agent.__exit__)
        agent.line()
        return agent

    def run_tool(self, *arguments, given=b""):
        """The tool's exit status, output and error."""
        done = subprocess.run([TOOL, *arguments], input=given, capture_output=True, timeout=SECONDS, check=False)
        return done.returncode, done.stdout, done.stderr.decode()

    def asks(self, *arguments, given=b""):
        """What it writes, when it asks the agent and succeeds."""
        status, said, error = self.run_tool("--agent", self.address, *arguments, given=given)
        self.assertEqual((status, error), (0, ""))
        return said

    def fails(self, status, says, *arguments, given=b""):
        """It ends so, with one line and no output."""
        ended, said, error = self.run_tool(*arguments, given=given)
        self.assertEqual((ended, said), (status, b""), error)
        self.assertEqual(len(error.splitlines()), 1, error)
        self.assertIn(says, error)


class Asking(Bridge):
    """--agent."""

    def test_one_layer_after_the_other(self):
        self.agent()
        for number in range(20):
            secret = {"symkey": f"of layer {number}"}
            self.assertEqual(options_of(self.asks("keyprovider", given=request(packet(secret)))), secret)

    def test_the_recorded_requests_of_the_real_client(self):
        keys = {"key_id1": text64(hashlib.sha256(b"throw-away test key").digest())}
        self.guest = Guest(self.folder, **keys)
        self.agent()
        for asked in sorted(VECTORS.glob("ocicrypt/*_keyunwrap_*.stdin.json")):
            answer = json.loads(asked.with_name(asked.name.replace("stdin", "stdout")).read_bytes())
            expected = answer["keyunwrapresults"]["optsdata"]
            got = json.loads(self.asks("keyprovider", given=asked.read_bytes()))["keyunwrapresults"]["optsdata"]
            self.assertEqual(text64(bytes(got)), expected, asked.name)

    def test_unwrap_resource_and_list(self):
        self.agent()
        self.assertEqual(json.loads(self.asks("unwrap", given=packet(OPTIONS).encode())), OPTIONS)
        for name in ("default/policy/1", "kbs:///default/policy/1"):
            self.assertEqual(self.asks("resource", name), b"allow nothing")
        self.assertEqual(self.asks("list").decode().splitlines(),
                         ["13\tdefault/policy/1", "5\tdefault/quote/\"\u00fc", "32\tkey_id1"])
        listed = {entry["id"]: entry["length"] for entry in json.loads(self.asks("list", "--json"))}
        self.assertEqual(listed, {"key_id1": 32, "default/policy/1": 13, "default/quote/\"\u00fc": 5})

    def test_several_recipients(self):
        self.guest = Guest(self.folder, **json.loads((VECTORS / "recipients/keys.json").read_text(encoding="utf-8")))
        self.agent()
        self.assertTrue(self.asks("unwrap", given=RECIPIENTS).startswith(b'{"symkey":"VhPupCpq'))
        unwrap = {"dc": None, "annotation": RECIPIENTS.decode()}
        answer = self.asks("keyprovider", given=request(keyunwrapparams=unwrap))
        self.assertTrue(options_of(answer)["symkey"].startswith("VhPupCpq"))
        first = RECIPIENTS.split(b",")[0].decode()
        others = ",".join([packet(OPTIONS, "other"), text64(b'{"provider":"aliyun"}'), "*", first])
        self.fails(12, "does not open", "--agent", self.address, "unwrap", given=others.encode())

    def test_the_agents_reasons_are_the_tools(self):
        self.agent()
        self.fails(10, "no such", "--agent", self.address, "resource", "kbs:///a/b/c")
        self.fails(12, "does not open", "--agent", self.address, "unwrap", given=packet(OPTIONS, kek=bytes(32)).encode())
        self.fails(10, "no such", "--agent", self.address, "keyprovider", given=request(packet(OPTIONS, "other")))
        self.guest.secret.unlink(missing_ok=True)

    def test_an_agent_without_a_keyset(self):
        self.guest.secret.unlink()
        self.agent()
        self.fails(4, "read already", "--agent", self.address, "list")

    def test_what_is_no_agent(self):
        path = f"{self.folder}/a.sock"
        self.fails(5, "No such file", "--agent", self.address, "list")
        self.fails(1, "unix", "--agent", "127.0.0.1:1", "list")
        with socket.socket(socket.AF_UNIX) as other:
            other.bind(path)
            other.listen()
            self.fails_with_answer(other, b"", "closed the connection")
            self.fails_with_answer(other, b"HTTP/1.1 400 Bad Request\r\n\r\n", "does not answer as an agent")
        self.assertTrue(self.guest.secret.exists())

    def fails_with_answer(self, listening, answer, says):
        """What listens answers with these bytes."""
        with subprocess.Popen([TOOL, "--agent", self.address, "list"], stderr=subprocess.PIPE) as tool:
            connection, _ = listening.accept()
            connection.recv(4096)
            connection.sendall(answer)
            connection.close()
            self.assertIn(says, tool.stderr.read().decode())
            self.assertEqual(tool.wait(SECONDS), 5)

    def test_keywrap_needs_no_agent(self):
        wrap = {"op": "keywrap", "keywrapparams": {"ec": {"Parameters": {"attestation-agent": [
            text64(f"{self.folder}/keys.json:key_id1".encode())]}}, "optsdata": text64(b"{}")}, "keyunwrapparams": {}}
        (self.folder / "keys.json").write_text(json.dumps({"key_id1": text64(KEK)}))
        self.assertIn(b"keywrapresults", self.asks("keyprovider", given=json.dumps(wrap).encode()))


class Finding(Bridge):
    """list and doctor find the guest's agent by themselves."""

    def test_list(self):
        agent = self.agent("--open=start")
        status, said, _ = self.run_tool("--root", self.guest.root, "list")
        self.assertEqual((status, len(said.splitlines())), (0, 3))
        # A list that uses the keyset up does not mean the agent's.
        self.assertEqual(self.run_tool("--root", self.guest.root, "list", "--consume")[0], 4)
        agent.stop(signal.SIGTERM)
        self.assertEqual(self.run_tool("--root", self.guest.root, "list")[0], 4)

    def test_doctor(self):
        agent = self.agent("--open=start")
        status, said, _ = self.run_tool("--root", self.guest.root, "doctor")
        self.assertEqual(status, 0, said)
        self.assertRegex(said.decode(), r"ok +agent +runs at .*keyprovider\.sock and has taken the keyset")
        self.assertRegex(said.decode(), r"ok +keyset +1 of 3 entries can unwrap")
        agent.stop(signal.SIGTERM)
        status, said, _ = self.run_tool("--root", self.guest.root, "doctor")
        self.assertEqual(status, 4)
        self.assertNotIn("agent ", said.decode())

    def test_doctor_with_an_agent_that_has_no_keyset(self):
        self.guest.secret.unlink()
        self.agent("--open=start")
        status, said, _ = self.run_tool("--root", self.guest.root, "doctor")
        self.assertEqual(status, 4)
        self.assertRegex(said.decode(), r"warn +agent +runs, and has no keyset")
        self.assertRegex(said.decode(), r"FAIL +entry ")

    def test_doctor_with_an_agent_that_is_not_there(self):
        status, said, _ = self.run_tool("--agent", self.address, "doctor")
        self.assertEqual(status, 5)
        self.assertRegex(said.decode(), r"FAIL +agent +cannot connect")

    def test_beside_a_hub_that_is_not_ours(self):
        path = self.guest.root / "run/confidential-containers/cdh.sock"
        path.parent.mkdir(parents=True)
        with socket.socket(socket.AF_UNIX) as hub:
            hub.bind(str(path))
            hub.listen()
            with subprocess.Popen([TOOL, "--root", self.guest.root, "list"], stdout=subprocess.PIPE) as tool:
                connection, _ = hub.accept()
                head = connection.recv(4096)
                # UNIMPLEMENTED, in the hub's words.
                connection.sendall(b"\0\0\0\x0a" + head[4:8] + b"\x02\0" + b"\x0a\x08\x08\x0c\x12\x04none")
                connection.close()
                self.assertEqual(len(tool.stdout.read().splitlines()), 3)
        self.assertTrue(self.guest.secret.exists())


class Exporting(Bridge):
    """export, for a hub's offline_fs_kbc."""

    def setUp(self):
        super().setUp()
        kind = subprocess.run(["stat", "-f", "-c", "%T", "/dev/shm"], stdout=subprocess.PIPE, check=True)
        if kind.stdout != b"tmpfs\n":
            self.skipTest("/dev/shm is no tmpfs here")
        self.memory = tempfile.TemporaryDirectory(dir="/dev/shm")
        self.addCleanup(self.memory.cleanup)
        self.file = pathlib.Path(self.memory.name) / "resources.json"

    def exported(self):
        """What the file holds, as the hub reads it."""
        return json.loads(self.file.read_text(encoding="utf-8"))

    def test_all_entries_and_chosen_ones(self):
        self.agent()
        self.assertEqual(self.asks("export", "--offline-fs-kbc", self.file), b"")
        self.assertEqual(self.exported(), self.guest.keyset)
        self.assertEqual(self.file.stat().st_mode & 0o777, 0o600)
        self.asks("export", "--offline-fs-kbc", self.file, "default/policy/1")
        self.assertEqual(self.exported(), {"default/policy/1": text64(b"allow nothing")})
        self.assertEqual(os.listdir(self.memory.name), ["resources.json"])

    def test_nothing_is_written_where_one_is_missing(self):
        self.agent()
        self.fails(10, "no such", "--agent", self.address, "export", "--offline-fs-kbc", self.file, "key_id1", "none")
        self.assertFalse(self.file.exists())

    def test_a_link_is_replaced_and_not_followed(self):
        self.agent()
        target = pathlib.Path(self.memory.name) / "target"
        target.write_text("somebody's")
        self.file.symlink_to(target)
        self.asks("export", "--offline-fs-kbc", self.file)
        self.assertEqual(target.read_text(), "somebody's")
        self.assertFalse(self.file.is_symlink())


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    TOOL, AGENT = (str(pathlib.Path(argument).resolve()) for argument in sys.argv[1:3])
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
