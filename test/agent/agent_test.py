#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""oskbc-agent, seen by a ttRPC client that is written in Python from the protocol's description.

usage: agent_test.py AGENT [unittest's arguments]
"""
import concurrent.futures
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import ttrpc
from guest import (KEK, OPTIONS, PARAMS, RECORDED, SAMPLE_KEYSET, SECONDS, Guest, Program, Signer, options_of, packet,
                   recorded, recorded_options, request, text64, url64)

PROGRAM = ""
VECTORS = pathlib.Path(__file__).parent.parent / "vectors/agent-config"
USUAL = {"keyprovider": "run/confidential-containers/attestation-agent/keyprovider.sock",
         "getresource": "run/confidential-containers/attestation-agent/getresource.sock",
         "attestation": "run/confidential-containers/attestation-agent/attestation-agent.sock",
         "cdh": "run/confidential-containers/cdh.sock"}


class AgentTest(unittest.TestCase):
    """A guest, and agents in it."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.guest = Guest(folder.name)
        self.guest.configure(f'aa_kbc_params = "{PARAMS}"\n')
        self.path = self.folder / "a.sock"

    def agent(self, *arguments, usual=False, **more):
        """A running agent that ends with the test: at one socket, or at the usual ones."""
        places = [] if usual else [f"--cdh_sock=unix://{self.path}"]
        agent = Program(PROGRAM, self.guest.root, *places, *arguments, **more)
        self.addCleanup(agent.__exit__)
        agent.line()
        return agent

    def client(self, path=None):
        """A connection that ends with the test."""
        client = ttrpc.Client(path or self.path, SECONDS)
        self.addCleanup(client.close)
        return client

    def refuses(self, code, name, call, *arguments):
        """The call fails with this code, and the status's name in its message."""
        with self.assertRaises(ttrpc.RpcError) as caught:
            call(*arguments)
        self.assertEqual(caught.exception.code, code, caught.exception.message)
        self.assertTrue(caught.exception.message.startswith(name + ": "), caught.exception.message)
        return caught.exception.message

    def serves(self, client=None):
        """It does its work."""
        self.assertEqual(options_of((client or self.client()).unwrap(request())), OPTIONS)

    def closes(self, client):
        """The agent has ended the connection, or does so now."""
        with self.assertRaises((ttrpc.Closed, ConnectionError)):
            while True:
                client.receive()


class Unwrapping(AgentTest):
    """keyprovider.KeyProviderService."""

    def test_a_key_is_unwrapped(self):
        self.agent()
        self.serves()

    def test_several_requests_on_one_connection(self):
        self.agent()
        client = self.client()
        for _ in range(100):
            self.serves(client)

    def test_requests_under_way_at_once_are_told_apart_by_their_streams(self):
        self.agent()
        client, chance = self.client(), random.Random(1)
        expected, frames = {}, b""
        for stream in range(1, 401, 2):
            kind = chance.randrange(3)
            secret = {"symkey": f"key of {stream}"}
            call = {0: ("UnWrapKey", request(packet(secret))), 1: ("UnWrapKey", b"{}"), 2: ("WrapKey", b"")}[kind]
            expected[stream] = {0: secret, 1: ttrpc.INVALID_ARGUMENT, 2: ttrpc.UNIMPLEMENTED}[kind]
            data = ttrpc.request("keyprovider.KeyProviderService", call[0], ttrpc.message(call[1]))
            frames += ttrpc.frame(stream, data)
        sender = threading.Thread(target=client.raw, args=(frames,))
        sender.start()
        for _ in range(len(expected)):
            stream, code, _, answer = client.receive()
            self.assertEqual(code or options_of(ttrpc.first(answer)), expected.pop(stream))
        sender.join()
        self.assertEqual(expected, {})

    def test_many_connections_at_once(self):
        self.agent()
        clients = [self.client() for _ in range(100)]

        def ask(client):
            return [options_of(client.unwrap(request())) for _ in range(5)]
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            self.assertEqual(list(pool.map(ask, clients)), [[OPTIONS] * 5] * 100)

    def test_wrapping_is_not_for_guests(self):
        self.agent()
        said = self.refuses(ttrpc.UNIMPLEMENTED, "OSKBC_E_UNSUPPORTED", self.client().call,
                            "keyprovider.KeyProviderService", "WrapKey")
        self.assertIn("oskbc keyprovider", said)
        self.refuses(ttrpc.INVALID_ARGUMENT, "OSKBC_E_REQUEST", self.client().unwrap, request(op="keywrap"))

    def test_what_a_key_provider_refuses(self):
        self.agent()
        for annotation, code, name in (
                (packet(OPTIONS, kid="key_id2"), ttrpc.NOT_FOUND, "OSKBC_E_UNKNOWN_KEY"),
                (packet(OPTIONS, kek=bytes(32)), ttrpc.INVALID_ARGUMENT, "OSKBC_E_DECRYPT"),
                (packet(OPTIONS, wrap_type="A128GCM"), ttrpc.INVALID_ARGUMENT, "OSKBC_E_UNSUPPORTED"),
                (text64(b"{}"), ttrpc.INVALID_ARGUMENT, "OSKBC_E_PACKET")):
            with self.subTest(name):
                self.refuses(code, name, self.client().unwrap, request(annotation))
        self.serves()

    def test_packets_without_integrity_can_be_refused(self):
        text = json.dumps({"kid": "key_id1", "wrapped_data": text64(b"x" * 9), "iv": text64(bytes(16)),
                           "wrap_type": "A256CTR"})
        ctr = request(text64(text.encode()))
        for option in ("--require-authenticated", "--require_authenticated"):
            self.guest.inject()
            agent = self.agent(option)
            self.refuses(ttrpc.INVALID_ARGUMENT, "OSKBC_E_UNSUPPORTED", self.client().unwrap, ctr)
            agent.stop(signal.SIGTERM)
        self.guest.inject()
        self.agent()
        self.assertTrue(self.client().unwrap(ctr))


class Recorded(AgentTest):
    """What ocicrypt-rs sends."""

    def setUp(self):
        super().setUp()
        self.guest = Guest(self.folder, **SAMPLE_KEYSET)

    def test_each_request_over_the_socket_of_its_time(self):
        self.agent(usual=True)
        for name in ("keyprovider", "cdh"):
            for file, text in recorded():
                with self.subTest(file):
                    client = self.client(self.guest.root / USUAL[name])
                    self.assertEqual(options_of(client.unwrap(text)), recorded_options())

    def test_a_whole_frame_with_its_timeout(self):
        self.agent()
        client = self.client()
        client.raw(bytes.fromhex((RECORDED / "today.ttrpc").read_text(encoding="ascii")))
        stream, code, message, answer = client.receive()
        self.assertEqual((stream, code), (1, 0), message)
        # ocicrypt-rs reads numbers, and nothing else.
        self.assertTrue(ttrpc.first(answer).startswith(b'{"keyunwrapresults":{"optsdata":[123,'))
        self.assertEqual(options_of(ttrpc.first(answer)), recorded_options())


class Opening(AgentTest):
    """When the keyset is taken, and with which aa_kbc_params."""

    def test_at_the_start(self):
        self.agent()
        self.assertFalse(self.guest.secret.exists())
        self.serves()

    def test_at_the_first_request(self):
        self.agent("--open=first-request")
        self.assertTrue(self.guest.secret.exists())
        self.serves()
        self.assertFalse(self.guest.secret.exists())

    def test_a_secret_that_comes_later_is_found(self):
        self.guest.secret.unlink()
        agent = self.agent()
        self.assertIn("oskbc-agent: at the start: OSKBC_E_NO_SECRET", agent.said())
        self.refuses(ttrpc.FAILED_PRECONDITION, "OSKBC_E_NO_SECRET", self.client().unwrap, request())
        self.assertIn("oskbc-agent: UnWrapKey: OSKBC_E_NO_SECRET", agent.said())
        self.guest.inject()
        self.serves()

    def test_a_keyset_that_is_none(self):
        self.guest.secret.write_text("[]")
        agent = self.agent()
        self.assertIn("OSKBC_E_KEYSET", agent.said())

    def test_an_address_that_fails_does_not_cost_the_keyset(self):
        with socket.socket(socket.AF_UNIX) as taken:
            taken.bind(str(self.path))
            taken.listen()
            done = subprocess.run([PROGRAM, "--root", self.guest.root, f"--cdh_sock=unix://{self.path}"],
                                  capture_output=True, timeout=SECONDS, check=False)
        self.assertEqual(done.returncode, 5)
        self.assertIn(b"Address already in use", done.stderr)
        self.assertTrue(self.guest.secret.exists())

    def test_another_kbc_is_refused_before_and_after_the_client_is_open(self):
        self.agent("--open=first-request")
        other = request(params="cc_kbc::http://there")
        self.refuses(ttrpc.INVALID_ARGUMENT, "OSKBC_E_PARAMS", self.client().unwrap, other)
        self.assertTrue(self.guest.secret.exists())
        self.serves()
        self.refuses(ttrpc.INVALID_ARGUMENT, "OSKBC_E_PARAMS", self.client().unwrap, other)

    def test_a_guest_with_another_kbc_keeps_its_keyset(self):
        self.guest.configure('aa_kbc_params = "cc_kbc::http://there"\n')
        self.assertIn("OSKBC_E_PARAMS", self.agent().said())
        self.assertTrue(self.guest.secret.exists())

    def test_without_any_parameters_the_client_stays_closed(self):
        self.guest.configure("")
        self.assertIn("OSKBC_E_PARAMS", self.agent().said())
        self.refuses(ttrpc.INVALID_ARGUMENT, "OSKBC_E_PARAMS", self.client().unwrap, request(params=None))
        self.assertTrue(self.guest.secret.exists())
        self.serves()

    def test_the_environment_and_the_kernel_command_line_count_too(self):
        self.guest.configure("")
        self.agent(AA_KBC_PARAMS=PARAMS).stop(signal.SIGTERM)
        self.assertFalse(self.guest.secret.exists())
        (self.guest.root / "proc").mkdir()
        for parameter in (f"agent.aa_kbc_params={PARAMS}", f'agent.aa_kbc_params="{PARAMS}"'):
            self.guest.inject()
            (self.guest.root / "proc/cmdline").write_text(f"quiet {parameter} x=y\n")
            self.agent().stop(signal.SIGTERM)
            self.assertFalse(self.guest.secret.exists())

    def test_configurations_that_only_a_reader_of_toml_understands(self):
        for file in sorted(VECTORS.glob("*.toml")):
            with self.subTest(file.name):
                self.guest.inject()
                self.guest.configure(file.read_text(encoding="utf-8"))
                self.agent().stop(signal.SIGTERM)
                self.assertFalse(self.guest.secret.exists())

    def test_a_configuration_that_is_no_toml_costs_no_keyset(self):
        self.guest.configure("aa_kbc_params = offline_sev_kbc::null\n")
        done = subprocess.run([PROGRAM, "--root", self.guest.root], capture_output=True, timeout=SECONDS, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"agent-config.toml is not TOML: look at line 1, column", done.stderr)
        self.assertTrue(self.guest.secret.exists())

    def test_the_clients_without_parameters(self):
        self.agent()
        for text in (request(params=None), request(params="Enabled"),
                     request(keyunwrapparams={"dc": None, "annotation": packet(OPTIONS)})):
            self.assertEqual(options_of(self.client().unwrap(text)), OPTIONS)


class Resources(AgentTest):
    """GetResource, today's and the old one."""

    def setUp(self):
        super().setUp()
        self.guest = Guest(self.folder, key_id1=text64(KEK), **{"default/policy/1": text64(b"allow nothing"),
                                                                 "default/empty/1": ""})

    def test_a_resource_by_path_uri_or_id(self):
        self.agent()
        client = self.client()
        for path in ("kbs:///default/policy/1", "default/policy/1", "/default/policy/1",
                     "kbs://host:1/default/policy/1"):
            self.assertEqual(client.resource(path), b"allow nothing")
            self.assertEqual(client.old_resource(path), b"allow nothing")
        self.assertEqual(client.resource("default/empty/1"), b"")
        self.assertEqual(client.resource("key_id1"), KEK)

    def test_what_is_no_resource(self):
        self.agent()
        client = self.client()
        for path, code, name in (("/default/policy/2", ttrpc.NOT_FOUND, "OSKBC_E_UNKNOWN_KEY"),
                                 ("nothing", ttrpc.NOT_FOUND, "OSKBC_E_UNKNOWN_KEY"),
                                 ("/default/../1", ttrpc.INVALID_ARGUMENT, "OSKBC_E_REQUEST"),
                                 ("http://host/a/b/c", ttrpc.INVALID_ARGUMENT, "OSKBC_E_REQUEST"),
                                 ("kbs+plugin://host/a/b/c", ttrpc.INVALID_ARGUMENT, "OSKBC_E_REQUEST"),
                                 ("default/policy/1\0more", ttrpc.INVALID_ARGUMENT, "OSKBC_E_REQUEST"),
                                 ("", ttrpc.INVALID_ARGUMENT, "OSKBC_E_REQUEST")):
            for ask in (client.resource, client.old_resource):
                with self.subTest(path):
                    self.refuses(code, name, ask, path)

    def test_the_kbc_has_to_be_ours(self):
        self.agent()
        for name, uri in (("cc_kbc", "http://there"), ("offline_sev_kbc", ""), ("", "null")):
            self.refuses(ttrpc.INVALID_ARGUMENT, "OSKBC_E_PARAMS", self.client().old_resource, "default/policy/1",
                         name, uri)
        self.assertEqual(self.client().old_resource("default/policy/1", "", ""), b"allow nothing")

    def test_the_largest_resource(self):
        large = os.urandom(786000 - 99)
        self.guest = Guest(self.folder, **{"default/large/1": text64(large)})
        self.agent()
        self.assertEqual(self.client().resource("default/large/1"), large)

    def test_the_entries_with_their_lengths(self):
        self.agent()
        self.assertEqual(self.client().entries(), {"key_id1": 32, "default/policy/1": 13, "default/empty/1": 0})


class SealedSecrets(AgentTest):
    """UnsealSecret."""

    def setUp(self):
        super().setUp()
        self.signer, self.other = Signer(), Signer("kbs:///default/signing-key/other")
        self.guest = Guest(self.folder, **{
            "default/signing-key/sealed-secret": text64(self.signer.jwk()),
            "default/signing-key/other": text64(self.other.jwk()),
            "default/signing-key/none": text64(b"no JWK"),
            "default/key/kek": text64(KEK), "default/database/password": text64(b"correct horse")})
        self.agent()

    def unseals(self, sealed):
        """What it holds."""
        return self.client().unseal(sealed)

    def test_a_vault(self):
        self.assertEqual(self.unseals(self.signer.vault("kbs:///default/database/password")), b"correct horse")

    def test_an_envelope(self):
        for plain in (b"battery staple", b"", bytes(100000)):
            self.assertEqual(self.unseals(self.signer.envelope(plain)), plain)

    def test_members_that_are_unknown_or_left_out(self):
        self.assertEqual(self.unseals(self.signer.vault("kbs:///default/database/password", more=[{}], other=1,
                                                        provider_settings={"a": {}})), b"correct horse")
        payload = {"version": "0.1.0", "type": "vault", "provider": "kbs", "name": "kbs:///default/database/password"}
        header = {"alg": "ES256", "kid": self.signer.kid, "typ": "JWT"}
        self.assertEqual(self.unseals(self.signer.sign(json.dumps(header).encode(), json.dumps(payload).encode())),
                         b"correct horse")

    def test_every_changed_character_is_noticed(self):
        sealed = self.signer.vault("kbs:///default/database/password")
        client = self.client()
        for at in range(len(sealed)):
            changed = bytearray(sealed)
            changed[at] = ord("A") if changed[at] != ord("A") else ord("B")
            with self.assertRaises(ttrpc.RpcError, msg=f"at {at}"):
                client.unseal(bytes(changed))

    def test_every_length(self):
        sealed = self.signer.envelope(b"x")
        client = self.client()
        for length in range(len(sealed)):
            self.refuses(ttrpc.INVALID_ARGUMENT, "OSKBC_E_" + client_name(client, sealed[:length]), client.unseal,
                         sealed[:length])

    def test_another_key_has_signed(self):
        self.other.kid = self.signer.kid
        self.refuses(ttrpc.INVALID_ARGUMENT, "OSKBC_E_DECRYPT", self.unseals,
                     self.other.vault("kbs:///default/database/password"))

    def test_signatures_that_are_none(self):
        head = b".".join(self.signer.vault("kbs:///default/database/password").split(b".")[:3])
        for signature, name in ((bytes(64), "DECRYPT"), (b"\xff" * 64, "DECRYPT"), (b"", "DECRYPT"),
                                (bytes(63), "DECRYPT"), (bytes(65), "DECRYPT")):
            self.refuses(ttrpc.INVALID_ARGUMENT, f"OSKBC_E_{name}", self.unseals,
                         head + b"." + url64(signature).encode())

    def test_the_header_decides_nothing(self):
        vault = {"type": "vault", "name": "kbs:///default/database/password"}
        for header, code, name in (({"alg": "none"}, ttrpc.INVALID_ARGUMENT, "UNSUPPORTED"),
                                   ({"alg": "HS256"}, ttrpc.INVALID_ARGUMENT, "UNSUPPORTED"),
                                   ({"alg": None}, ttrpc.INVALID_ARGUMENT, "REQUEST"),
                                   ({"crit": ["exp"]}, ttrpc.INVALID_ARGUMENT, "UNSUPPORTED"),
                                   ({"kid": "fs://default/signing-key/other"}, ttrpc.INVALID_ARGUMENT, "REQUEST"),
                                   ({"kid": "../key"}, ttrpc.INVALID_ARGUMENT, "REQUEST"),
                                   ({"kid": None}, ttrpc.INVALID_ARGUMENT, "REQUEST"),
                                   ({"kid": "kbs:///default/signing-key/none"}, ttrpc.INVALID_ARGUMENT, "REQUEST"),
                                   ({"kid": "kbs:///default/key/unknown"}, ttrpc.NOT_FOUND, "UNKNOWN_KEY")):
            with self.subTest(header):
                self.refuses(code, f"OSKBC_E_{name}", self.unseals, self.signer.seal(header, **vault))

    def test_keys_that_are_none(self):
        for changes, name in (({"kty": "RSA"}, "UNSUPPORTED"), ({"crv": "P-384"}, "UNSUPPORTED"),
                              ({"x": url64(bytes(32))}, "DECRYPT"), ({"x": url64(bytes(31))}, "DECRYPT"),
                              ({"y": "*"}, "REQUEST"), ({"y": None}, "REQUEST")):
            with self.subTest(changes):
                folder = self.folder / "-".join(changes) / str(changes[next(iter(changes))])[:3].replace("*", "s")
                guest = Guest(folder, **{"default/signing-key/sealed-secret": text64(self.signer.jwk(**changes))})
                guest.configure(f'aa_kbc_params = "{PARAMS}"\n')
                path = folder / "b.sock"
                agent = Program(PROGRAM, guest.root, f"--cdh_sock=unix://{path}")
                self.addCleanup(agent.__exit__)
                agent.line()
                self.refuses(ttrpc.INVALID_ARGUMENT, f"OSKBC_E_{name}", self.client(path).unseal,
                             self.signer.vault("kbs:///default/database/password"))

    def test_payloads_that_are_unsupported_or_malformed(self):
        good = {"type": "vault", "name": "kbs:///default/database/password"}
        for changes, name in (({"version": "0.2.0"}, "UNSUPPORTED"), ({"version": None}, "REQUEST"),
                              ({"provider": "aliyun"}, "UNSUPPORTED"), ({"type": "other"}, "UNSUPPORTED"),
                              ({"type": 1}, "REQUEST"), ({"name": "default/database/password"}, "REQUEST"),
                              ({"name": "kbs:///default/database"}, "REQUEST"), ({"name": None}, "REQUEST")):
            with self.subTest(changes):
                self.refuses(ttrpc.INVALID_ARGUMENT, f"OSKBC_E_{name}", self.unseals,
                             self.signer.seal(**{**good, **changes}))
        twice = b'{"version":"0.1.0","version":"0.1.0","provider":"kbs","type":"vault","name":"kbs:///a/b/c"}'
        header = json.dumps({"alg": "ES256", "kid": self.signer.kid}).encode()
        for payload in (twice, b"", b"[]", b"{", b"\xff"):
            self.refuses(ttrpc.INVALID_ARGUMENT, "OSKBC_E_REQUEST", self.unseals, self.signer.sign(header, payload))

    def test_envelopes_that_do_not_open(self):
        for changes, code, name in (
                ({"kid": "kbs:///default/key/unknown"}, ttrpc.NOT_FOUND, "UNKNOWN_KEY"),
                ({"kek": bytes(32)}, ttrpc.INVALID_ARGUMENT, "DECRYPT"),
                ({"key_id": "kbs:///default/key/other"}, ttrpc.INVALID_ARGUMENT, "REQUEST"),
                ({"wrap_type": "A128GCM"}, ttrpc.INVALID_ARGUMENT, "UNSUPPORTED"),
                ({"iv": text64(bytes(16))}, ttrpc.INVALID_ARGUMENT, "DECRYPT"),
                ({"iv": "*"}, ttrpc.INVALID_ARGUMENT, "REQUEST"),
                ({"encrypted_data": text64(bytes(40))}, ttrpc.INVALID_ARGUMENT, "DECRYPT"),
                ({"encrypted_data": ""}, ttrpc.INVALID_ARGUMENT, "DECRYPT"),
                ({"encrypted_key": text64(b"{}")}, ttrpc.INVALID_ARGUMENT, "PACKET"),
                ({"encrypted_key": packet(b"short", "kbs:///default/key/kek")}, ttrpc.INVALID_ARGUMENT, "DECRYPT")):
            with self.subTest(changes):
                self.refuses(code, f"OSKBC_E_{name}", self.unseals, self.signer.envelope(b"plain", **changes))


def client_name(client, sealed):
    """The status that a sealed secret is refused with: a cut signature is a wrong one, all else is malformed."""
    try:
        client.unseal(sealed)
    except ttrpc.RpcError as error:
        name = error.message.split(":")[0].removeprefix("OSKBC_E_")
        assert name in ("REQUEST", "DECRYPT"), error.message
        return name
    raise AssertionError("a cut secret was unsealed")


class NotOurs(AgentTest):
    """What an offline broker cannot do."""

    def test_each_has_words(self):
        self.agent()
        for service, method, words in (("api.SecureMountService", "SecureMount", "mounts nothing"),
                                       ("api.ImagePullService", "PullImage", "pulls no image"),
                                       ("attestation_agent.AttestationAgentService", "GetEvidence", "attests"),
                                       ("attestation_agent.AttestationAgentService", "GetToken", "attests"),
                                       ("keyprovider.KeyProviderService", "WrapKey", "only unwraps"),
                                       ("grpc.health.v1.Health", "Check", "oskbc-agent(8)"),
                                       ("api.GetResourceService", "Nothing", "oskbc-agent(8)"),
                                       ("", "", "oskbc-agent(8)")):
            with self.subTest(service):
                said = self.refuses(ttrpc.UNIMPLEMENTED, "OSKBC_E_UNSUPPORTED", self.client().call, service, method)
                self.assertIn(words, said)


class Wire(AgentTest):
    """ttRPC's own rules."""

    def unwrap_frame(self, stream=1, **more):
        """A good request."""
        data = ttrpc.request("keyprovider.KeyProviderService", "UnWrapKey", ttrpc.message(request()))
        return ttrpc.frame(stream, data, **more)

    def test_a_request_in_pieces_of_one_byte(self):
        self.agent()
        client = self.client()
        for byte in self.unwrap_frame():
            client.raw(bytes([byte]))
        self.assertEqual(options_of(ttrpc.first(client.receive()[3])), OPTIONS)

    def test_timeout_and_metadata_are_passed_over(self):
        self.agent()
        metadata = ttrpc.field(5, ttrpc.message("key", "value"))
        data = ttrpc.request("keyprovider.KeyProviderService", "UnWrapKey", ttrpc.message(request()), 50 * 10 ** 9)
        client = self.client()
        client.raw(ttrpc.frame(1, data + metadata + metadata, flags=1))
        self.assertEqual(options_of(ttrpc.first(client.receive()[3])), OPTIONS)

    def test_stream_ids_are_odd_and_rising(self):
        self.agent()
        client = self.client()
        for stream, good in ((3, True), (3, False), (1, False), (4, False), (0, False), (5, True),
                             (2 ** 32 - 1, True), (7, False)):
            client.raw(self.unwrap_frame(stream))
            answered, code, message, _ = client.receive()
            self.assertEqual((answered, code), (stream, 0 if good else ttrpc.INVALID_ARGUMENT), message)

    def test_frames_that_are_no_unary_requests(self):
        self.agent()
        client = self.client()
        for kind, flags in ((ttrpc.RESPONSE, 0), (ttrpc.DATA, 0), (0, 0), (255, 0), (ttrpc.REQUEST, 2),
                            (ttrpc.REQUEST, 255)):
            client.raw(self.unwrap_frame(kind=kind, flags=flags))
            self.assertEqual(client.receive()[1], ttrpc.UNIMPLEMENTED)
        self.serves(client)

    def test_four_megabytes_and_one_more(self):
        self.agent()
        client = self.client()
        for size, code in ((4 << 20, ttrpc.INVALID_ARGUMENT), ((4 << 20) + 1, ttrpc.RESOURCE_EXHAUSTED)):
            client.stream += 2
            client.raw(ttrpc.frame(client.stream, bytes(size)))
            stream, got, message, _ = client.receive()
            self.assertEqual((stream, got), (client.stream, code), message)
        # What was too large is passed over, and the connection goes on.
        self.serves(client)

    def test_requests_of_the_largest_size(self):
        self.agent()
        client = self.client()
        self.assertTrue(client.unwrap(request().ljust(2 << 20)))
        self.refuses(ttrpc.INVALID_ARGUMENT, "OSKBC_E_REQUEST", client.unwrap, request().ljust((2 << 20) + 1))
        self.refuses(ttrpc.INVALID_ARGUMENT, "OSKBC_E_REQUEST", client.unwrap, b"[" * (2 << 20))

    def test_every_length_of_a_message(self):
        self.agent()
        client = self.client()
        data = self.unwrap_frame()[10:]
        for length in range(len(data)):
            client.stream += 2
            client.raw(ttrpc.frame(client.stream, data[:length]))
            stream, code, message, _ = client.receive()
            self.assertEqual(stream, client.stream)
            self.assertIn(code, (ttrpc.INVALID_ARGUMENT, ttrpc.UNIMPLEMENTED), message)
            self.assertTrue(message.startswith("OSKBC_E_"))
        self.serves(client)

    def test_random_messages(self):
        seed = random.randrange(1 << 32)
        chance = random.Random(seed)
        agent = self.agent()
        good = [ttrpc.request("keyprovider.KeyProviderService", "UnWrapKey", ttrpc.message(request())),
                ttrpc.request("api.SealedSecretService", "UnsealSecret", ttrpc.message(Signer().vault("kbs:///a/b/c"))),
                ttrpc.request("getresource.GetResourceService", "GetResource", ttrpc.message("a", "b", "c"))]
        client = self.client()
        for _ in range(2000):
            data = bytearray(chance.choice(good) if chance.random() < .8 else chance.randbytes(chance.randrange(300)))
            for _ in range(chance.randrange(1, 5)):
                if data:
                    data[chance.randrange(len(data))] = chance.randrange(256)
            client.stream += 2
            client.raw(ttrpc.frame(client.stream, bytes(data)))
            _, code, message, _ = client.receive()
            self.assertTrue(code == 0 or message.startswith("OSKBC_E_"), f"seed {seed}: {message}")
        self.assertIsNone(agent.process.poll(), f"seed {seed}")

    def test_random_bytes(self):
        seed = random.randrange(1 << 32)
        chance = random.Random(seed)
        self.agent()
        for _ in range(50):
            client = self.client()
            client.raw(chance.randbytes(5000))
            client.close()
        self.serves()

    def test_a_client_that_says_it_sends_no_more_is_answered(self):
        self.agent()
        client = self.client()
        client.raw(self.unwrap_frame(1) + self.unwrap_frame(3))
        client.socket.shutdown(socket.SHUT_WR)
        for _ in range(2):
            self.assertEqual(options_of(ttrpc.first(client.receive()[3])), OPTIONS)
        self.closes(client)


@unittest.skipUnless(os.geteuid() == 0, "other users can be tried by root alone")
class Peers(AgentTest):
    """Who may ask."""

    def ask_as(self, user, group, groups=()):
        """What a client of this user gets: "answer", or what keeps it from one."""
        reading, writing = os.pipe()
        if os.fork() == 0:
            os.setgroups(groups)
            os.setgid(group)
            os.setuid(user)
            try:
                with ttrpc.Client(self.path, SECONDS) as client:
                    client.unwrap(request())
                os.write(writing, b"answer")
            except (OSError, ttrpc.Closed) as error:
                os.write(writing, b"no entry" if isinstance(error, PermissionError) else b"hung up")
            os._exit(0)
        os.close(writing)
        with open(reading, "rb") as outcome:
            said = outcome.read().decode()
        os.wait()
        return said

    def setUp(self):
        super().setUp()
        self.folder.chmod(0o755)

    def test_root_alone(self):
        self.agent()
        self.assertEqual(self.ask_as(0, 0), "answer")
        self.assertEqual(self.ask_as(65534, 65534), "no entry")
        # The kernel is asked too, where somebody changed the mode.
        self.path.chmod(0o666)
        self.assertEqual(self.ask_as(65534, 65534), "hung up")
        self.serves()

    def test_a_group(self):
        for option in ("--allow-group=4711", "--allow_group=4711"):
            self.guest.inject()
            agent = self.agent(option)
            self.assertEqual(stat.S_IMODE(self.path.stat().st_mode), 0o660)
            self.assertEqual(self.path.stat().st_gid, 4711)
            self.assertEqual(self.ask_as(65534, 4711), "answer")
            self.assertEqual(self.ask_as(65534, 65534, [4710, 4711]), "answer")
            self.assertEqual(self.ask_as(65534, 65534, [4710]), "no entry")
            self.path.chmod(0o666)
            self.assertEqual(self.ask_as(65534, 65534, [4710]), "hung up")
            self.assertEqual(self.ask_as(0, 0), "answer")
            agent.stop(signal.SIGTERM)

    def test_a_group_by_name_and_one_that_is_none(self):
        self.agent("--allow-group=nogroup")
        self.assertEqual(self.ask_as(65534, 65534), "answer")
        done = subprocess.run([PROGRAM, "--root", self.guest.root, "--allow-group=no-such-group"],
                              capture_output=True, timeout=SECONDS, check=False)
        self.assertEqual(done.returncode, 64, done.stderr)


class Listening(AgentTest):
    """Where it listens, and where it does not."""

    def fails(self, status, says, *arguments):
        """It ends so, with one line."""
        done = subprocess.run([PROGRAM, "--root", self.guest.root, *arguments], capture_output=True, timeout=SECONDS,
                              check=False)
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertEqual(len(done.stderr.decode().splitlines()), 1, done.stderr)
        self.assertIn(says, done.stderr.decode())

    def test_the_usual_sockets_old_and_todays(self):
        agent = self.agent(usual=True)
        for name, place in USUAL.items():
            path = self.guest.root / place
            self.serves(self.client(path))
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600, name)
            self.assertEqual(stat.S_IMODE(path.parent.stat().st_mode), 0o755, name)
        self.assertEqual(agent.stop(signal.SIGTERM), 0)
        for place in USUAL.values():
            self.assertFalse((self.guest.root / place).exists())

    def test_addresses_that_are_given_stand_alone(self):
        for separator in "_-":
            self.guest.inject()
            places = {name: self.folder / separator / f"{name}.sock" for name in USUAL}
            options = [f"--{name}{separator}sock=unix://{path}" for name, path in places.items()]
            agent = self.agent(*options, usual=True)
            for path in places.values():
                self.serves(self.client(path))
            self.assertFalse((self.guest.root / "run").exists())
            self.assertEqual(agent.stop(signal.SIGTERM), 0)
        # As Kata's agent of CC-0.5.0 starts its attestation agent, and with one socket for all.
        self.guest.inject()
        agent = self.agent("--keyprovider_sock", f"unix://{self.path}", "--getresource_sock", f"unix:{self.path}",
                           usual=True)
        self.serves()
        self.assertEqual(self.client().old_resource("key_id1"), KEK)

    def test_the_configuration_has_addresses(self):
        self.guest.configure(f'aa_kbc_params = "{PARAMS}"\nkeyprovider_sock = "unix://{self.folder}/k.sock"\n'
                             f"cdh_sock = 'unix://{self.folder}/c.sock'\n")
        self.agent(usual=True)
        for name in "kc":
            self.serves(self.client(self.folder / f"{name}.sock"))
        self.assertFalse((self.guest.root / "run").exists())

    def test_two_agents_do_not_share_an_address(self):
        self.agent()
        self.guest.inject()
        self.fails(5, "Address already in use", f"--cdh_sock=unix://{self.path}")
        self.assertTrue(self.guest.secret.exists())
        self.serves()

    def test_a_socket_that_nobody_listens_on_is_replaced(self):
        agent = self.agent()
        agent.process.kill()
        agent.process.wait()
        self.assertTrue(self.path.exists())
        self.guest.inject()
        self.agent()
        self.serves()

    def test_a_file_that_is_no_socket_stays(self):
        self.path.write_text("somebody's")
        self.fails(5, "Address already in use", f"--cdh_sock=unix://{self.path}")
        self.assertEqual(self.path.read_text(), "somebody's")

    def test_a_folder_in_which_others_could_replace_the_socket(self):
        folder = self.folder / "open"
        folder.mkdir()
        folder.chmod(0o777)
        self.fails(5, "could be replaced", f"--cdh_sock=unix://{folder}/a.sock")
        folder.chmod(0o1777)
        self.agent(f"--keyprovider_sock=unix://{folder}/a.sock")
        self.serves(self.client(folder / "a.sock"))

    def test_addresses_that_are_none(self):
        for address in ("127.0.0.1:50000", "localhost", "vsock://3:1024"):
            self.fails(64, "unix:///PATH", f"--cdh_sock={address}")
        self.fails(64, "too long", f"--cdh_sock=unix:///{'x' * 200}")
        self.fails(64, "absolute", "--cdh_sock=unix://relative")
        self.fails(64, "--root: given twice", "--root=/nonexistent")

    def test_a_root_that_is_missing(self):
        done = subprocess.run([PROGRAM, "--root=/nonexistent"], capture_output=True, timeout=SECONDS, check=False)
        self.assertEqual(done.returncode, 64, done.stderr)
        self.assertIn(b"--root: the root /nonexistent is not an existing directory", done.stderr)

    def test_an_address_of_the_configuration_that_is_none(self):
        self.guest.configure('cdh_sock = "localhost"\n')
        self.fails(1, "unix:///PATH")

    def test_a_wrong_command_line(self):
        self.fails(64, "--help", "--no-such-option")
        self.fails(64, "--help", "more")
        self.fails(64, "--help", "--open=never")
        self.fails(5, "nothing.toml", "--config", self.folder / "nothing.toml")


