#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""oskbc-agent-grpc, seen by an independent gRPC client.

usage: grpc_test.py AGENT [unittest's arguments]
"""
import concurrent.futures
import json
import os
import pathlib
import random
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
import unittest

import guest as image
from grpc_agent import Agent, getresource, grpc, keyprovider
from guest import (OPTIONS, PARAMS, SAMPLE_KEYSET, SECONDS, Guest, options_of, recorded, recorded_options,
                   request)

PROGRAM = ""


class AgentTest(unittest.TestCase):
    """A guest, and agents in it."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.guest = Guest(folder.name)

    def agent(self, *arguments, **more):
        """A running agent that ends with the test."""
        agent = Agent(PROGRAM, self.guest.root, *arguments, **more)
        self.addCleanup(agent.__exit__)
        return agent

    def refuses(self, code, name, call, *arguments):
        """The call fails with this code, and the status's name in its message."""
        with self.assertRaises(grpc.RpcError) as caught:
            call(*arguments)
        self.assertEqual(caught.exception.code(), code, caught.exception.details())
        self.assertTrue(caught.exception.details().startswith(name + ": "), caught.exception.details())
        return caught.exception.details()

    def serves(self, agent):
        """It still does its work."""
        self.assertEqual(options_of(agent.unwrap(request())), OPTIONS)


class Unwrapping(AgentTest):
    """keyprovider.KeyProviderService."""

    def test_a_key_is_unwrapped_and_the_secret_removed_at_the_first_request(self):
        agent = self.agent()
        self.assertTrue(self.guest.secret.exists())
        self.serves(agent)
        self.assertFalse(self.guest.secret.exists())
        self.serves(agent)

    def test_what_ocicrypt_rs_sends(self):
        self.guest = Guest(self.folder, **SAMPLE_KEYSET)
        self.guest.configure(f'aa_kbc_params = "{PARAMS}"\n')
        agent = self.agent()
        for file, text in recorded():
            with self.subTest(file):
                self.assertEqual(options_of(agent.unwrap(text)), recorded_options())

    def test_first_requests_at_once_open_once(self):
        agent = self.agent()
        with concurrent.futures.ThreadPoolExecutor(32) as pool:
            answers = list(pool.map(lambda _: agent.unwrap(request(), agent.channel()), range(64)))
        self.assertEqual([options_of(answer) for answer in answers], [OPTIONS] * 64)

    def test_wrapping_is_not_for_guests(self):
        agent = self.agent()
        self.refuses(grpc.StatusCode.UNIMPLEMENTED, "OSKBC_E_UNSUPPORTED", agent.method("WrapKey"), b"")
        self.refuses(grpc.StatusCode.INVALID_ARGUMENT, "OSKBC_E_REQUEST", agent.unwrap, request(op="keywrap"))

    def test_a_secret_that_comes_later_is_found(self):
        self.guest.secret.unlink()
        agent = self.agent()
        self.refuses(grpc.StatusCode.FAILED_PRECONDITION, "OSKBC_E_NO_SECRET", agent.unwrap, request())
        self.assertIn("oskbc-agent-grpc: UnWrapKey: OSKBC_E_NO_SECRET", agent.said())
        self.guest.inject()
        self.serves(agent)

    def test_a_keyset_that_is_none(self):
        self.guest.secret.write_text("[]")
        self.refuses(grpc.StatusCode.FAILED_PRECONDITION, "OSKBC_E_KEYSET", self.agent().unwrap, request())

    def test_a_key_that_is_not_there(self):
        packet = image.packet(OPTIONS, kid="key_id2")
        self.refuses(grpc.StatusCode.NOT_FOUND, "OSKBC_E_UNKNOWN_KEY", self.agent().unwrap, request(packet))

    def test_a_wrong_key(self):
        packet = image.packet(OPTIONS, kek=bytes(32))
        self.refuses(grpc.StatusCode.INVALID_ARGUMENT, "OSKBC_E_DECRYPT", self.agent().unwrap, request(packet))

    def test_a_packet_that_is_none(self):
        self.refuses(grpc.StatusCode.INVALID_ARGUMENT, "OSKBC_E_PACKET", self.agent().unwrap,
                     request(image.text64(b"{}")))

    def test_packets_without_integrity_can_be_refused(self):
        packet = json.dumps({"kid": "key_id1", "wrapped_data": image.text64(b"x" * 9), "iv": image.text64(bytes(16)),
                             "wrap_type": "A256CTR"})
        text = request(image.text64(packet.encode()))
        self.refuses(grpc.StatusCode.INVALID_ARGUMENT, "OSKBC_E_UNSUPPORTED",
                     self.agent("--require-authenticated").unwrap, text)
        self.guest.inject()
        self.assertTrue(self.agent().unwrap(text))


class Parameters(AgentTest):
    """aa_kbc_params, of a request or of the agent's surroundings."""

    def test_another_kbc_is_refused_before_and_after_the_client_is_open(self):
        agent = self.agent()
        other = request(params="cc_kbc::http://there")
        self.refuses(grpc.StatusCode.INVALID_ARGUMENT, "OSKBC_E_PARAMS", agent.unwrap, other)
        self.assertTrue(self.guest.secret.exists())
        self.serves(agent)
        self.refuses(grpc.StatusCode.INVALID_ARGUMENT, "OSKBC_E_PARAMS", agent.unwrap, other)

    def test_the_provider_may_have_any_name(self):
        unwrap = {"dc": {"Parameters": {"other": None, "any": ["RW5hYmxlZA==", image.text64(PARAMS.encode())]}},
                  "annotation": image.packet(OPTIONS)}
        self.assertEqual(options_of(self.agent().unwrap(request(keyunwrapparams=unwrap))), OPTIONS)

    def test_rust_writes_numbers_or_plain_text(self):
        agent = self.agent()
        for value in (list(PARAMS.encode()), PARAMS):
            unwrap = {"dc": {"Parameters": {"any": [value]}}, "annotation": image.packet(OPTIONS)}
            self.assertEqual(options_of(agent.unwrap(request(keyunwrapparams=unwrap))), OPTIONS)

    def test_without_them_the_configuration_counts(self):
        self.guest.configure(f'aa_kbc_params = "{PARAMS}"\n')
        agent = self.agent()
        for text in (request(params=None), request(params="Enabled"),
                     request(keyunwrapparams={"dc": None, "annotation": image.packet(OPTIONS)})):
            self.assertEqual(options_of(agent.unwrap(text)), OPTIONS)

    def test_without_any_the_client_stays_closed(self):
        self.refuses(grpc.StatusCode.INVALID_ARGUMENT, "OSKBC_E_PARAMS", self.agent().unwrap, request(params=None))
        self.assertTrue(self.guest.secret.exists())

    def test_the_environment_counts_too(self):
        agent = self.agent(AA_KBC_PARAMS=PARAMS)
        self.assertEqual(options_of(agent.unwrap(request(params=None))), OPTIONS)


class Resources(AgentTest):
    """getresource.GetResourceService."""

    def setUp(self):
        super().setUp()
        self.guest = Guest(self.folder, key_id1=image.text64(image.KEK),
                           **{"default/policy/1": image.text64(b"allow nothing")})

    def resources(self, *arguments, **more):
        """An agent with both services."""
        return self.agent(*arguments, sockets=("keyprovider", "getresource"), **more)

    def test_a_resource_by_path_uri_or_id(self):
        agent = self.resources()
        for path in ("/default/policy/1", "kbs:///default/policy/1", "kbs://host:1/default/policy/1",
                     "default/policy/1"):
            self.assertEqual(agent.resource(path), b"allow nothing")

    def test_what_is_no_resource(self):
        agent = self.resources()
        for path, code, name in (("/default/policy/2", grpc.StatusCode.NOT_FOUND, "OSKBC_E_UNKNOWN_KEY"),
                                 ("nothing", grpc.StatusCode.NOT_FOUND, "OSKBC_E_UNKNOWN_KEY"),
                                 ("/default/../1", grpc.StatusCode.INVALID_ARGUMENT, "OSKBC_E_REQUEST"),
                                 ("http://host/a/b/c", grpc.StatusCode.INVALID_ARGUMENT, "OSKBC_E_REQUEST"),
                                 ("default/policy/1\0more", grpc.StatusCode.INVALID_ARGUMENT, "OSKBC_E_REQUEST"),
                                 ("", grpc.StatusCode.INVALID_ARGUMENT, "OSKBC_E_REQUEST")):
            with self.subTest(path):
                self.refuses(code, name, agent.resource, path)

    def test_the_kbc_has_to_be_ours(self):
        agent = self.resources()
        for name, uri in (("cc_kbc", "http://there"), ("offline_sev_kbc", ""), ("", "null")):
            self.refuses(grpc.StatusCode.INVALID_ARGUMENT, "OSKBC_E_PARAMS", agent.resource, "default/policy/1", name,
                         uri)
        self.assertTrue(self.guest.secret.exists())

    def test_without_a_kbc_the_configuration_counts(self):
        self.guest.configure(f'aa_kbc_params = "{PARAMS}"\n')
        self.assertEqual(self.resources().resource("/default/policy/1", "", ""), b"allow nothing")

    def test_each_address_has_its_own_service(self):
        agent = self.resources()
        message = getresource.GetResourceRequest(ResourcePath="key_id1").SerializeToString()
        with self.assertRaises(grpc.RpcError) as caught:
            agent.method("GetResource", "getresource", agent.channel("keyprovider"))(message)
        self.assertEqual(caught.exception.code(), grpc.StatusCode.UNIMPLEMENTED)

    def test_both_may_share_one_address(self):
        place = f"unix:{self.folder}/agent.sock"
        agent = self.agent("--keyprovider_sock", place, "--getresource_sock", place, sockets=())
        self.serves(agent)
        self.assertEqual(agent.resource("/default/policy/1"), b"allow nothing")


class Hostile(AgentTest):
    """Whoever may connect may send anything."""

    def message(self):
        """A good message."""
        return keyprovider.keyProviderKeyWrapProtocolInput(
            KeyProviderKeyWrapProtocolInput=request()).SerializeToString()

    def test_every_length_of_a_message(self):
        agent, message = self.agent(), self.message()
        unwrap = agent.method("UnWrapKey")
        for length in range(len(message)):
            self.refuses(grpc.StatusCode.INVALID_ARGUMENT, "OSKBC_E_REQUEST", unwrap, message[:length])
        self.serves(agent)

    def test_every_length_of_a_request(self):
        agent, text, channel = self.agent(), request(), None
        channel = agent.channel()
        for length in range(len(text)):
            self.refuses(grpc.StatusCode.INVALID_ARGUMENT, "OSKBC_E_REQUEST", agent.unwrap, text[:length], channel)
        self.assertTrue(self.guest.secret.exists())
        self.serves(agent)

    def test_random_messages(self):
        seed = random.randrange(1 << 32)
        chance = random.Random(seed)
        agent = self.agent(sockets=("keyprovider", "getresource"))
        methods = [agent.method("UnWrapKey"), agent.method("GetResource", "getresource")]
        for _ in range(500):
            message = bytearray(self.message() if chance.random() < .5 else chance.randbytes(chance.randrange(300)))
            for _ in range(chance.randrange(1, 5)):
                if message:
                    message[chance.randrange(len(message))] = chance.randrange(256)
            try:
                chance.choice(methods)(bytes(message))
            except grpc.RpcError as error:
                self.assertTrue(error.details().startswith("OSKBC_E_"), f"seed {seed}: {error.details()}")
        self.assertIsNone(agent.process.poll(), f"seed {seed}")

    def test_messages_of_four_megabytes(self):
        agent = self.agent()
        unwrap = agent.method("UnWrapKey")
        for message in (bytes(4 << 20), self.message() + b"\x0a\x80\x80\x80\x02" + bytes(4 << 20)):
            with self.assertRaises(grpc.RpcError) as caught:
                unwrap(message)
            self.assertEqual(caught.exception.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
        self.serves(agent)

    def test_requests_of_the_largest_size(self):
        agent = self.agent()
        self.assertTrue(agent.unwrap(request().ljust(2 << 20)))
        self.refuses(grpc.StatusCode.INVALID_ARGUMENT, "OSKBC_E_REQUEST", agent.unwrap, request().ljust((2 << 20) + 1))
        self.refuses(grpc.StatusCode.INVALID_ARGUMENT, "OSKBC_E_REQUEST", agent.unwrap, b"[" * (2 << 20))

    def test_a_method_that_is_none(self):
        with self.assertRaises(grpc.RpcError) as caught:
            self.agent().method("Nothing")(b"")
        self.assertEqual(caught.exception.code(), grpc.StatusCode.UNIMPLEMENTED)

    def connections(self, agent, count):
        """Raw connections, closed with the test."""
        host, port = agent.addresses["keyprovider"].rsplit(":", 1)
        made = []
        for _ in range(count):
            made.append(socket.create_connection((host, int(port)), SECONDS))
            self.addCleanup(made[-1].close)
        return made

    def test_clients_that_say_nothing_keep_nobody_else_from_it(self):
        agent = self.agent()
        silent = self.connections(agent, 200)
        self.serves(agent)
        for connection in silent[::2]:
            connection.sendall(b"PRI * HTTP/2.0\r\n")
        self.serves(agent)
        self.assertEqual(agent.stop(signal.SIGTERM), 0)

    def test_a_client_that_never_ends_its_request_keeps_nobody_else_from_it(self):
        agent = self.agent()
        stub = agent.channel().stream_unary("/keyprovider.KeyProviderService/UnWrapKey")
        stop = concurrent.futures.Future()

        def never():
            yield stop.result()
        calls = [stub.future(never()) for _ in range(50)]
        self.serves(agent)
        for call in calls:
            call.cancel()
        stop.set_result(b"")
        self.serves(agent)

    def test_connections_without_end_do_not_end_it(self):
        agent = self.agent()
        limit = ["prlimit", "--pid", str(agent.process.pid), "--nofile=64:64"]
        subprocess.run(limit, check=True)
        for connection in self.connections(agent, 100):
            connection.close()
        time.sleep(1.5)
        self.serves(agent)


class Listening(AgentTest):
    """Where it listens, and where it does not."""

    def fails(self, status, says, *arguments):
        """It ends so, with one line."""
        done = subprocess.run([PROGRAM, "--root", self.guest.root, *arguments], capture_output=True, timeout=SECONDS,
                              check=False)
        self.assertEqual(done.returncode, status, done.stderr)
        own = [line for line in done.stderr.decode().splitlines() if line.startswith("oskbc-agent-grpc: ")]
        self.assertEqual(len(own), 1, done.stderr)
        self.assertIn(says, own[0])

    def test_other_machines_are_refused(self):
        for address in ("0.0.0.0:0", "[::]:0"):
            self.fails(64, "--allow-remote", "--keyprovider_sock", address)
            self.fails(64, "--allow-remote", "--keyprovider_sock=127.0.0.1:0", "--getresource_sock", address)

    def test_other_machines_can_be_allowed(self):
        agent = self.agent("--allow-remote", "--keyprovider_sock", "0.0.0.0:0", sockets=())
        agent.addresses["keyprovider"] = agent.addresses["keyprovider"].replace("0.0.0.0", "127.0.0.1")
        self.serves(agent)

    def test_a_unix_socket_is_for_its_owner(self):
        path = self.folder / "agent.sock"
        agent = self.agent("--keyprovider_sock", f"unix:{path}", sockets=())
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        self.serves(agent)
        self.assertEqual(agent.stop(signal.SIGTERM), 0)
        self.assertFalse(path.exists())

    def test_an_address_that_is_taken(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            self.fails(5, str(port), f"--keyprovider_sock=127.0.0.1:{port}")

    def test_two_agents_do_not_share_an_address(self):
        self.fails(5, "cannot listen", "--keyprovider_sock", self.agent().addresses["keyprovider"])

    def test_the_configuration_has_addresses(self):
        self.guest.configure(f"keyprovider_sock = 'unix:{self.folder}/k.sock'\n"
                             f"getresource_sock = 'unix:{self.folder}/r.sock'\n")
        agent = self.agent(sockets=())
        self.serves(agent)
        self.assertEqual(agent.line(), f"getresource: unix:{self.folder}/r.sock")

    def test_a_configuration_that_is_not_there(self):
        self.fails(5, "nothing.toml", "--config", self.folder / "nothing.toml")

    def test_a_wrong_command_line(self):
        self.fails(64, "--help", "--no-such-option")
        self.fails(64, "--help", "more")
        self.fails(64, "127.0.0.1:50000", "--keyprovider_sock", "localhost")


class Stopping(AgentTest):
    """SIGTERM and SIGINT."""

    def test_it_tells_the_service_manager(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(str(self.folder / "notify"))
            manager.settimeout(SECONDS)
            agent = self.agent(NOTIFY_SOCKET=str(self.folder / "notify"))
            self.assertEqual(manager.recv(100), b"READY=1")
            self.assertEqual(agent.stop(signal.SIGINT), 0)
            self.assertEqual(manager.recv(100), b"STOPPING=1")

    def test_requests_that_run_end_with_an_answer_or_a_refusal(self):
        agent = self.agent()
        channel, outcomes = agent.channel(), []

        def ask(_):
            try:
                return options_of(agent.unwrap(request(), channel)) == OPTIONS
            except grpc.RpcError as error:
                return error.code()
        self.serves(agent)
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            asked = [pool.submit(ask, None) for _ in range(2000)]
            time.sleep(.3)
            self.assertEqual(agent.stop(signal.SIGTERM), 0)
            channel.close()
            outcomes = {future.result() if not future.exception() else "closed" for future in asked}
        self.assertIn(True, outcomes)
        self.assertLessEqual(outcomes, {True, "closed", grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED})

    def test_a_connected_client_does_not_delay_it(self):
        agent = self.agent()
        self.serves(agent)
        start = time.monotonic()
        self.assertEqual(agent.stop(signal.SIGTERM), 0)
        self.assertLess(time.monotonic() - start, 5)


@unittest.skipUnless(os.access("/proc/self/mem", os.R_OK), "memory cannot be read here")
class Memory(AgentTest):
    """What is left of secrets in the agent, seen from outside."""

    def settles(self, agent, needle, times):
        """gRPC lets go of an answer soon after the client has it, or on a busy machine after a while."""
        end = time.monotonic() + SECONDS
        while (found := agent.count_in_memory(needle)) != times and time.monotonic() < end:
            time.sleep(.1)
        self.assertEqual(found, times)

    def test_plaintext_does_not_outlive_its_answer(self):
        kek, plain = os.urandom(32), os.urandom(24).hex()
        self.guest = Guest(self.folder, key_id1=image.text64(kek))
        agent = self.agent(sockets=("keyprovider", "getresource"))
        text = request(image.packet({"symkey": plain}, kek=kek))
        try:
            agent.count_in_memory(b"")
        except PermissionError:
            self.skipTest("the agent's memory cannot be read here")
        for _ in range(20):
            self.assertEqual(options_of(agent.unwrap(text, agent.channel())), {"symkey": plain})
        self.assertEqual(agent.resource("key_id1"), kek)
        self.settles(agent, plain.encode()[:16], 0)
        self.settles(agent, ",".join(str(byte) for byte in plain.encode()[:16]).encode(), 0)
        # The client's key is in its locked page, which shows that the search finds something, and nowhere else.
        self.settles(agent, kek[:16], 1)
        self.settles(agent, kek[16:], 1)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    PROGRAM = str(pathlib.Path(sys.argv[1]).resolve())
    unittest.main(argv=sys.argv[:1] + sys.argv[2:])
