#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Makes a directory that looks like the root of a guest whose kernel shows an injected keyset: the sample's,
# with a throw-away key that is no secret.
#
# usage: make-tree.sh DIR
set -euo pipefail

keyset_guid=e6f5a162-d67f-4750-a67c-5d065f2a9910

if [ $# != 1 ]; then
  printf 'usage: %s DIR\n' "${0##*/}" >&2
  exit 64
fi
folder=$1/sys/kernel/security/secrets/coco
mkdir -p "$folder"
# The mode that the kernel gives; removing an older file first, since that one cannot be written to.
rm -f "$folder/$keyset_guid"
install -m 0440 "$(dirname "$0")/keyset.json" "$folder/$keyset_guid"
