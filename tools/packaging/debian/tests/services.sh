#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Each service starts as its unit starts it, and stops when it is told; the units are sound and shut; nothing was
# enabled. Where systemd runs, it is the one that starts them.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
units='oskbc-agent.service oskbc-agent-grpc.service sev-guest-owner-serve.service'

for unit in $units; do
  systemd-analyze verify --man=no "/lib/systemd/system/$unit"
  # Out of 100, where 100 is open; the agent has to mount and to load a module.
  systemd-analyze security --offline=true --threshold=35 "/lib/systemd/system/$unit"
  [ ! -e "/etc/systemd/system/multi-user.target.wants/$unit" ]
  [ ! -e "/etc/systemd/system/sysinit.target.wants/$unit" ]
done
getent passwd sev-guest-owner

# Starts a command and waits for its word, then has it stop.
starts() {
  word=$1
  shift
  "$@" >"$work/log" 2>&1 &
  process=$!
  tries=0
  until grep -q "$word" "$work/log"; do
    tries=$((tries + 1))
    if [ $tries = 100 ] || ! kill -0 $process; then
      cat "$work/log"
      return 1
    fi
    sleep 0.1
  done
  kill $process
  wait $process
}

starts 'cdh: ' oskbc-agent --config /etc/oskbc/agent-config.toml
starts 'keyprovider: ' oskbc-agent-grpc --config /etc/oskbc/agent-grpc.toml
cd "$work"
sev-guest-owner keygen key_id1
cat >keysets.json <<'END'
{"KEYSET-1": {"allowed_keys": ["key_id1"], "allowed_digests": []}}
END
starts 'listening on' sev-guest-owner serve --port 0 --unsafe-skip-chain
