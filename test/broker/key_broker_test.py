#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`keybroker.KeyBrokerService` as Kata's shim and simple-kbs's own client ask it: their messages are written field by
field here, without our proto file.

usage: key_broker_test.py SEV_GUEST_OWNER PLATFORM_TOOL [unittest's arguments]
"""
import base64
import json
import uuid

# pylint: disable=wrong-import-order
from broker import DIGEST, POLICY, Broker, keyset_in
from broker_case import BrokerTest, CODES, CONNECTION, main, MEASUREMENT
import grpc

KATA_GUID = "e6f5a162-d67f-4750-a67c-5d065f2a9910"
SIMPLE_KBS_GUID = "0a46e24d-478c-4eb1-8696-113eeec3aa99"
ONLINE_GUID = "1ee27366-0c87-43a6-af48-28543eaf7cb0"
DISK_GUID = "736869e5-84f0-4973-92ec-06879ce3da0b"
TABLE_GUID = "1e74f542-71dd-4d66-963e-ef4287ff173b"


def varint(number):
    digits = []
    while number > 0x7f:
        digits.append(number & 0x7f | 0x80)
        number >>= 7
    return bytes(digits + [number])


def encode(fields):
    """A message of (number, value) pairs: numbers, texts, or messages as lists of pairs. What is empty is left out, as
    proto3 has it."""
    message = b""
    for number, value in fields:
        if isinstance(value, int):
            message += varint(number << 3) + varint(value) if value else b""
        else:
            content = encode(value) if isinstance(value, list) else value.encode()
            message += varint(number << 3 | 2) + varint(len(content)) + content if content else b""
    return message


def decode(message):
    """The texts of a message by their numbers; none is longer than 2 MiB."""
    fields, rest = {}, memoryview(message)
    while rest:
        assert rest[0] & 7 == 2, "a text"
        number, at, length, shift = rest[0] >> 3, 1, 0, 0
        while True:
            length |= (rest[at] & 0x7f) << shift
            shift, at = shift + 7, at + 1
            if not rest[at - 1] & 0x80:
                break
        fields[number] = bytes(rest[at:at + length]).decode()
        rest = rest[at + length:]
    return fields


def wanted(guid=KATA_GUID, form="JSON", kind="bundle", name="KEYSET-1"):
    """RequestDetails, by default as Kata's shim fills them."""
    return [(1, guid), (2, form), (3, kind), (4, name)]


def entries_in(table):
    """A secret table's entries by their GUIDs."""
    assert table[:16] == uuid.UUID(TABLE_GUID).bytes_le
    end, at, entries = int.from_bytes(table[16:20], "little"), 20, {}
    while at < end:
        length = int.from_bytes(table[at + 16:at + 20], "little")
        entries[str(uuid.UUID(bytes_le=table[at:at + 16]))] = table[at + 20:at + length]
        at += length
    return entries


class Shim:
    """Kata's shim, or another client of the service."""

    def __init__(self, target):
        self.channel = grpc.insecure_channel(target)

    def close(self):
        self.channel.close()

    def call(self, method, fields):
        send = self.channel.unary_unary("/keybroker.KeyBrokerService/" + method)
        return decode(send(encode(fields), timeout=60))

    def bundle(self, platform, policy=POLICY, chain=None):
        exported = platform.pdh + platform.exported
        return self.call("GetBundle", [(1, chain or base64.b64encode(exported).decode()), (2, policy)])

    def open(self, platform, policy=POLICY):
        bundle = self.bundle(platform, policy)
        godh, blob = (base64.b64decode(bundle[number], validate=True) for number in (1, 2))
        guest = platform.launch(godh, blob, policy)
        guest.measure(DIGEST)
        return bundle[3], guest

    def secret(self, launch, guest, *requests, policy=POLICY, api=(1, 55, 24), measurement=None,
               description="shim launch"):
        measured = base64.b64encode(guest.measurement).decode() if measurement is None else measurement
        digest = base64.b64encode(DIGEST).decode()
        fields = [(1, measured), (2, launch), (3, policy), *zip((4, 5, 6), api), (7, digest), (8, description)]
        return self.call("GetSecret", fields + [(9, one) for one in requests])

    def inject(self, guest, secret):
        header, data = (base64.b64decode(secret[number], validate=True) for number in (1, 2))
        return guest.inject(header, data)


# sevctl exports the CEK unsigned, and neither ASK nor ARK.
TRUST = ("--amd-root", "ask_ark.cert", "--cek", "host/cek.cert")


class KeyBrokerTest(BrokerTest):
    """A broker for all tests of a class."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        host = cls.world.folder / "host"
        (cls.world.folder / "ask_ark.cert").write_bytes((host / "ask.cert").read_bytes() + (host / "ark.cert").read_bytes())
        cls.shared = Broker(cls.world, trust=TRUST)

    @classmethod
    def tearDownClass(cls):
        cls.shared.stop()
        super().tearDownClass()

    def setUp(self):
        self.shim = self.shim_of(self.shared)

    def shim_of(self, broker):
        shim = Shim(broker.address)
        self.addCleanup(shim.close)
        return shim

    def key_bytes(self, name):
        return base64.b64decode(self.world.keys[name])


class Launches(KeyBrokerTest):
    """What is asked for, and what a guest finds."""

    def test_a_launch_of_katas_shim(self):
        launch, guest = self.shim.open(self.platform)
        table = self.shim.inject(guest, self.shim.secret(launch, guest, wanted()))
        self.assertEqual(keyset_in(table), self.key("key_id1"))

    def test_a_launch_of_simple_kbss_client(self):
        launch, guest = self.shim.open(self.platform)
        self.assertEqual(str(uuid.UUID(launch)), launch)
        secret = self.shim.secret(launch, guest, wanted(SIMPLE_KBS_GUID, "json", name="KEYSET-2"),
                                  description="test launch")
        entries = entries_in(self.shim.inject(guest, secret))
        self.assertEqual(list(entries), [SIMPLE_KBS_GUID])
        self.assertEqual(json.loads(entries[SIMPLE_KBS_GUID]), self.key("key_id1", "key_id2"))

    def test_several_secrets_come_in_one_table(self):
        launch, guest = self.shim.open(self.platform)
        secret = self.shim.secret(launch, guest, wanted(), wanted(DISK_GUID, "binary", "key", "key_id1"),
                                  wanted(SIMPLE_KBS_GUID, "json", "key", "key_id2"))
        entries = entries_in(self.shim.inject(guest, secret))
        self.assertEqual(list(entries), [KATA_GUID, DISK_GUID, SIMPLE_KBS_GUID])
        self.assertEqual(json.loads(entries[KATA_GUID]), self.key("key_id1"))
        self.assertEqual(entries[DISK_GUID], self.key_bytes("key_id1"))
        self.assertEqual(json.loads(entries[SIMPLE_KBS_GUID]),
                         {"id": "key_id2", "payload": self.world.keys["key_id2"]})

    def test_a_chain_with_its_signed_cek_needs_no_other(self):
        shim = self.shim_of(self.broker())
        chain = self.platform.pdh + self.platform.chain
        self.assertEqual(set(shim.bundle(self.platform, chain=base64.b64encode(chain).decode())), {1, 2, 3})
        self.refused((CODES.INVALID_ARGUMENT, "CERTIFICATE CHAIN INVALID"), shim.bundle, self.platform)

    def test_the_launchs_id_is_read_in_either_case_and_by_every_broker_of_the_state(self):
        state = self.state()
        here, there = (self.shim_of(self.broker(state=state, trust=TRUST)) for _ in range(2))
        launch, guest = here.open(self.platform)
        there.secret(launch.upper(), guest, wanted())
        for shim in (here, there):
            self.refused(CONNECTION, shim.secret, launch, guest, wanted())

    def test_a_launch_is_used_once_whichever_service_is_asked(self):
        setup = self.client(self.shared)
        launch, guest = self.shim.open(self.platform)
        connection = int(launch[:8], 16)
        self.shim.secret(launch, guest, wanted())
        self.refused(CONNECTION, setup.secret, connection, guest.measurement)
        connection, guest = setup.open(self.platform)
        setup.secret(connection, guest.measurement)
        self.refused(CONNECTION, self.shim.secret, launch, guest, wanted())

    def test_the_audit_has_what_was_asked_for(self):
        launch, guest = self.shim.open(self.platform)
        self.shim.secret(launch, guest, wanted(name="KEYSET-2"), wanted(DISK_GUID, "binary", "key", "key_id1"))
        opened, released = [line for line in self.shared.audit() if line.get("connection") == int(launch[:8], 16)]
        self.assertEqual((opened["event"], opened["decision"]), ("bundle", "opened"))
        self.assertEqual((released["decision"], released["secrets"], released["description"], released["keys"]),
                         ("released", "bundle KEYSET-2, key key_id1", "shim launch", 3))
        self.assertEqual(released["keyset"], "KEYSET-1, KEYSET-2")
        self.assertNotIn(self.world.keys["key_id1"], self.shared.audit_file.read_text())


class Refusals(KeyBrokerTest):
    """What is not right, each with words of its own."""

    def test_each_has_its_status_and_leaves_the_launch(self):
        launch, guest = self.shim.open(self.platform)
        other = str(uuid.uuid4())
        zeros = "00000000-0000-0000-0000-000000000000"
        guessed = launch[:-1] + ("0" if launch[-1] != "0" else "1")
        key = wanted(DISK_GUID, "binary", "key", "key_id1")
        wrong = [(launch, [], {}, "NO SECRET REQUESTED"),
                 (launch, [wanted(str(uuid.uuid4())) for _ in range(65)], {}, "TOO MANY SECRETS"),
                 (launch, [wanted(name="NONE")], {}, "KEYSET INVALID"),
                 (launch, [wanted(kind="key", form="binary", name="NONE")], {}, "KEY INVALID"),
                 (launch, [wanted(kind="key", form="binary", name="KEYSET-1")], {}, "KEY INVALID"),
                 (launch, [wanted(kind="policy")], {}, "SECRET TYPE INVALID"),
                 (launch, [wanted(kind="")], {}, "SECRET TYPE INVALID"),
                 (launch, [wanted(form="binary")], {}, "SECRET FORMAT INVALID"),
                 (launch, [wanted(form="yaml", kind="key", name="key_id1")], {}, "SECRET FORMAT INVALID"),
                 (launch, [wanted(guid="luks-key")], {}, "SECRET GUID INVALID"),
                 (launch, [wanted(guid=zeros)], {}, "SECRET GUID INVALID"),
                 (launch, [wanted(), wanted(guid=KATA_GUID.upper())], {}, "SECRET GUID INVALID"),
                 (launch, [wanted()], {"policy": 4}, "POLICY INVALID"),
                 (launch, [wanted()], {"api": (0, 55, 24)}, "API MAJOR VERSION INVALID"),
                 (launch, [wanted()], {"api": (1, 0xffffffff, 24)}, "API MINOR VERSION INVALID"),
                 (launch, [wanted()], {"api": (1, 55, 256 + 24)}, "BUILD-ID INVALID"),
                 (other, [wanted()], {}, CONNECTION[1]), ("", [wanted()], {}, CONNECTION[1]),
                 ("7", [wanted()], {}, CONNECTION[1]), (guessed, [wanted()], {}, CONNECTION[1]),
                 (launch, [key], {"measurement": "not base64"}, MEASUREMENT[1]),
                 (launch, [key], {"measurement": base64.b64encode(bytes(48)).decode()}, MEASUREMENT[1]),
                 (launch, [wanted()], {"measurement": base64.b64encode(bytes(47)).decode()}, MEASUREMENT[1])]
        for which, requests, fields, text in wrong:
            with self.subTest(text=text, requests=requests, **fields):
                self.refused((CODES.INVALID_ARGUMENT, text), self.shim.secret, which, guest, *requests, **fields)
        self.shim.secret(launch, guest, wanted())

    def test_a_platform_that_is_none_has_its_text(self):
        for chain, text in (("AAAA", "PLATFORM PUBLIC KEY INVALID"), ("no base64!", "PLATFORM PUBLIC KEY INVALID"),
                            (base64.b64encode(self.platform.pdh).decode(), "CERTIFICATE CHAIN INVALID"),
                            (base64.b64encode(self.platform.exported).decode(), "PLATFORM PUBLIC KEY INVALID")):
            self.refused((CODES.INVALID_ARGUMENT, text), self.shim.bundle, self.platform, chain=chain)

    def test_an_online_brokers_secrets_are_unimplemented_with_words(self):
        launch, guest = self.shim.open(self.platform)
        for call in (lambda: self.shim.secret(launch, guest, wanted(ONLINE_GUID, kind="connection")),
                     lambda: self.shim.secret(launch, guest, wanted(), wanted(ONLINE_GUID, kind="report")),
                     lambda: self.shim.call("GetOnlineSecret", [(1, "client"), (2, wanted())])):
            with self.assertRaises(grpc.RpcError) as caught:
                call()
            self.assertEqual(caught.exception.code(), CODES.UNIMPLEMENTED)
            self.assertIn("THIS", caught.exception.details())
        self.assertEqual(keyset_in(self.shim.inject(guest, self.shim.secret(launch, guest, wanted()))),
                         self.key("key_id1"))

    def test_all_are_released_or_none(self):
        self.world.write_keysets({
            "MINE": {"allowed_digests": [DIGEST.hex()], "allowed_keys": ["key_id1"], "allowed-policies": [POLICY]},
            "OTHERS": {"allowed_digests": ["22" * 32], "allowed_keys": ["key_id2"], "allowed-policies": [POLICY]},
            "DEBUG": {"allowed_digests": [DIGEST.hex()], "allowed_keys": ["key_id2"], "allowed-policies": [0]}})
        broker = self.broker(trust=TRUST)
        shim = self.shim_of(broker)
        launch, guest = shim.open(self.platform)
        mine = wanted(name="MINE")
        for requests, refusal in (
                ([mine, wanted(SIMPLE_KBS_GUID, name="OTHERS")], MEASUREMENT[1]),
                ([mine, wanted(SIMPLE_KBS_GUID, name="DEBUG")], "POLICY INVALID"),
                # No keyset that allows the key allows this guest.
                ([mine, wanted(SIMPLE_KBS_GUID, "binary", "key", "key_id2")], MEASUREMENT[1])):
            self.refused((CODES.INVALID_ARGUMENT, refusal), shim.secret, launch, guest, *requests)
        shim.secret(launch, guest, mine)
        self.assertEqual([line["decision"] for line in broker.audit()], ["opened", *["refused"] * 3, "released"])

    def test_what_does_not_fit_the_guests_area_is_not_sent(self):
        broker = self.broker("--area", "160", trust=TRUST)
        shim = self.shim_of(broker)
        launch, guest = shim.open(self.platform)
        keys = [wanted(str(uuid.uuid4()), "binary", "key", "key_id1") for _ in range(4)]
        self.refused((CODES.INVALID_ARGUMENT, "SECRETS TOO LARGE"), shim.secret, launch, guest, *keys)
        shim.secret(launch, guest, *keys[:2])

    def test_messages_of_any_kind_leave_it_running(self):
        send = self.shim.channel.unary_unary("/keybroker.KeyBrokerService/GetSecret")
        for message in (b"\xff" * 50, encode([(9, "text")]), encode([(2, "x" * 60000)]), b"\x0a\x02\xff\xfe"):
            with self.assertRaises(grpc.RpcError):
                send(message, timeout=60)
        launch, guest = self.shim.open(self.platform)
        self.shim.secret(launch, guest, wanted())


if __name__ == "__main__":
    main(__doc__)
