# SPDX-License-Identifier: Apache-2.0
"""Starts oskbc-agent over a guest's fake root, and speaks to it as ocicrypt and image-rs do, through Python's gRPC.

Messages are protoc's of the same files that the agent is built from; stubs are made here, so that a test can also
send what is no message.
"""
import json
import os
import pathlib
import select
import subprocess
import sys
import tempfile

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "services"))
import protos  # pylint: disable=wrong-import-position
import grpc  # pylint: disable=wrong-import-position
import encrypted_image as image  # pylint: disable=wrong-import-position

PARAMS = "offline_sev_kbc::null"
GUID = "e6f5a162-d67f-4750-a67c-5d065f2a9910"
OPTIONS = {"symkey": "a key of thirty two bytes, or so"}
SECONDS = 20

keyprovider, getresource = (protos.compile_proto(name) for name in ("keyprovider", "getresource"))


def request(packet=None, params=PARAMS, **changes):
    """ocicrypt's request for a packet's options, with the parameters of a client."""
    values = None if params is None else [image.text64(params.encode())]
    unwrap = {"dc": {"Parameters": {"attestation-agent": values}}, "annotation": packet or image.packet(OPTIONS)}
    return json.dumps({"op": "keyunwrap", "keywrapparams": {"ec": None, "optsdata": None},
                       "keyunwrapparams": unwrap, **changes}).encode()


def options_of(answer):
    """The private options in an answer."""
    return json.loads(bytes(json.loads(answer)["keyunwrapresults"]["optsdata"]))


class Guest:
    """A fake root with a keyset."""

    def __init__(self, folder, **keyset):
        self.root = pathlib.Path(folder) / "guest"
        self.secret = self.root / "sys/kernel/security/secrets/coco" / GUID
        self.keyset = keyset or {"key_id1": image.text64(image.KEK)}
        self.inject()

    def inject(self):
        """Puts the keyset where the kernel shows it."""
        self.secret.parent.mkdir(parents=True, exist_ok=True)
        self.secret.write_text(json.dumps(self.keyset))

    def configure(self, text):
        """Writes the agent's configuration."""
        (self.root / "etc").mkdir(exist_ok=True)
        (self.root / "etc/agent-config.toml").write_text(text)


class Agent:
    """A running agent. Ends with its `with`."""

    def __init__(self, program, root, *arguments, sockets=("keyprovider",), **environment):
        self.log = tempfile.TemporaryFile()
        addresses = [f"--{name}_sock=127.0.0.1:0" for name in sockets]
        self.process = subprocess.Popen([program, "--root", root, *addresses, *arguments], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, bufsize=0, stderr=self.log,
                                        env={"PATH": os.environ["PATH"], **environment})
        self.addresses = {}
        for _ in sockets or ("one",):
            names, _, address = self.line().partition(": ")
            self.addresses.update({name: address for name in names.split(" and ")})
        self.channels = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for channel in self.channels:
            channel.close()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.log.close()

    def line(self):
        """The next line of its standard output."""
        if not select.select([self.process.stdout], [], [], SECONDS)[0]:
            raise AssertionError(f"the agent says nothing for {SECONDS} seconds")
        return self.process.stdout.readline().decode().strip()

    def said(self):
        """What it wrote to standard error until now."""
        self.log.seek(0)
        return self.log.read().decode()

    def stop(self, signal):
        """Sends a signal, and gives the exit status."""
        self.process.send_signal(signal)
        return self.process.wait(SECONDS)

    def channel(self, service="keyprovider"):
        """A connection of its own."""
        channel = grpc.insecure_channel(self.addresses[service], options=[
            ("grpc.use_local_subchannel_pool", 1), ("grpc.enable_http_proxy", 0),
            ("grpc.max_send_message_length", -1)])
        self.channels.append(channel)
        return channel

    def method(self, name, service="keyprovider", channel=None):
        """A method that takes and gives bytes."""
        full = {"keyprovider": "keyprovider.KeyProviderService", "getresource": "getresource.GetResourceService"}
        stub = (channel or self.channel(service)).unary_unary(f"/{full[service]}/{name}")
        return lambda message, timeout=SECONDS: stub(message, timeout=timeout, wait_for_ready=True)

    def unwrap(self, text, channel=None):
        """The answer to a key provider request."""
        message = keyprovider.keyProviderKeyWrapProtocolInput(KeyProviderKeyWrapProtocolInput=text)
        reply = self.method("UnWrapKey", channel=channel)(message.SerializeToString())
        output = keyprovider.keyProviderKeyWrapProtocolOutput.FromString(reply)
        return output.KeyProviderKeyWrapProtocolOutput

    def resource(self, path, name="offline_sev_kbc", uri="null"):
        """A resource's bytes."""
        message = getresource.GetResourceRequest(ResourcePath=path, KbcName=name, KbsUri=uri)
        reply = self.method("GetResource", "getresource")(message.SerializeToString())
        return getresource.GetResourceResponse.FromString(reply).Resource
