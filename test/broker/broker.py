# SPDX-License-Identifier: Apache-2.0
"""A broker of the tests' own, and a client of it that shares no code with it: Python's grpcio, and messages that
protoc compiles from the proto file."""
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(1, str(pathlib.Path(__file__).resolve().parents[1] / "services"))
# pylint: disable=wrong-import-position
import protos  # first: it may start the program anew

import grpc

from sev_platform import Platform

SECONDS = 60
DIGEST = bytes(range(32))
POLICY = 5
KEYSETS = {
    "KEYSET-1": {"allowed_digests": ["11" * 32, DIGEST.hex()], "allowed_keys": ["key_id1"],
                 "allowed-policies": [1, POLICY, 0xffffffff], "min-api-major": 1, "min-api-minor": 50,
                 "allowed-build-ids": [23, 24]},
    "KEYSET-2": {"allowed_digests": [DIGEST.hex()], "allowed_keys": ["key_id2", "key_id1"],
                 "allowed-policies": [POLICY]},
}
KEY_GUID_IN_TABLE = bytes.fromhex("62a1f5e67fd65047a67c5d065f2a9910")


MESSAGES = protos.compile_proto("pre-attestation")


def keyset_in(table):
    """The keys in a secret table of one entry."""
    length = int.from_bytes(table[36:40], "little")
    assert table[20:36] == KEY_GUID_IN_TABLE, "the keyset's GUID"
    return json.loads(table[40:20 + length])


class Client:
    """What a host does."""

    def __init__(self, target, credentials=None, options=()):
        # Otherwise clients of one process share a connection, and the wait after one that failed.
        options = [("grpc.use_local_subchannel_pool", 1), *options]
        if credentials is None:
            self.channel = grpc.insecure_channel(target, options)
        else:
            self.channel = grpc.secure_channel(target, credentials, options)
        self.bundle_call = self.method("GetLaunchBundle", MESSAGES.BundleResponse)
        self.secret_call = self.method("GetLaunchSecret", MESSAGES.SecretResponse)

    def method(self, name, response):
        return self.channel.unary_unary(
            "/Setup/" + name, response_deserializer=response.FromString,
            request_serializer=lambda request: request if isinstance(request, bytes) else
            request.SerializeToString())

    def close(self):
        self.channel.close()

    def bundle(self, platform, policy=POLICY, timeout=SECONDS, **fields):
        request = {"PlatformPublicKey": platform.pdh, "CertificateChain": platform.chain, "Policy": policy}
        return self.bundle_call(MESSAGES.BundleRequest(**{**request, **fields}), timeout=timeout)

    def secret(self, connection, measurement, timeout=SECONDS, **fields):
        request = {"LaunchMeasurement": measurement, "ConnectionId": connection, "ApiMajor": 1, "ApiMinor": 55,
                   "BuildId": 24, "Policy": POLICY, "KeysetId": "KEYSET-1"}
        return self.secret_call(MESSAGES.SecretRequest(**{**request, **fields}), timeout=timeout)

    def open(self, platform, **fields):
        """A guest that was launched and measured, and its connection."""
        bundle = self.bundle(platform, **fields)
        guest = platform.launch(bundle.GuestOwnerPublicKey, bundle.LaunchBlob, POLICY)
        guest.measure(DIGEST)
        return bundle.ConnectionId, guest

    def launch(self, platform, **fields):
        """A whole launch; gives the guest's keys."""
        connection, guest = self.open(platform)
        secret = self.secret(connection, guest.measurement, **fields)
        return keyset_in(guest.inject(secret.LaunchSecretHeader, secret.LaunchSecretData))


class World:
    """A folder with what an owner has, and a platform."""

    def __init__(self, tool, platform_tool):
        self.tool, self.platform_tool = tool, platform_tool
        self.temporary = tempfile.TemporaryDirectory(prefix="oskbc-broker-")
        self.folder = pathlib.Path(self.temporary.name)
        self.run(tool, "keygen", "key_id1", "key_id2")
        self.run(platform_tool, "init", "host")
        self.write_keysets(KEYSETS)
        key = self.folder / "state.key"
        key.write_bytes(os.urandom(32))
        key.chmod(0o600)
        self.platform = Platform(self.folder / "host")
        self.keys = json.loads((self.folder / "keys.json").read_text())

    def run(self, *command):
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False,
                              timeout=SECONDS)
        assert done.returncode == 0, (command, done.stderr)
        return done.stdout

    def write_keysets(self, keysets):
        (self.folder / "keysets.json").write_text(json.dumps(keysets))

    def close(self):
        self.temporary.cleanup()


class Broker:
    """A running `sev-guest-owner serve`."""

    trust = ("--amd-root", "host/ark.cert")

    def __init__(self, world, *arguments, state="launches.db", trust=trust, listen=("--port", "0"),
                 key=("--state-key", "state.key"), environment=None, audit=None):
        self.log = tempfile.TemporaryFile()
        self.audit_file = audit or world.folder / f"audit.{time.monotonic_ns()}"
        self.process = subprocess.Popen(
            [world.tool, "serve", *listen, "--state", state, *key, "--audit", self.audit_file, *trust,
             *arguments],
            cwd=world.folder, env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self.log)
        try:
            self.address = self.wait_for_address()
        except AssertionError:
            self.log.close()
            raise

    def wait_for_address(self):
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            for line in self.messages().splitlines():
                if "listening on " in line:
                    return line.rpartition(" ")[2]
            if self.process.poll() is not None:
                raise AssertionError("the broker ended: " + self.messages())
            time.sleep(0.02)
        raise AssertionError("the broker does not listen: " + self.messages())

    def messages(self):
        return os.pread(self.log.fileno(), 1 << 20, 0).decode()

    def has_said(self, text):
        """Waits for it: what is seen from outside may be there before it is said."""
        deadline = time.monotonic() + SECONDS
        while text not in self.messages():
            assert time.monotonic() < deadline, self.messages()
            time.sleep(0.02)
        return True

    def records(self):
        """All that the audit has so far."""
        return [json.loads(line) for line in self.audit_file.read_text().splitlines()]

    def audit(self):
        """The decisions on requests among them."""
        return [line for line in self.records() if line["event"] not in ("start", "reload")]

    def reload(self):
        before = self.messages().count("anew")
        self.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + SECONDS
        while self.messages().count("anew") == before:
            assert time.monotonic() < deadline, "nothing was reloaded"
            time.sleep(0.02)

    def _proc(self, name):
        return pathlib.Path(f"/proc/{self.process.pid}/{name}").read_text()

    def memory_mib(self, what="VmHWM"):
        """What the kernel counts of it: at most so far, unless told otherwise."""
        return int(re.search(rf"^{what}:\s+(\d+) kB", self._proc("status"), re.M)[1]) / 1024

    def has_sanitizer(self):
        """Sanitizers keep what was freed, and need memory of their own."""
        return re.search("lib[at]san|__asan|__tsan", self._proc("maps")) is not None

    def stop(self, number=signal.SIGTERM):
        """Gives the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        status = self.process.wait(timeout=SECONDS)
        self.log.close()
        return status
