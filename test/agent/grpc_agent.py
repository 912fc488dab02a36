# SPDX-License-Identifier: Apache-2.0
"""Starts oskbc-agent-grpc over a guest's fake root, and speaks to it as ocicrypt and image-rs do, through Python's gRPC.

Messages are protoc's of the same files that the agent is built from; stubs are made here, so that a test can also
send what is no message.
"""
import pathlib
import sys

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "services"))
import protos  # pylint: disable=wrong-import-position
import grpc  # pylint: disable=wrong-import-position
from guest import SECONDS, Program  # pylint: disable=wrong-import-position

keyprovider, getresource = (protos.compile_proto(name) for name in ("keyprovider", "getresource"))


class Agent(Program):
    """A running agent. Ends with its `with`."""

    def __init__(self, program, root, *arguments, sockets=("keyprovider",), **environment):
        addresses = [f"--{name}_sock=127.0.0.1:0" for name in sockets]
        super().__init__(program, root, *addresses, *arguments, **environment)
        self.addresses = {}
        for _ in sockets or ("one",):
            names, _, address = self.line().partition(": ")
            self.addresses.update({name: address for name in names.split(" and ")})
        self.channels = []

    def __exit__(self, *more):
        for channel in self.channels:
            channel.close()
        super().__exit__(*more)

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
