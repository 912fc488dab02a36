#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""TLS of `sev-guest-owner serve`: who is let in, what was revoked, and files that change.

usage: tls_test.py SEV_GUEST_OWNER PLATFORM_TOOL [unittest's arguments]
"""
import datetime
import ssl
import time

# pylint: disable=wrong-import-order
from broker import KEYSETS, POLICY
from broker_case import BrokerTest, CODES, CONNECTION, main
import grpc
from certificates import Authority
from flood import Connection

DAY = datetime.timedelta(days=1)


class Tls(BrokerTest):
    """An owner's authority, and files of the broker's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.authority = Authority("owner")
        cls.write("ca.cert", cls.authority.certificate)

    def setUp(self):
        self.write_server(self.authority)

    @classmethod
    def write(cls, name, content):
        (cls.world.folder / name).write_bytes(content)
        (cls.world.folder / name).chmod(0o600)

    def write_server(self, authority, **options):
        for name, text in zip(("tls.key", "tls.cert"), authority.issue("broker", **options)):
            self.write(name, text)

    def tls_broker(self, *arguments, **options):
        return self.broker("--tls-cert", "tls.cert", "--tls-key", "tls.key", *arguments, **options)

    def host(self, broker, identity=None, trusted=None):
        """A client with a key and certificate, if any, that trusts an authority."""
        key, certificate = identity or (None, None)
        trusted = trusted or self.authority
        return self.client(broker, grpc.ssl_channel_credentials(trusted.certificate, key, certificate))

    def is_let_in(self, client):
        try:
            client.bundle(self.platform, timeout=20)
            return True
        except grpc.RpcError as error:
            self.assertEqual(error.code(), CODES.UNAVAILABLE)
            return False

    def reload(self, broker, says=None):
        broker.reload()
        self.assertTrue(says is None or broker.has_said(says))

    def test_a_new_certificate_is_taken_when_told(self):
        broker = self.tls_broker()
        self.assertTrue(self.is_let_in(self.host(broker)))
        other = Authority("other")
        self.write_server(other)
        self.assertFalse(self.is_let_in(self.host(broker, trusted=other)))
        self.reload(broker)
        deadline = time.monotonic() + 20
        while not self.is_let_in(self.host(broker, trusted=other)):
            self.assertLess(time.monotonic(), deadline)
        self.assertFalse(self.is_let_in(self.host(broker)))

    def test_broken_files_leave_the_old_ones(self):
        broker = self.tls_broker("--tls-client-ca", "ca.cert")
        kept = self.host(broker, self.authority.issue("host-1"))
        self.assertTrue(self.is_let_in(kept))
        self.write("tls.cert", b"none")
        self.reload(broker, says="tls.cert: there is no PEM certificate in it")
        self.assertTrue(self.is_let_in(kept))
        self.assertTrue(self.is_let_in(self.host(broker, self.authority.issue("host-2"))))

    def test_who_is_revoked_is_let_in_no_more(self):
        self.write("none.crl", self.authority.revoke())
        broker = self.tls_broker("--tls-client-ca", "ca.cert", "--tls-crl", "none.crl")
        good, bad = self.authority.issue("good"), self.authority.issue("bad")
        open_good, open_bad = self.host(broker, good), self.host(broker, bad)
        self.assertTrue(self.is_let_in(open_good))
        self.assertTrue(self.is_let_in(open_bad))
        self.write("none.crl", self.authority.revoke(bad[1]))
        self.reload(broker, says="(bad): its certificate is not accepted any more")
        self.assertFalse(self.is_let_in(open_bad))
        self.assertFalse(self.is_let_in(self.host(broker, bad)))
        self.assertTrue(broker.has_said("certificate revoked"))
        self.assertTrue(self.is_let_in(open_good))
        self.assertTrue(self.is_let_in(self.host(broker, good)))

    def test_a_list_in_der_or_none_at_all(self):
        revoked = self.authority.issue("revoked")
        self.write("der.crl", self.authority.revoke(revoked[1], der=True))
        broker = self.tls_broker("--tls-client-ca", "ca.cert", "--tls-crl", "der.crl")
        self.assertFalse(self.is_let_in(self.host(broker, revoked)))
        self.assertTrue(self.is_let_in(self.host(broker, self.authority.issue("host"))))
        self.write("stranger.crl", Authority("stranger").revoke())
        broker = self.tls_broker("--tls-client-ca", "ca.cert", "--tls-crl", "stranger.crl")
        self.assertFalse(self.is_let_in(self.host(broker, self.authority.issue("host"))))
        for file in ("tls.cert", "missing.crl"):
            self.start_fails(file, "--tls-cert", "tls.cert", "--tls-key", "tls.key", "--tls-client-ca", "ca.cert",
                             "--tls-crl", file)

    def test_names(self):
        broker = self.tls_broker("--tls-client-ca", "ca.cert", "--max-connections-per-client", "2")
        for name in ("host-7", "host 8", "h\u00f6st-9"):
            key, certificate = self.authority.issue(name, alternative=False)
            self.assertTrue(self.is_let_in(self.host(broker, (key, certificate))))
            self.assertEqual(broker.audit()[-1]["client_name"], name)
        for name in ("host\n7", "x\0y"):
            self.assertFalse(self.is_let_in(self.host(broker, self.authority.issue(name, alternative=False))))
        self.assertFalse(self.is_let_in(self.host(broker, self.authority.issue("late", ends=-DAY / 48))))

    def test_one_name_has_so_many_connections(self):
        broker = self.tls_broker("--tls-client-ca", "ca.cert", "--max-connections-per-client", "3")
        context = ssl.create_default_context(cadata=self.authority.certificate.decode())
        context.set_alpn_protocols(["h2"])
        for name, text in zip(("host.key", "host.cert"), self.authority.issue("host")):
            self.write(name, text)
        context.load_cert_chain(self.world.folder / "host.cert", self.world.folder / "host.key")
        connections = [Connection(broker.address, context) for _ in range(5)]
        self.assertEqual([one.is_closed_within(0.5) for one in connections], [True, True, False, False, False])
        for one in connections:
            one.close()

    def test_older_versions_and_other_protocols_are_refused(self):
        broker = self.tls_broker()
        for change in (lambda context: setattr(context, "maximum_version", ssl.TLSVersion.TLSv1_1),
                       lambda context: context.set_alpn_protocols(["http/1.1"])):
            context = ssl.create_default_context(cadata=self.authority.certificate.decode())
            context.set_ciphers("ALL:@SECLEVEL=0")
            change(context)
            with self.assertRaises((ssl.SSLError, ConnectionError)):
                Connection(broker.address, context)

    def test_warnings(self):
        self.assertNotIn("warning: the server", self.tls_broker().messages().replace("there is no --cek", ""))
        self.write_server(self.authority, ends=-DAY / 48)
        self.assertRegex(self.tls_broker().messages(), "warning: the server's certificate in tls.cert expired at ")
        self.write_server(self.authority, ends=5 * DAY)
        self.assertRegex(self.tls_broker().messages(), "warning: the server's certificate in tls.cert expires at ")
        self.write_server(self.authority, begins=DAY / 2, ends=90 * DAY)
        self.assertRegex(self.tls_broker().messages(), "is not valid before .*: clients refuse it")
        self.write("leaf.cert", self.authority.issue("leaf")[1])
        said = self.tls_broker("--tls-client-ca", "leaf.cert").messages()
        self.assertIn("warning: a certificate in leaf.cert is no authority's", said)
        self.write("old.crl", self.authority.revoke(ends=-DAY / 48))
        said = self.tls_broker("--tls-client-ca", "ca.cert", "--tls-crl", "old.crl").messages()
        self.assertIn("warning: the revocation list in old.crl was to be replaced at ", said)

    def test_listening_for_anybody_is_warned_of(self):
        everywhere = {"listen": ("--listen", "0.0.0.0:0")}
        anybody = "there is no --tls-client-ca: anybody may ask"
        self.assertIn(anybody, self.tls_broker(**everywhere).messages())
        self.assertNotIn(anybody, self.tls_broker("--tls-client-ca", "ca.cert", **everywhere).messages())
        self.assertNotIn(anybody, self.tls_broker().messages())

    def named(self, broker, name):
        return self.host(broker, self.authority.issue(name))

    def test_a_launch_is_its_clients(self):
        broker = self.tls_broker("--tls-client-ca", "ca.cert")
        mine, other = self.named(broker, "host-1"), self.named(broker, "host-2")
        connection, guest = mine.open(self.platform)
        for _ in range(9):
            self.refused(CONNECTION, other.secret, connection, bytes(48))
        self.refused(CONNECTION, other.secret, connection, guest.measurement)
        # With a certificate that is new, and the same name.
        self.named(broker, "host-1").secret(connection, guest.measurement)

    def test_nobody_takes_the_places_of_others(self):
        broker = self.tls_broker("--tls-client-ca", "ca.cert", "--max-launches-per-client", "3")
        greedy, other = self.named(broker, "host-1"), self.named(broker, "host-2")
        for _ in range(3):
            greedy.bundle(self.platform)
        self.refused((CODES.RESOURCE_EXHAUSTED, "TOO MANY CONNECTIONS"), greedy.bundle, self.platform)
        self.assertEqual(other.launch(self.platform), self.key("key_id1"))

    def test_a_keyset_may_be_for_some(self):
        self.addCleanup(self.world.write_keysets, KEYSETS)
        self.world.write_keysets({"K": {**KEYSETS["KEYSET-1"], "allowed-policies": [POLICY],
                                        "allowed-clients": ["host-*"]}})
        broker = self.tls_broker("--tls-client-ca", "ca.cert")
        self.assertEqual(self.named(broker, "host-1").launch(self.platform, KeysetId="K"), self.key("key_id1"))
        other = self.named(broker, "guest-1")
        self.refused((CODES.INVALID_ARGUMENT, "KEYSET INVALID"), other.secret, 1, bytes(48), KeysetId="K")
        self.refused((CODES.INVALID_ARGUMENT, "POLICY INVALID"), other.bundle, self.platform)


if __name__ == "__main__":
    main(__doc__)
