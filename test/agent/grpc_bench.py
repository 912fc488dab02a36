#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Unwraps per second of oskbc-agent-grpc, over connections of processes of their own. No test: it judges nothing.

usage: grpc_bench.py AGENT [CONNECTIONS [SECONDS]]
"""
import multiprocessing
import sys
import tempfile
import time

from grpc_agent import Agent, keyprovider
from guest import OPTIONS, Guest, options_of, request


def ask(method, message, seconds, answered):
    """Asks without a pause, and counts."""
    until = time.monotonic() + seconds
    count = 0
    while time.monotonic() < until:
        method(message)
        count += 1
    answered.put(count)


def connection(agent, message, seconds, answered):
    """One client."""
    ask(agent.method("UnWrapKey"), message, seconds, answered)


def main(program, connections=4, seconds=5):
    """Prints one line."""
    message = keyprovider.keyProviderKeyWrapProtocolInput(KeyProviderKeyWrapProtocolInput=request())
    answered = multiprocessing.Queue()
    with tempfile.TemporaryDirectory() as folder, Agent(program, Guest(folder).root) as agent:
        arguments = (agent, message.SerializeToString(), seconds, answered)
        clients = [multiprocessing.Process(target=connection, args=arguments)
                   for _ in range(connections)]
        for client in clients:
            client.start()
        total = sum(answered.get() for _ in clients)
        for client in clients:
            client.join()
        assert options_of(agent.unwrap(request())) == OPTIONS
        with open(f"/proc/{agent.process.pid}/stat", encoding="ascii") as stat:
            ticks = sum(int(field) for field in stat.read().rsplit(")", 1)[1].split()[11:13])
    print(f"{total / seconds:.0f} unwraps a second over {connections} connections; "
          f"{ticks * 10000 / total:.0f} microseconds of the agent's processor time each")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], *(int(number) for number in sys.argv[2:4]))
