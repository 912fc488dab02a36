# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash source=test/guest/inside/lib.sh
#
# The way of an image: its owner encrypted and signed it, the agent took the keyset before anything else, skopeo asks
# it for the policy and the keys, umoci unpacks, crun runs. A host that offers another image gets nothing.
. /test/lib.sh
mount_control_groups

situation 'before any image'
check 'the secret is in memory' area_holds key_id1
doctor_is_content
check 'the agent starts' agent_starts
check 'the file is gone' is_gone "$secret"
check 'the memory is zero' is_wiped
check 'the policy is in the keyset' take_policy

# IMAGE WORDS
is_refused() {
  situation "the host offers $1"
  check 'the file is gone before' is_gone "$secret"
  gives 1 "$2" fetch_image "$1"
  check 'nothing of it is kept' is_gone "/run/$1/index.json"
}

is_refused plain 'no signature exists'
is_refused unsigned 'no signature exists'
is_refused somebody 'signature'
is_refused dropped 'digest'
is_refused added 'digest'

# IMAGE: its lines stay in /tmp/ran.
runs() {
  situation "the owner's image: $1"
  gives 0 'container: This was decrypted: ' run_image "$1"
  tr '\t' ' ' </tmp/said >/tmp/ran
}

says() {
  grep -qF -- "$1" /tmp/ran
}

# Inherited or effective, bounding or ambient.
has_no_capability() {
  [ "$(grep -c '^container: Cap.*: 0000000000000000$' /tmp/ran)" = 5 ]
}

has_namespaces() {
  local kind
  for kind in ipc mnt net pid uts; do
    says "container: /proc/self/ns/$kind -> $kind:" && ! says "$(readlink "/proc/self/ns/$kind")" || return 1
  done
}

runs basic
check 'it has no capability' has_no_capability
check 'it has namespaces of its own' has_namespaces
for image in zstd uncompressed; do
  runs $image
done
runs many
check 'with all its layers' says 'container: files in /layers: 37'
runs capable
check "a file's capabilities are kept" says 'container: capabilities of /bin/capable: 0100000200040000'
runs merged
check 'its folder became a link' says 'container: /bin -> usr/bin'
check 'with what went through it' says 'container: files in /bin: 2'
runs user
check 'as another user' says 'container: Uid: 1001 1001 1001 1001'

situation 'after all images'
gives 0 key_id1 oskbc --agent "$agent" list
check 'the agent stops' agent_stops
