#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `sev-guest-owner serve` refuses, with which words, and what it survives.

usage: refusals_test.py SEV_GUEST_OWNER PLATFORM_TOOL [unittest's arguments]
"""
import base64
import random
import socket

# pylint: disable=wrong-import-order
from broker import DIGEST, MESSAGES, POLICY, Broker
from broker_case import BrokerTest, CODES, CONNECTION, main, MEASUREMENT
import grpc


class Refusals(BrokerTest):
    """The codes and texts of the guide's server, in its order."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shared = Broker(cls.world)

    @classmethod
    def tearDownClass(cls):
        cls.shared.stop()
        super().tearDownClass()

    def setUp(self):
        self.host = self.client(self.shared)

    def test_each_has_its_text(self):
        connection, guest = self.host.open(self.platform)
        wrong = [({"KeysetId": "NONE"}, "KEYSET INVALID"), ({"KeysetId": ""}, "KEYSET INVALID"),
                 ({"Policy": 4}, "POLICY INVALID"),
                 ({"ApiMajor": 0}, "API MAJOR VERSION INVALID"), ({"ApiMajor": -1}, "API MAJOR VERSION INVALID"),
                 ({"ApiMajor": 257}, "API MAJOR VERSION INVALID"),
                 ({"ApiMinor": 49}, "API MINOR VERSION INVALID"), ({"ApiMinor": 311}, "API MINOR VERSION INVALID"),
                 ({"BuildId": 22}, "BUILD-ID INVALID"), ({"BuildId": 24 + 256}, "BUILD-ID INVALID"),
                 ({"BuildId": -1}, "BUILD-ID INVALID"),
                 ({"ConnectionId": 0}, "CONNECTION ID INVALID"), ({"ConnectionId": -1}, "CONNECTION ID INVALID"),
                 ({"ConnectionId": connection ^ 1}, "CONNECTION ID INVALID"),
                 ({"LaunchMeasurement": bytes(48)}, "MEASUREMENT INVALID"),
                 ({"LaunchMeasurement": b""}, "MEASUREMENT INVALID")]
        for fields, text in wrong:
            request = {"ConnectionId": connection, "LaunchMeasurement": guest.measurement, **fields}
            with self.subTest(fields):
                self.refused((CODES.INVALID_ARGUMENT, text), self.host.secret, request.pop("ConnectionId"),
                             request.pop("LaunchMeasurement"), **request)
        self.host.secret(connection, guest.measurement)

    def test_what_is_wrong_first_is_told(self):
        fields = {"KeysetId": "NONE", "Policy": 4, "ApiMajor": 0, "ApiMinor": 0, "BuildId": 0}
        for name, right, text in (("KeysetId", "KEYSET-1", "KEYSET INVALID"), ("Policy", POLICY, "POLICY INVALID"),
                                  ("ApiMajor", 1, "API MAJOR VERSION INVALID"),
                                  ("ApiMinor", 50, "API MINOR VERSION INVALID"), ("BuildId", 24, "BUILD-ID INVALID")):
            self.refused((CODES.INVALID_ARGUMENT, text), self.host.secret, 1, b"", **fields)
            fields[name] = right
        self.refused(CONNECTION, self.host.secret, 1, b"", **fields)

    def test_the_minor_version_counts_with_the_least_major_one_only(self):
        connection, guest = self.host.open(self.platform)
        guest.measure(DIGEST, api=(2, 0))
        self.host.secret(connection, guest.measurement, ApiMajor=2, ApiMinor=0)

    def test_a_measurement_is_of_this_launch_alone(self):
        connection, guest = self.host.open(self.platform)
        _, other = self.host.open(self.platform)
        measured = guest.measurement
        for wrong in (other.measurement, measured[:47], measured + b"\0", measured[:32], guest.measure(bytes(32))):
            self.refused(MEASUREMENT, self.host.secret, connection, wrong)
        self.refused(MEASUREMENT, self.host.secret, connection, measured, BuildId=23)
        self.host.secret(connection, measured)

    def test_a_launch_is_for_the_policy_of_its_bundle(self):
        connection, guest = self.host.open(self.platform)
        guest.policy = 1
        self.refused((CODES.INVALID_ARGUMENT, "POLICY INVALID"), self.host.secret, connection,
                     guest.measure(DIGEST), Policy=1)

    def test_a_policy_with_the_last_bit_is_a_negative_number(self):
        bundle = self.host.bundle(self.platform, policy=-1)
        guest = self.platform.launch(bundle.GuestOwnerPublicKey, bundle.LaunchBlob, 0xffffffff)
        self.host.secret(bundle.ConnectionId, guest.measure(DIGEST), Policy=-1)

    def test_wrong_measurements_close_a_launch(self):
        connection, guest = self.host.open(self.platform)
        for _ in range(8):
            self.refused(MEASUREMENT, self.host.secret, connection, bytes(48))
        self.refused(CONNECTION, self.host.secret, connection, guest.measurement)

    def test_ids_are_no_sequence(self):
        ids = [self.host.bundle(self.platform).ConnectionId for _ in range(12)]
        self.assertEqual(len(set(ids)), len(ids))
        self.assertGreater(min(abs(a - b) for a in ids for b in ids if a != b), 1)
        self.assertGreater(max(ids), 1 << 26)
        self.assertGreater(min(ids), 0)

    def test_the_audit_has_the_reason_and_no_key(self):
        # Its own, since what others were refused may have been summed up.
        broker = self.broker()
        host = self.client(broker)
        connection, guest = host.open(self.platform)
        self.refused(MEASUREMENT, host.secret, connection, bytes(48))
        host.secret(connection, guest.measurement)
        mine = [line for line in broker.audit() if line.get("connection") == connection]
        self.assertEqual([line["decision"] for line in mine], ["opened", "refused", "released"])
        self.assertTrue(all(line["client"].startswith("ipv4:127.0.0.1:") for line in mine))
        self.assertEqual(mine[1]["answer"], "MEASUREMENT INVALID")
        self.assertIn("TIK", mine[1]["reason"])
        self.assertEqual((mine[2]["keyset"], mine[2]["digest"], mine[2]["keys"], mine[2]["firmware"]),
                         ("KEYSET-1", DIGEST.hex(), 1, "1.55.24"))
        text = broker.audit_file.read_text() + broker.messages()
        for secret in (guest.tek, guest.tik, *(base64.b64decode(key) for key in self.world.keys.values())):
            self.assertNotIn(secret.hex(), text)
            self.assertNotIn(base64.b64encode(secret).decode(), text)


class Hostile(BrokerTest):
    """Whatever comes, the broker goes on."""

    def setUp(self):
        self.server = self.broker("--max-launches", "100000")
        self.host = self.client(self.server)
        self.random = random.Random(7)

    def tearDown(self):
        self.assertEqual(self.host.launch(self.platform), self.key("key_id1"))

    def survives(self, call, request):
        try:
            call(request, timeout=60)
        except grpc.RpcError as error:
            self.assertNotEqual(error.code(), CODES.UNAVAILABLE)

    def test_fields_of_four_megabytes(self):
        large = bytes(4 << 20)
        for fields in ({"PlatformPublicKey": large}, {"CertificateChain": large}):
            with self.assertRaises(grpc.RpcError) as caught:
                self.host.bundle(self.platform, **fields)
            self.assertEqual(caught.exception.code(), CODES.RESOURCE_EXHAUSTED)
        for fields in ({"measurement": large}, {"measurement": b"", "KeysetId": "K" * (4 << 20)}):
            with self.assertRaises(grpc.RpcError) as caught:
                self.host.secret(1, **fields)
            self.assertEqual(caught.exception.code(), CODES.RESOURCE_EXHAUSTED)

    def test_random_bytes_as_messages_and_as_fields(self):
        for size in [*range(24), 100, 1000, 40000]:
            noise = self.random.randbytes(size)
            self.survives(self.host.bundle_call, noise)
            self.survives(self.host.secret_call, noise)
            self.survives(self.host.bundle_call, MESSAGES.BundleRequest(PlatformPublicKey=noise, Policy=POLICY))
            self.survives(self.host.bundle_call, MESSAGES.BundleRequest(
                PlatformPublicKey=self.platform.pdh, CertificateChain=noise, Policy=POLICY))
            self.survives(self.host.secret_call, MESSAGES.SecretRequest(
                LaunchMeasurement=noise, ConnectionId=size, KeysetId="KEYSET-1", Policy=POLICY, ApiMajor=1))

    def test_every_length_of_a_secret_request(self):
        connection, guest = self.host.open(self.platform)
        whole = MESSAGES.SecretRequest(LaunchMeasurement=guest.measurement, ConnectionId=connection, ApiMajor=1,
                                       ApiMinor=55, BuildId=24, Policy=POLICY, KeysetId="KEYSET-1")
        text = whole.SerializeToString()
        for size in range(len(text)):
            self.survives(self.host.secret_call, text[:size])
        self.host.secret(connection, guest.measurement)

    def test_certificates_of_every_length_about_their_ends(self):
        for size in [*range(40), *range(2070, 2084), 2085]:
            self.refused((CODES.INVALID_ARGUMENT, "PLATFORM PUBLIC KEY INVALID"), self.host.bundle, self.platform,
                         PlatformPublicKey=(self.platform.pdh + b"\0")[:size])
        ends = {0, 1, len(self.platform.chain) - 1}
        for end in range(2084, len(self.platform.chain), 2084):
            ends |= {end - 1, end, end + 1}
        for size in sorted(ends):
            self.refused((CODES.INVALID_ARGUMENT, "CERTIFICATE CHAIN INVALID"), self.host.bundle, self.platform,
                         CertificateChain=self.platform.chain[:size])

    def test_flipped_bits_of_a_certificate(self):
        for _ in range(40):
            at = self.random.randrange(1044)
            pdh = bytearray(self.platform.pdh)
            pdh[at] ^= 1 << self.random.randrange(8)
            with self.assertRaises(grpc.RpcError) as caught:
                self.host.bundle(self.platform, PlatformPublicKey=bytes(pdh))
            self.assertIn(caught.exception.details(), ("PLATFORM PUBLIC KEY INVALID", "CERTIFICATE CHAIN INVALID"))

    def test_clients_that_say_nothing(self):
        address = self.server.address.rpartition(":")
        silent = [socket.create_connection((address[0], int(address[2]))) for _ in range(50)]
        silent[0].sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        silent[1].sendall(b"GET / HTTP/1.1\r\n\r\n")
        self.assertEqual(self.host.launch(self.platform), self.key("key_id1"))
        for connection in silent:
            connection.close()

    def test_an_unknown_method(self):
        self.refused((CODES.UNIMPLEMENTED, ""), self.host.method("GetKeys", MESSAGES.SecretResponse), b"", timeout=60)


if __name__ == "__main__":
    main(__doc__)
