#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The owner's keyset comes to the guest's tool, and the sample's packet is unwrapped.
set -eu
sample=$PWD/examples/sample
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

sev-guest-owner keygen key_id1
sev-guest-owner table build --keys keys.json -o table
sev-guest-owner table tree table guest
oskbc --root guest --keep-secret doctor
oskbc --root guest list --consume | grep key_id1

"$sample/make-tree.sh" guest
oskbc --root guest unwrap "$sample/packet.json" >options
# The file ends with a newline for the sake of editors; the packet's plaintext does not.
head -c -1 "$sample/options.json" | cmp - options
status=0
oskbc --root guest unwrap "$sample/packet.json" || status=$?
[ $status = 4 ]