class Process(AgentTest):
    """Signals, the service manager, and what a process shows of itself."""

    def test_it_tells_the_service_manager_after_the_keyset_was_taken(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(str(self.folder / "notify"))
            manager.settimeout(SECONDS)
            agent = self.agent(NOTIFY_SOCKET=str(self.folder / "notify"))
            self.assertEqual(manager.recv(100), b"READY=1")
            self.assertFalse(self.guest.secret.exists())
            self.assertEqual(agent.stop(signal.SIGINT), 0)
            self.assertEqual(manager.recv(100), b"STOPPING=1")

    def test_connected_clients_do_not_delay_its_end(self):
        agent = self.agent()
        client, half = self.client(), self.client()
        self.serves(client)
        half.raw(b"\0\0")
        start = time.monotonic()
        self.assertEqual(agent.stop(signal.SIGTERM), 0)
        # An unfinished request has ten.
        self.assertLess(time.monotonic() - start, 9)
        self.closes(client)

    def test_no_core(self):
        agent = self.agent()
        limits = pathlib.Path(f"/proc/{agent.process.pid}/limits").read_text(encoding="ascii")
        self.assertRegex(limits, r"Max core file size\s+0\s+0")

    @unittest.skipUnless(os.geteuid() == 0, "other users can be tried by root alone")
    def test_no_tracing(self):
        self.folder.chmod(0o755)
        self.path = self.folder / "nobody/a.sock"
        self.path.parent.mkdir()
        os.chown(self.path.parent, 65534, 65534)
        program = shutil.copy(PROGRAM, self.folder)
        with subprocess.Popen([program, "--root", self.guest.root, f"--cdh_sock=unix://{self.path}"], user=65534,
                              group=65534, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            process.stdout.readline()
            # Of a process that is not dumpable, /proc/PID belongs to root.
            self.assertEqual(os.stat(f"/proc/{process.pid}/mem").st_uid, 0)
            process.terminate()

    def test_a_log_that_nobody_reads_delays_nobody(self):
        reading, writing = os.pipe()
        self.addCleanup(os.close, reading)
        with subprocess.Popen([PROGRAM, "--root", self.guest.root, f"--cdh_sock=unix://{self.path}"],
                              stdout=subprocess.PIPE, stderr=writing) as process:
            os.close(writing)
            process.stdout.readline()
            client = self.client()
            for _ in range(3000):
                with self.assertRaises(ttrpc.RpcError):
                    client.unwrap(b"{}")
            self.serves(client)
            process.terminate()
        said = os.read(reading, 1 << 20)
        self.assertLess(len(said.splitlines()), 100)


@unittest.skipUnless(os.geteuid() == 0, "the memory of an agent can be read by root alone")
class Memory(AgentTest):
    """What is left of secrets in the agent, seen from outside."""

    def test_plaintext_does_not_outlive_its_answer(self):
        kek, plain, password = os.urandom(32), os.urandom(24).hex(), os.urandom(24).hex().encode()
        signer = Signer()
        self.guest = Guest(self.folder, **{
            "default/key/kek": text64(kek), "default/database/password": text64(password),
            "default/signing-key/sealed-secret": text64(signer.jwk())})
        agent = self.agent()
        try:
            agent.count_in_memory(b"")
        except PermissionError:
            self.skipTest("the agent's memory cannot be read here")
        text = request(packet({"symkey": plain}, "kbs:///default/key/kek", kek))
        for _ in range(20):
            self.assertEqual(options_of(self.client().unwrap(text)), {"symkey": plain})
        sealed = os.urandom(24).hex().encode()
        self.assertEqual(self.client().unseal(signer.envelope(sealed, kek=kek)), sealed)
        self.assertEqual(self.client().unseal(signer.vault("kbs:///default/database/password")), password)
        self.assertEqual(self.client().resource("kbs:///default/key/kek"), kek)
        # One that is never read is wiped with its connection.
        unread = self.client()
        for _ in range(1000):
            unread.send("api.GetResourceService", "GetResource", ttrpc.message("default/key/kek"))
        unread.close()
        self.assertEqual(options_of(self.client().unwrap(text)), {"symkey": plain})
        for gone in (plain, ",".join(str(byte) for byte in plain.encode()[:16]), sealed.decode()):
            self.settles(agent, gone.encode()[:16], 0)
        # The keyset's values are in its locked pages, which shows that the search finds something, and nowhere else.
        for value in (kek, password):
            self.settles(agent, value[:16], 1)
            self.settles(agent, value[16:32], 1)

    def settles(self, agent, needle, times):
        """The client may have an answer a moment, or on a busy machine a while, before the agent has wiped it."""
        end = time.monotonic() + SECONDS
        while (found := agent.count_in_memory(needle)) != times and time.monotonic() < end:
            time.sleep(.05)
        self.assertEqual(found, times)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    PROGRAM = str(pathlib.Path(sys.argv[1]).resolve())
    unittest.main(argv=sys.argv[:1] + sys.argv[2:])
