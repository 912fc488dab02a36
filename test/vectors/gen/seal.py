# SPDX-License-Identifier: Apache-2.0
"""Keys, ciphers and encodings: all that a packet is made of.

Nothing here is random: keys, initialisation vectors and plaintexts are hashes of their names, so
that the same files come out on every run. The keys protect nothing; they are throw-away test keys.
"""

import base64
import hashlib
import json

from cryptography.hazmat.backends import default_backend
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

CURRENT_GCM = "A256GCM"
CURRENT_CTR = "A256CTR"
GCM_NAMES = (CURRENT_GCM, "aes_256_gcm", "aes-256-gcm")
CTR_NAMES = (CURRENT_CTR, "aes_256_ctr", "aes-256-ctr")


def stream(name, length):
    """Bytes that look random and follow from a name."""
    blocks = (length + 31) // 32
    label = ("oskbc test vectors, not a secret: " + name).encode()
    data = b"".join(hashlib.sha256(label + bytes([i // 256,
                                                  i % 256])).digest() for i in range(blocks))
    return data[:length]


def b64(data):
    return base64.b64encode(data).decode()


KEK1 = stream("KEK 1", 32)
KEK2 = stream("KEK 2", 32)
KEK3 = stream("KEK 3", 32)
PLAIN_ID = "key_id1"
PATH_ID = "default/key/key_id1"
KBS_KID = "kbs:///" + PATH_ID
PLAIN_KEYSET = {PLAIN_ID: b64(KEK1), "key_id2": b64(KEK2)}
PATH_KEYSET = {PATH_ID: b64(KEK1), "default/key/key_id2": b64(KEK2)}
BOTH_KEYSET = {PLAIN_ID: b64(KEK1), PATH_ID: b64(KEK1)}


def layer_options(name):
    """What ocicrypt wraps: the private options of a layer, with the layer's own key (LEK)."""
    digest = hashlib.sha256(stream("layer " + name, 64)).hexdigest()
    nonce = b64(stream("nonce " + name, 16))
    lek = b64(stream("LEK " + name, 32))
    options = {"symkey": lek, "digest": "sha256:" + digest, "cipheroptions": {"nonce": nonce}}
    return json.dumps(options, separators=(",", ":")).encode()


OPTIONS = layer_options("1")


def gcm(key, iv, plain):
    return AESGCM(key).encrypt(iv, plain, None)


def ctr(key, iv, data):
    cipher = Cipher(algorithms.AES(key), modes.CTR(iv), default_backend())
    step = cipher.encryptor()
    return step.update(data) + step.finalize()


def wrap(wrap_type, key, iv, plain):
    return (gcm if wrap_type in GCM_NAMES else ctr)(key, iv, plain)


def iv_for(wrap_type, name="IV"):
    return stream(name + " for " + wrap_type, 12 if wrap_type in GCM_NAMES else 16)


def as_base64(data):
    return b64(data)


def as_numbers(data):
    return list(data)


def packet(kid=PLAIN_ID, wrap_type=CURRENT_GCM, key=KEK1, plain=OPTIONS, iv=None, data=None,
           encode=as_base64, encode_iv=None, **more):
    """The members of an annotation packet in upstream's order; `more` come after them."""
    iv = iv_for(wrap_type) if iv is None else iv
    data = wrap(wrap_type, key, iv, plain) if data is None else data
    members = {"kid": kid, "wrapped_data": encode(data), "iv": (encode_iv or encode)(iv),
               "wrap_type": wrap_type}
    members.update(more)
    return members


def text(value):
    """JSON as serde writes it: no white space, UTF-8 as it is."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def join(members):
    """An object from ready-made member texts, for what no JSON writer would write."""
    return b"{" + b",".join(members) + b"}"


def member_texts(members):
    return [text(name) + b":" + text(value) for name, value in members.items()]
