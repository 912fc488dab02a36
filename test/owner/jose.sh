#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A keyset in a file, from the owner to the guest; and both ways between sev-guest-owner and jose, which knows nothing
# of us. TAP on standard output. To be called with sev-guest-owner and oskbc.
set -u

tool=$(realpath "$1")
oskbc=$(realpath "$2")
here=$(realpath "$(dirname "$0")")
work=$(mktemp -d)
cd "$work" || exit 1
umask 022

# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$here/tap.sh"

# The guest as its kernel and its initrd show it, with the table and the keyset file given.
make_guest() {
  rm -rf guest
  "$tool" table tree "$1" guest >"$work.out" && mkdir -p guest/etc/oskbc && cp "$2" guest/etc/oskbc/keyset.jwe
}
guest_lists() {
  "$oskbc" --root guest list --json >"$work.out" 2>"$work.err"
}

# --- from the owner to the guest ---
mapfile -t ids < <(seq -f 'default/key/%g' 1 1000)
works '1000 keys are made' keygen "${ids[@]}"
fails 'they have no room in the area' 1 'the area has 3072' table build --keys keys.json -o table
works 'but in a file' keyset seal --keys keys.json -o keyset.jwe
prints 'which is said' 'keyset.jwe: keys: 1000'
prints 'with the key that was made' 'keys.json: oskbc/keyset/key is new, oskbc/keyset/sha256 is this file'
check 'the file is no secret' test "$(stat -c %a keyset.jwe)" = 644
check 'the keys are' test "$(stat -c %a keys.json)" = 600
fails 'a file that is there stays' 1 '--force' keyset seal -o keyset.jwe
works 'keyset show lists it' keyset show keyset.jwe
check 'all of it' test "$(wc -l <"$work.out")" = 1000
check 'without keys' test "$(head -n 1 "$work.out")" = "$(printf '32\tdefault/key/1')"
works 'as JSON, too' keyset show --json keyset.jwe
works 'a table has room for what opens it' table build --keys keys.json --keyset-file keyset.jwe -o table
prints 'and says what is where' 'keys in the area: 2, in keyset.jwe: 1000'
make_guest table keyset.jwe
doctor_is_content() { "$oskbc" --root guest doctor >"$work.out"; }
check 'the doctor finds all keys' doctor_is_content
check 'the guest opens it' guest_lists
check 'and has 1000 keys' test "$(grep -c '"length": 32' "$work.out")" = 1000

works 'sealed again, the file has the same key' keyset seal default/key/1 default/key/2 -o other.jwe
prints 'which is said' 'oskbc/keyset/key is kept'
make_guest table keyset.jwe && cp other.jwe guest/etc/oskbc/keyset.jwe
guest_lists
check 'another file than the injected one is refused' test $? = 18
check 'and said' grep -q 'an older one' "$work.err"
fails 'of the old file, the keys file knows no more' 18 'an older one' keyset show keyset.jwe
works 'a new key may be asked for' keyset seal --new-key -o new.jwe
prints 'and is made' 'oskbc/keyset/key is new'
fails 'it opens no old file' 17 'altered' keyset show other.jwe
fails 'the two can not be in the file' 1 "they can't be in it" keyset seal oskbc/keyset/key -o t.jwe
fails 'a key that is not there is an error' 10 'did you mean' keyset seal default/key/1001 -o t.jwe
cp keys.json before.json
run keyset seal -o none/t.jwe
check 'a file that can not be written changes no keys' cmp keys.json before.json
rm before.json

cat >keysets.json <<'END'
{"GUEST": {"allowed_keys": ["oskbc/keyset/key", "oskbc/keyset/sha256"], "allowed_digests": [], "allowed-policies": [1]},
 "BOTH": {"allowed_keys": ["oskbc/keyset/key", "oskbc/keyset/sha256", "default/key/1"], "allowed-policies": [1]},
 "HALF": {"allowed_keys": ["oskbc/keyset/key"], "allowed-policies": [1]}}
END
works 'a broker releases the two like other keys' table build --keys keys.json --keysets keysets.json \
  --keyset GUEST --keyset-file new.jwe -o released
make_guest released new.jwe
check 'and the guest opens that' guest_lists
fails 'a key in both places is refused before the guest does' 7 'a guest refuses both' table build --keys keys.json \
  --keysets keysets.json --keyset BOTH --keyset-file new.jwe -o t
fails 'and so is one of the two alone' 7 'oskbc/keyset/sha256 is not among' table build --keys keys.json \
  --keysets keysets.json --keyset HALF --keyset-file new.jwe -o t

# --- with jose ---
if ! command -v jose >/dev/null; then
  check 'jose # SKIP jose is not installed: neither did it read our files, nor we its' true
  printf '1..%d\n' "$count"
  exit 0
fi

# The file's key as a JWK; $1 is its algorithm.
jwk() {
  python3 - "$1" <<'END'
import json, sys
key = json.load(open("keys.json"))["oskbc/keyset/key"].rstrip("=").replace("+", "-").replace("/", "_")
print(json.dumps({"kty": "oct", "alg": sys.argv[1], "k": key}))
END
}
# Puts the digest of $1 into the keys file, as an owner does who seals by other means.
set_digest() {
  python3 - "$1" <<'END'
import base64, hashlib, json, sys
keys = json.load(open("keys.json"))
digest = hashlib.sha256(open(sys.argv[1], "rb").read()).digest()
keys["oskbc/keyset/sha256"] = base64.b64encode(digest).decode()
json.dump(keys, open("keys.json", "w"))
END
}
jwk A256GCM >dir.jwk
jwk A256KW >wrapping.jwk
check 'jose opens our file' jose jwe dec -i new.jwe -k dir.jwk -O plain.json
check 'and finds the same keys' python3 -c '
import json
keys = json.load(open("keys.json"))
found = json.load(open("plain.json"))
assert len(found) == 1000 and all(keys[name] == found[name] for name in found)'
for alg in dir A256KW; do
  key=dir.jwk
  [ $alg = dir ] || key=wrapping.jwk
  check "jose makes a file with $alg" jose jwe enc -I plain.json -k $key -o "jose-$alg.jwe" \
    -i "{\"protected\":{\"alg\":\"$alg\",\"enc\":\"A256GCM\",\"kid\":\"oskbc/keyset/key\"}}"
  set_digest "jose-$alg.jwe"
  works 'keyset show reads it' keyset show "jose-$alg.jwe"
  works 'a table is built for it' table build --keys keys.json --keyset-file "jose-$alg.jwe" -o "table-$alg"
  make_guest "table-$alg" "jose-$alg.jwe"
  check 'the guest opens it' guest_lists
  check 'and has all its keys' test "$(grep -c '"length": 32' "$work.out")" = 1000
done
jose jwe enc -I plain.json -k dir.jwk -o zipped.jwe \
  -i '{"protected":{"alg":"dir","enc":"A256GCM","zip":"DEF","kid":"oskbc/keyset/key"}}'
set_digest zipped.jwe
fails 'a compressed one is refused' 7 'not expected' keyset show zipped.jwe
jose jwe enc -I plain.json -k dir.jwk -o header.jwe \
  -i '{"protected":{"alg":"dir","enc":"A256GCM","kid":"oskbc/keyset/key"},"unprotected":{"a":"b"}}'
set_digest header.jwe
run keyset show header.jwe
check 'and one with an unprotected header' test "$status" = 7
printf '1..%d\n' "$count"
