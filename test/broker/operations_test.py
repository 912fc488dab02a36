#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What who runs `sev-guest-owner serve` has to do with it: reloads that revoke, what systemd is told, health,
reflection, metrics, the audit and its rotation.

usage: operations_test.py SEV_GUEST_OWNER PLATFORM_TOOL [unittest's arguments]
"""
import contextlib
import gzip
import hashlib
import json
import os
import pathlib
import pwd
import shutil
import signal
import socket
import sqlite3
import subprocess
import threading
import time
import unittest
import urllib.request

# pylint: disable=wrong-import-order
from broker import KEYSETS, SECONDS
from broker_case import BrokerTest, CODES, main
import postgres
import grpc

KEYSET_INVALID = (CODES.INVALID_ARGUMENT, "KEYSET INVALID")
SNIPPET = pathlib.Path(__file__).resolve().parents[2] / "tools/broker/logrotate.in"


class OperationsTest(BrokerTest):
    """A broker that is told over its control socket."""

    def setUp(self):
        for name in ("keys.json", "keysets.json"):
            file = self.world.folder / name
            self.addCleanup(file.write_bytes, file.read_bytes())
        self.control = str(self.world.folder / f"control-{time.monotonic_ns() % 10**9}")

    def controlled(self, *arguments, **options):
        return self.broker("--control", self.control, *arguments, **options)

    def command(self, *words, **options):
        return subprocess.run([self.world.tool, "serve", *words], cwd=self.world.folder, capture_output=True, text=True,
                              check=False, timeout=SECONDS, **options)

    def reload(self, status=0):
        """As ExecReload= does it; gives what it says."""
        done = self.command("--control", self.control, "--reload")
        self.assertEqual(done.returncode, status, done.stderr)
        return done.stderr

    def without_key(self, key):
        """Somebody removes a key, and forgets the keysets."""
        file = self.world.folder / "keys.json"
        file.write_text(json.dumps({one: self.world.keys[one] for one in self.world.keys if one != key}))


class Reload(OperationsTest):
    """New files, and what is wrong with some of them."""

    def test_a_keyset_whose_key_is_gone_is_refused_and_the_others_are_read(self):
        broker = self.controlled()
        client = self.client(broker)
        self.assertEqual(client.launch(self.platform, KeysetId="KEYSET-2"), self.key("key_id1", "key_id2"))
        self.without_key("key_id2")
        self.world.write_keysets({**KEYSETS, "NEW": KEYSETS["KEYSET-1"]})
        said = self.reload(status=7)
        self.assertIn("keyset KEYSET-2 is refused from now on: keys.json has no key for the id key_id2", said)
        self.assertIn(said.strip(), broker.messages())
        connection, guest = client.open(self.platform)
        self.refused(KEYSET_INVALID, client.secret, connection, guest.measurement, KeysetId="KEYSET-2")
        self.assertRegex(broker.audit()[-1]["reason"], "cannot be released since the last reload: .* key_id2")
        client.secret(connection, guest.measurement, KeysetId="NEW")
        record = next(line for line in broker.records() if line["event"] == "reload")
        self.assertEqual((record["decision"], record["refused_keysets"], record["keysets"]), ("failed", ["KEYSET-2"], 2))
        self.assertIn("key_id2", record["problems"][0])
        (self.world.folder / "keys.json").write_text(json.dumps(self.world.keys))
        self.assertEqual(self.reload(), "")
        self.assertEqual(client.launch(self.platform, KeysetId="KEYSET-2"), self.key("key_id1", "key_id2"))

    def test_a_missing_folder_of_the_audit_keeps_nothing_else_from_its_effect(self):
        folder = self.world.folder / "log"
        folder.mkdir()
        broker = self.controlled(audit=folder / "audit.log")
        client = self.client(broker)
        moved = folder.rename(self.world.folder / "log.old")
        self.without_key("key_id2")
        said = self.reload(status=5)
        self.assertIn("the audit goes on in its old file: opening", said)
        self.assertIn("keyset KEYSET-2 is refused", said)
        self.refused(KEYSET_INVALID, client.secret, 1, b"", KeysetId="KEYSET-2")
        client.launch(self.platform)
        decisions = [json.loads(line)["decision"] for line in (moved / "audit.log").read_text().splitlines()]
        self.assertEqual(decisions, ["done", "failed", "refused", "opened", "released"])

    def test_files_that_cannot_be_read_as_a_whole_leave_the_old_ones(self):
        broker = self.controlled()
        for name in ("keys.json", "keysets.json"):
            file = self.world.folder / name
            right = file.read_bytes()
            file.write_text("{")
            self.assertIn("keys and keysets are the old ones: ", self.reload(status=7))
            file.unlink()
            self.assertIn("keys and keysets are the old ones: ", self.reload(status=5))
            file.write_bytes(right)
            file.chmod(0o600)
            self.assertEqual(self.client(broker).launch(self.platform), self.key("key_id1"))

    def test_ceks_and_roots_are_read_anew(self):
        folder = self.world.folder
        (folder / "ceks").mkdir()
        cek = folder / "ceks/host.cert"
        cek.write_bytes((folder / "host/cek.cert").read_bytes())
        root = folder / "root.cert"
        root.write_bytes((folder / "host/ask.cert").read_bytes() + (folder / "host/ark.cert").read_bytes())
        client = self.client(self.controlled(trust=("--amd-root", "root.cert", "--cek", "ceks")))
        invalid = (CODES.INVALID_ARGUMENT, "CERTIFICATE CHAIN INVALID")
        exported = {"CertificateChain": self.platform.exported}
        client.bundle(self.platform, **exported)
        cek.unlink()
        self.reload()
        self.refused(invalid, client.bundle, self.platform, **exported)
        client.bundle(self.platform)
        self.world.run(self.world.platform_tool, "init", "stranger")
        root.write_bytes((folder / "stranger/ark.cert").read_bytes())
        self.reload()
        self.refused(invalid, client.bundle, self.platform)
        root.write_text("no certificate")
        self.assertIn("roots and CEKs are the old ones: ", self.reload(status=1))

    def test_the_signal_does_the_same(self):
        broker = self.broker()
        self.without_key("key_id2")
        broker.reload()
        self.assertTrue(broker.has_said("keyset KEYSET-2 is refused from now on"))
        self.refused(KEYSET_INVALID, self.client(broker).secret, 1, b"", KeysetId="KEYSET-2")

    def test_reloads_under_load_refuse_nobody(self):
        client = self.client(self.controlled())
        stop, failures = threading.Event(), []

        def launch():
            while not stop.is_set():
                try:
                    client.launch(self.platform)
                except grpc.RpcError as error:
                    failures.append(error)
        threads = [threading.Thread(target=launch) for _ in range(4)]
        for thread in threads:
            thread.start()
        for _ in range(20):
            self.reload()
        stop.set()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])

    def test_where_no_broker_answers_is_said(self):
        done = self.command("--control", self.control, "--reload")
        self.assertEqual(done.returncode, 5)
        self.assertIn("no broker listens on", done.stderr)
        done = self.command("--reload")
        self.assertEqual(done.returncode, 64)
        self.assertIn("--control is required", done.stderr)

    @unittest.skipUnless(os.getuid() == 0, "only root can become somebody else")
    def test_nobody_else_is_heard(self):
        self.controlled()
        self.world.folder.chmod(0o755)
        os.chmod(self.control, 0o777)
        # What nobody may read, nobody can start either.
        ask = "import socket,sys\ns=socket.socket(socket.AF_UNIX)\ns.connect(sys.argv[1])\n" \
              "s.sendall(b'reload\\n')\nsys.exit(len(s.recv(100)))"
        for user, heard in (("nobody", False), ("root", True)):
            done = subprocess.run([*postgres.as_user(pwd.getpwnam(user)), "python3", "-c", ask, self.control], cwd="/",
                                  check=False, timeout=SECONDS, stderr=subprocess.DEVNULL)
            self.assertEqual(done.returncode == 2, heard, user)


class ServiceManager(OperationsTest):
    """What systemd hears, and those who ask for health and figures."""

    def notified(self, **environment):
        """A socket as systemd has it, and what the broker needs to know of it."""
        manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(manager.close)
        name = str(self.world.folder / f"notify-{time.monotonic_ns() % 10**9}")
        manager.bind(name)
        manager.settimeout(SECONDS)
        return manager, {"NOTIFY_SOCKET": name, **environment}

    def hear(self, manager, wanted):
        """Waits for a message with this in it."""
        while True:
            message = manager.recv(4096).decode()
            if wanted in message:
                return message

    @contextlib.contextmanager
    def broken_state(self, state):
        """The table of the launches is called otherwise for a while."""
        database = sqlite3.connect(self.world.folder / state, timeout=SECONDS, isolation_level=None)
        table, = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE "
                                  "'oskbc_launches%'").fetchone()
        database.execute(f"ALTER TABLE {table} RENAME TO away")
        yield
        database.execute(f"ALTER TABLE away RENAME TO {table}")
        database.close()

    def test_the_status_has_the_outcome_of_a_reload(self):
        manager, environment = self.notified()
        self.controlled(environment=environment)
        self.hear(manager, "READY=1")
        self.hear(manager, "STATUS=0 launches wait for their secret")
        self.without_key("key_id2")
        self.reload(status=7)
        self.hear(manager, "STATUS=reload failed: keyset KEYSET-2 is refused from now on")
        (self.world.folder / "keys.json").write_text(json.dumps(self.world.keys))
        self.reload()
        self.assertNotIn("reload", self.hear(manager, "STATUS="))

    def test_the_watchdog_is_kept_quiet_only_while_the_state_answers(self):
        manager, environment = self.notified(WATCHDOG_USEC="300000")
        state = self.state()
        broker = self.broker(state=state, environment=environment)
        health = self.client(broker)
        for _ in range(2):
            self.hear(manager, "WATCHDOG=1")
        self.assertEqual(self.health(health), "SERVING")
        with self.broken_state(state):
            self.hear(manager, "STATUS=the state does not answer")
            manager.settimeout(0.5)
            with self.assertRaises(TimeoutError):
                self.hear(manager, "WATCHDOG=1")
            self.assertEqual(self.health(health), "NOT_SERVING")
            self.assertEqual(self.health(health, b"Setup"), "NOT_SERVING")
        manager.settimeout(SECONDS)
        self.hear(manager, "WATCHDOG=1")
        self.assertEqual(self.health(health, b"Setup"), "SERVING")
        # The socket holds few messages, and the broker waits for room.
        threading.Thread(target=self.hear, args=(manager, "STOPPING=1")).start()
        self.assertEqual(broker.stop(), 0)

    def health(self, client, name=b""):
        """As grpc.health.v1.Health has its messages: field 1 is a name, and a number."""
        call = client.channel.unary_unary("/grpc.health.v1.Health/Check")
        answer = call(b"\x0a" + bytes([len(name)]) + name if name else b"", timeout=SECONDS)
        return {b"\x08\x01": "SERVING", b"\x08\x02": "NOT_SERVING"}[answer]

    def test_health_of_what_is_not_there(self):
        client = self.client(self.broker())
        self.assertEqual(self.health(client), "SERVING")
        with self.assertRaises(grpc.RpcError) as caught:
            self.health(client, b"None")
        self.assertEqual(caught.exception.code(), CODES.NOT_FOUND)

    def services(self, *arguments):
        """What the reflection lists: field 7 of its request is list_services."""
        client = self.client(self.broker(*arguments))
        call = client.channel.stream_stream("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")
        return next(call(iter([b"\x3a\x00"]), timeout=SECONDS))

    def test_reflection_only_by_an_option(self):
        with self.assertRaises(grpc.RpcError) as caught:
            self.services()
        self.assertEqual(caught.exception.code(), CODES.UNIMPLEMENTED)
        listed = self.services("--reflection")
        for name in (b"Setup", b"grpc.health.v1.Health"):
            self.assertIn(name, listed)

    def metrics(self, broker):
        address = next(line.rpartition(" ")[2] for line in broker.messages().splitlines() if "metrics on" in line)
        with urllib.request.urlopen(f"http://{address}/metrics", timeout=SECONDS) as answer:
            lines = answer.read().decode().splitlines()
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")}

    def test_metrics_on_an_address_of_their_own(self):
        broker = self.controlled("--metrics", "127.0.0.1:0")
        client = self.client(broker)
        client.launch(self.platform)
        client.open(self.platform)
        self.refused(KEYSET_INVALID, client.secret, 1, b"", KeysetId="NONE")
        self.without_key("key_id2")
        self.reload(status=7)
        found = self.metrics(broker)
        for name, value in (('oskbc_launches_total{event="opened"}', 2), ('oskbc_launches_total{event="released"}', 1),
                            ('oskbc_refused_total{reason="KEYSET INVALID",request="secret"}', 1),
                            ('oskbc_reloads_total{outcome="well"}', 1), ('oskbc_reloads_total{outcome="failed"}', 1),
                            ('oskbc_files_well', 0), ('oskbc_keysets{state="refused"}', 1), ('oskbc_state_up', 1),
                            ('oskbc_step_seconds_count{step="state_claim"}', 1)):
            self.assertEqual(found.get(name), value, name)
        self.assertGreater(found['oskbc_state_seconds_count'], 0)
        for step in ("chain", "session", "state_open", "state_find", "measurement", "seal", "audit"):
            self.assertGreater(found[f'oskbc_step_seconds_sum{{step="{step}"}}'], 0, step)

    def test_connections_are_counted_at_the_next_look_at_the_state(self):
        manager, environment = self.notified(WATCHDOG_USEC="300000")
        broker = self.broker("--metrics", "127.0.0.1:0", environment=environment)
        self.assertEqual(self.health(self.client(broker)), "SERVING")
        for _ in range(100):
            self.hear(manager, "WATCHDOG=1")
            found = self.metrics(broker)
            if found["oskbc_connections_total"] > 0:
                break
        self.assertEqual((found["oskbc_connections_open"], found["oskbc_connections_total"]), (1, 1))

    def test_an_address_for_metrics_that_will_not_do_is_said(self):
        broker = self.broker("--metrics", "127.0.0.1:0")
        taken = next(line.rpartition(" ")[2] for line in broker.messages().splitlines() if "metrics on" in line)
        self.start_fails("cannot serve metrics on " + taken, "--metrics", taken)
        self.start_fails("--metrics: ", "--metrics", "unix:/tmp/metrics")


class Audit(OperationsTest):
    """What is in it, how it is read, and how it is moved away."""

    def sha256(self, name):
        return hashlib.sha256((self.world.folder / name).read_bytes()).hexdigest()

    def test_it_has_key_ids_and_which_files_were_in_force(self):
        broker = self.controlled()
        self.client(broker).launch(self.platform, KeysetId="KEYSET-2")
        first = self.sha256("keys.json"), self.sha256("keysets.json")
        self.world.write_keysets({"KEYSET-1": KEYSETS["KEYSET-1"]})
        self.reload()
        start, _, released, reload = broker.records()
        self.assertEqual(released["key_ids"], ["key_id1", "key_id2"])
        version = self.world.run(self.world.tool, "--version").split()[1]
        for record, event, keys, keysets in ((start, "start", *first), (reload, "reload", first[0],
                                                                        self.sha256("keysets.json"))):
            self.assertEqual((record["event"], record["version"]), (event, version))
            self.assertEqual((record["keys_sha256"], record["keysets_sha256"]), (keys, keysets))

    def test_an_option_leaves_the_keys_out(self):
        broker = self.broker("--audit-without-key-ids")
        self.client(broker).launch(self.platform)
        self.assertNotIn("key_id", broker.audit_file.read_text())
        self.assertNotIn(self.sha256("keys.json"), broker.audit_file.read_text())
        self.assertEqual(broker.audit()[-1]["keys"], 1)

    def test_a_command_reads_it(self):
        broker = self.broker()
        client = self.client(broker)
        client.launch(self.platform)
        self.refused(KEYSET_INVALID, client.secret, 1, b"", KeysetId="NONE")
        command = [self.world.tool, "audit", broker.audit_file]
        self.assertEqual(self.world.run(*command, "--json"), broker.audit_file.read_text())
        found = self.world.run(*command, "--decision", "refused", "--keyset", "NONE", "--since", "1h").splitlines()
        self.assertEqual(len(found), 1)
        self.assertIn("secret refused keyset=NONE connection=1 client=ipv", found[0])
        platform = hashlib.sha256(self.platform.pdh).hexdigest()
        self.assertEqual(len(self.world.run(*command, "--platform", platform[:8]).splitlines()), 2)

    def rotate(self, broker, *_):
        """By renaming, and the command that logrotate calls."""
        broker.audit_file.rename(f"{broker.audit_file}.{time.monotonic_ns()}")
        done = self.command("--control", self.control, "--reopen-audit")
        self.assertEqual(done.returncode, 0, done.stderr)

    def logrotate(self, broker, number):
        """By logrotate, with what is installed for it, but for paths and user."""
        text = SNIPPET.read_text().replace("/var/log/sev-guest-owner/audit.log", str(broker.audit_file))
        text = text.replace("/run/sev-guest-owner/control", self.control).replace("    weekly\n", "    size 1\n")
        text = text.replace("    su sev-guest-owner sev-guest-owner\n", "")
        text = text.replace("@servedir@/sev-guest-owner-serve", f"{self.world.tool} serve")
        self.assertNotRegex(text, "@|/var/|/run/")
        configuration = self.world.folder / f"logrotate.conf.{number}"
        configuration.write_text(text)
        state = self.world.folder / "logrotate.state"
        done = subprocess.run(["logrotate", "--verbose", "--state", state, configuration], capture_output=True, text=True,
                              check=False, timeout=SECONDS)
        self.assertEqual(done.returncode, 0, done.stderr)

    def rotated_under_load(self, rotate):
        """Nothing is lost: each decision that a client heard of is in one of the files, once."""
        broker = self.controlled()
        client, stop, connections = self.client(broker), threading.Event(), []

        def launch():
            while not stop.is_set():
                connection, guest = client.open(self.platform)
                client.secret(connection, guest.measurement)
                connections.append(connection)
        threads = [threading.Thread(target=launch) for _ in range(4)]
        for thread in threads:
            thread.start()
        for number in range(5):
            time.sleep(0.2)
            while not broker.audit_file.stat().st_size:
                time.sleep(0.02)
            rotate(broker, number)
        stop.set()
        for thread in threads:
            thread.join()
        files = list(self.world.folder.glob(broker.audit_file.name + "*"))
        self.assertEqual(len(files), 6)
        text = b"".join(gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
                        for file in files).decode()
        records = [json.loads(line) for line in text.splitlines()]
        for decision in ("opened", "released"):
            found = sorted(line["connection"] for line in records if line["decision"] == decision)
            self.assertEqual(found, sorted(connections), decision)
        return files

    def test_nothing_is_lost_while_it_is_moved_away(self):
        self.rotated_under_load(self.rotate)

    @unittest.skipUnless(shutil.which("logrotate"), "logrotate is not installed")
    def test_nothing_is_lost_while_logrotate_moves_it_away(self):
        files = self.rotated_under_load(self.logrotate)
        self.assertTrue(any(file.suffix == ".gz" for file in files))

    def test_a_folder_that_is_gone_is_said_and_the_old_file_goes_on(self):
        folder = self.world.folder / "logs"
        folder.mkdir()
        broker = self.controlled(audit=folder / "audit.log")
        moved = folder.rename(self.world.folder / "logs.old")
        done = self.command("--control", self.control, "--reopen-audit")
        self.assertEqual(done.returncode, 5)
        self.assertIn("the audit goes on in its old file: opening", done.stderr)
        self.client(broker).launch(self.platform)
        self.assertEqual(len((moved / "audit.log").read_text().splitlines()), 3)
        self.assertEqual(broker.stop(signal.SIGTERM), 0)


if __name__ == "__main__":
    main(__doc__)
