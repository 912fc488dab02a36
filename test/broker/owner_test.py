#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The owner's side of `sev-guest-owner serve`: files, options, whom it trusts, TLS.

usage: owner_test.py SEV_GUEST_OWNER PLATFORM_TOOL [unittest's arguments]
"""
import base64
import hashlib
import json
import os
import unittest

# pylint: disable=wrong-import-order
from broker import KEYSETS, POLICY
from broker_case import BrokerTest, CODES, main
import grpc
from certificates import Authority


class Owner(BrokerTest):
    """The owner's files and options."""

    def test_keys_and_keysets_are_read_anew_when_told(self):
        broker = self.broker()
        client = self.client(broker)
        self.addCleanup(self.world.write_keysets, KEYSETS)
        self.world.write_keysets({**KEYSETS, "NEW": {**KEYSETS["KEYSET-1"], "allowed_keys": ["key_id2"]}})
        self.refused((CODES.INVALID_ARGUMENT, "KEYSET INVALID"), client.secret, 1, b"", KeysetId="NEW")
        broker.reload()
        self.assertEqual(client.launch(self.platform, KeysetId="NEW"), self.key("key_id2"))

    def test_broken_files_leave_the_old_ones(self):
        broker = self.broker()
        self.addCleanup(self.world.write_keysets, KEYSETS)
        (self.world.folder / "keysets.json").write_text("{")
        broker.reload()
        self.assertTrue(broker.has_said("keys and keysets are the old ones"))
        self.assertEqual(self.client(broker).launch(self.platform), self.key("key_id1"))

    def test_the_audit_can_be_moved_away(self):
        broker = self.broker()
        client = self.client(broker)
        client.launch(self.platform)
        moved = broker.audit_file.rename(str(broker.audit_file) + ".1")
        broker.reload()
        client.launch(self.platform)
        self.assertEqual([json.loads(line)["event"] for line in moved.read_text().splitlines()],
                         ["start", "bundle", "secret"])
        self.assertEqual([line["event"] for line in broker.records()], ["reload", "bundle", "secret"])

    @unittest.skipUnless(os.path.exists("/dev/full"), "there is no /dev/full")
    def test_what_cannot_be_audited_is_not_released(self):
        broker = self.broker()
        client = self.client(broker)
        connection, guest = client.open(self.platform)
        broker.audit_file.unlink()
        broker.audit_file.symlink_to("/dev/full")
        broker.reload()
        self.refused((CODES.UNAVAILABLE, "AUDIT UNAVAILABLE"), client.secret, connection, guest.measurement)
        self.assertTrue(broker.has_said("writing the audit failed: No space left on device"))

    def test_what_is_wrong_with_the_files_shows_at_the_start(self):
        self.addCleanup(self.world.write_keysets, KEYSETS)
        self.world.write_keysets({"K": {"allowed_keys": ["key_id1", "missing"]}})
        self.start_fails("has no key for the id")
        self.world.write_keysets({"K": {"allowed_digests": []}})
        self.start_fails("keyset K: it has no list of allowed_keys")
        self.world.write_keysets({"K": {"allowed_key": []}})
        self.start_fails("unknown member allowed_key; did you mean allowed_keys")
        self.world.write_keysets(KEYSETS)
        self.start_fails("keyset KEYSET-1: .*bytes", "--area", "64")

    def test_policies_that_let_the_host_debug_are_warned_of(self):
        self.addCleanup(self.world.write_keysets, KEYSETS)
        one = KEYSETS["KEYSET-1"]
        without = {name: value for name, value in one.items() if name != "allowed-policies"}
        self.world.write_keysets({"GOOD": {**one, "allowed-policies": [1]}, "DEBUG": {**one, "allowed-policies": [1, 0]},
                                  "ANY": without})
        said = self.broker().messages()
        self.assertIn("warning: keyset DEBUG allows the policy 0x0 (no bits set) without NODBG", said)
        self.assertIn("warning: keyset ANY has no allowed-policies, so the host chooses", said)
        self.assertNotIn("keyset GOOD", said)

    def test_hosts_whose_cek_nobody_signed_are_warned_of(self):
        missing = "warning: there is no --cek: hosts export their CEK without AMD's signature"
        self.assertIn(missing, self.broker().messages())
        self.assertNotIn(missing, self.broker("--cek", "host/cek.cert").messages())
        self.assertNotIn(missing, self.broker(trust=("--unsafe-skip-chain",)).messages())

    def test_stray_files_among_the_ceks_are_passed_over(self):
        folder = self.world.folder / "strays"
        folder.mkdir()
        (folder / "cek.cert").write_bytes((self.world.folder / "host/cek.cert").read_bytes())
        (folder / "notes").write_text("not a certificate")
        self.assertRegex(self.broker("--cek", "strays").messages(), "warning: passed over: .*notes: this is text")
        self.start_fails("notes: this is text", "--cek", "strays/notes")

    def test_files_that_others_may_change_are_refused(self):
        for name in ("keys.json", "keysets.json", "host/ark.cert"):
            file = self.world.folder / name
            mode = file.stat().st_mode & 0o777
            self.addCleanup(file.chmod, mode)
            file.chmod(mode | 0o020)
            with self.subTest(name):
                self.start_fails(f"{name}: others may write to it .mode 0[0-7]*.; who can change it decides")
                self.assertIn(f"warning: {name}: others may write to it", self.broker("--allow-loose-modes").messages())
            file.chmod(mode)
        keys = self.world.folder / "keys.json"
        keys.chmod(0o644)
        self.assertIn("warning: keys.json: others may read the keys in it", self.broker().messages())
        keys.chmod(0o600)

    def test_keys_may_be_encrypted(self):
        keys = self.world.folder / "keys.json"
        plain = keys.read_bytes()
        self.addCleanup(keys.write_bytes, plain)
        self.world.run(self.world.tool, "keys", "seal", "--keys-key", "keys.key")
        self.start_fails("keys.json is encrypted; --keys-key names the file of its key")
        self.assertEqual(self.client(self.broker("--keys-key", "keys.key")).launch(self.platform), self.key("key_id1"))
        credentials = self.world.folder / "keys-credentials"
        credentials.mkdir()
        (credentials / "oskbc-keys-key").write_bytes((self.world.folder / "keys.key").read_bytes())
        broker = self.broker(environment={"CREDENTIALS_DIRECTORY": str(credentials)})
        self.assertEqual(self.client(broker).launch(self.platform), self.key("key_id1"))

    def test_another_key_does_not_open_the_state(self):
        state = self.state()
        self.broker(state=state).stop()
        other = self.world.folder / "other.key"
        other.write_text(base64.b64encode(os.urandom(32)).decode() + "\n")
        other.chmod(0o600)
        self.start_fails("made with another key", state=state, key=("--state-key", "other.key"))

    def test_without_a_key_it_makes_one_beside_the_state(self):
        broker = self.broker(state="own.db", key=())
        connection, guest = self.client(broker).open(self.platform)
        self.assertIn("made own.db.key", broker.messages())
        self.assertEqual((self.world.folder / "own.db.key").stat().st_mode & 0o777, 0o600)
        broker.stop()
        broker = self.broker(state="own.db", key=())
        self.assertIn("1 launches wait", broker.messages())
        self.client(broker).secret(connection, guest.measurement)
        self.assertNotIn("made", broker.messages())

    def test_a_credential_of_the_service_manager(self):
        folder = self.world.folder / "credentials"
        folder.mkdir()
        (folder / "oskbc-state-key").write_bytes(os.urandom(32))
        # As systemd shows a file whose access control list lets the service's user in.
        (folder / "oskbc-state-key").chmod(0o440)
        self.broker(state="credential.db", key=(), environment={"CREDENTIALS_DIRECTORY": str(folder)})
        self.assertFalse((self.world.folder / "credential.db.key").exists())

    def test_postgres_needs_a_key(self):
        self.start_fails("--state-key is needed", state="postgresql:///none", key=())

    def test_a_key_that_others_can_read_is_refused(self):
        open_key = self.world.folder / "open.key"
        open_key.write_bytes(bytes(32))
        open_key.chmod(0o644)
        self.start_fails("chmod 600", key=("--state-key", "open.key"))

    def test_it_trusts_nobody_without_being_told(self):
        self.start_fails("which platforms to trust", trust=())

    def test_remote_listening_needs_tls_or_a_word(self):
        self.start_fails("without TLS", listen=("--listen", "0.0.0.0:0"))
        broker = self.broker("--plaintext-remote", listen=("--listen", "0.0.0.0:0"))
        self.assertIn("UNSAFE", broker.messages())

    def test_a_port_that_is_taken_is_said(self):
        broker = self.broker()
        self.start_fails("cannot listen", listen=("--port", broker.address.rpartition(":")[2]))

    def test_a_unix_socket(self):
        target = f"unix:{self.world.folder}/broker.sock"
        self.broker(listen=("--listen", target))
        self.assertEqual(self.client(target).launch(self.platform), self.key("key_id1"))

    def test_base64_for_clients_that_write_it_as_it_is(self):
        bundle = self.client(self.broker("--bundle-format", "base64")).bundle(self.platform)
        godh, blob = (base64.b64decode(field, validate=True)
                      for field in (bundle.GuestOwnerPublicKey, bundle.LaunchBlob))
        self.platform.launch(godh, blob, POLICY)

    def test_without_measuring_only_by_an_option(self):
        broker = self.broker("--unsafe-skip-measurement")
        client = self.client(broker)
        connection, guest = client.open(self.platform)
        guest.measure(b"\xee" * 32)
        secret = client.secret(connection, guest.measurement)
        guest.inject(secret.LaunchSecretHeader, secret.LaunchSecretData)
        self.assertIn("UNSAFE: launches are not verified", broker.messages())
        self.assertTrue(broker.audit()[-1]["measurement_skipped"])


class Trust(BrokerTest):
    """Which platforms get a bundle."""

    chain_invalid = (CODES.INVALID_ARGUMENT, "CERTIFICATE CHAIN INVALID")

    def test_another_root_is_not_trusted(self):
        self.world.run(self.world.platform_tool, "init", "stranger")
        client = self.client(self.broker(trust=("--amd-root", "stranger/ark.cert")))
        self.refused(self.chain_invalid, client.bundle, self.platform)
        client = self.client(self.broker(trust=("--amd-root", "stranger/ark.cert", "--amd-root", "host/ark.cert")))
        client.bundle(self.platform)

    def test_a_root_by_its_digest(self):
        ark = (self.world.folder / "host/ark.cert").read_bytes()
        digest = hashlib.sha256(ark).hexdigest()
        self.client(self.broker(trust=("--ark-sha256", digest))).bundle(self.platform)
        client = self.client(self.broker(trust=("--ark-sha256", "00" * 32)))
        self.refused(self.chain_invalid, client.bundle, self.platform)

    def test_a_chain_as_the_platform_exports_it_needs_the_owners_certificates(self):
        folder = self.world.folder
        root = folder / "ask_ark.cert"
        root.write_bytes((folder / "host/ask.cert").read_bytes() + (folder / "host/ark.cert").read_bytes())
        (folder / "ceks").mkdir(exist_ok=True)
        (folder / "ceks/host.cert").write_bytes((folder / "host/cek.cert").read_bytes())
        client = self.client(self.broker(trust=("--amd-root", "ask_ark.cert")))
        self.refused(self.chain_invalid, client.bundle, self.platform, CertificateChain=self.platform.exported)
        client = self.client(self.broker(trust=("--amd-root", "ask_ark.cert", "--cek", "ceks")))
        client.bundle(self.platform, CertificateChain=self.platform.exported)

    def test_base64_is_read_too(self):
        client = self.client(self.broker())
        client.bundle(self.platform, PlatformPublicKey=base64.encodebytes(self.platform.pdh),
                      CertificateChain=base64.b64encode(self.platform.chain))

    def test_anybody_only_by_an_option(self):
        broker = self.broker(trust=("--unsafe-skip-chain",))
        client = self.client(broker)
        client.bundle(self.platform, CertificateChain=b"CERT CHAIN GOES HERE")
        self.refused((CODES.INVALID_ARGUMENT, "PLATFORM PUBLIC KEY INVALID"), client.bundle, self.platform,
                     PlatformPublicKey=b"none")
        self.assertTrue(broker.audit()[0]["chain_skipped"])


class Tls(BrokerTest):
    """Who may ask, and who may listen in."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.authority = Authority("owner")
        key, certificate = cls.authority.issue("broker")
        for name, text in (("tls.key", key), ("tls.cert", certificate), ("ca.cert", cls.authority.certificate)):
            (cls.world.folder / name).write_bytes(text)
            (cls.world.folder / name).chmod(0o600)

    def credentials(self, authority=None, name=None):
        key, certificate = authority.issue(name) if authority else (None, None)
        return grpc.ssl_channel_credentials(self.authority.certificate, key, certificate)

    def tls_broker(self, *arguments, **options):
        return self.broker("--tls-cert", "tls.cert", "--tls-key", "tls.key", *arguments, **options)

    def turned_away(self, broker, credentials):
        with self.assertRaises(grpc.RpcError) as caught:
            self.client(broker, credentials).bundle(self.platform, timeout=10)
        self.assertEqual(caught.exception.code(), CODES.UNAVAILABLE)

    def test_a_launch_over_tls(self):
        broker = self.tls_broker()
        self.assertEqual(self.client(broker, self.credentials()).launch(self.platform), self.key("key_id1"))
        self.turned_away(broker, None)

    def test_clients_are_known_by_their_certificate(self):
        broker = self.tls_broker("--tls-client-ca", "ca.cert")
        self.client(broker, self.credentials(self.authority, "host-7")).launch(self.platform)
        self.assertEqual({line["client_name"] for line in broker.audit()}, {"host-7"})
        self.turned_away(broker, self.credentials())
        self.turned_away(broker, self.credentials(Authority("stranger"), "host-8"))
        self.assertEqual(len(broker.audit()), 2)

    def test_tls_lets_it_listen_for_others(self):
        broker = self.tls_broker(listen=("--listen", "0.0.0.0:0"))
        self.assertNotIn("UNSAFE", broker.messages())

    def test_files_that_will_not_do_are_said_at_the_start(self):
        (self.world.folder / "open.key").write_bytes((self.world.folder / "tls.key").read_bytes())
        (self.world.folder / "open.key").chmod(0o644)
        for arguments, says in ((("--tls-cert", "none", "--tls-key", "tls.key"), "none"),
                                (("--tls-cert", "tls.cert", "--tls-key", "open.key"), "chmod 600"),
                                (("--tls-cert", "tls.cert"), "--tls-key"),
                                (("--tls-client-ca", "ca.cert"), "--tls-cert"),
                                (("--tls-cert", "tls.key", "--tls-key", "tls.key"), "no PEM certificate"),
                                (("--tls-cert", "tls.cert", "--tls-key", "ca.cert"), "no PEM private key"),
                                (("--tls-cert", "ca.cert", "--tls-key", "tls.key"), "not the key of")):
            self.start_fails(says, *arguments)


if __name__ == "__main__":
    main(__doc__)
