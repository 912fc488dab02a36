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
  gives 1 "$2" fetch_image "/images/$1"
  check 'nothing of it is kept' is_gone "/run/$1/index.json"
}

is_refused plain 'no signature exists'
is_refused unsigned 'no signature exists'
is_refused somebody 'signature'
is_refused dropped 'digest'
is_refused added 'digest'

situation 'the image of the owner'
gives 0 'container: ' run_image /image
gives 0 key_id1 oskbc --agent "$agent" list
check 'the agent stops' agent_stops
