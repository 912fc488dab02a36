# SPDX-License-Identifier: Apache-2.0
"""What others made: upstream's published packets and keysets, and a real client's requests.

The files are kept as they were found, in published/ and ocicrypt/; their keys are published too.
"""

import base64
import hashlib
import json

from .seal import b64
from .vector import Chapter

# The key of the sample packets in ocicrypt-rs.
SAMPLE_KEK = bytes([217, 155, 119, 5, 176, 186, 122, 22, 130, 149, 179, 163, 54, 114, 112, 176,
                    221, 155, 55, 27, 245, 20, 202, 139, 155, 167, 240, 163, 55, 17, 218, 234])
# The key that the recorded exchanges were made with.
RECORDED_KEK = hashlib.sha256(b"throw-away test key").digest()

SAMPLES = {"16e07c7": "null", "b720152": "default/key/1", "kbc_annotation": "default/key/1"}


def write(book, packets):
    samples(Chapter(book, "unwrap", "unwrap"), packets)
    strangers(Chapter(book, "unwrap", "unwrap"), packets)
    keysets(Chapter(book, "keyset", "open"), packets)
    recorded(Chapter(book, "keyprovider", "keyprovider"), packets.parent / "ocicrypt")


def open_sample(body):
    """The plaintext, with the cipher that this generator uses; a wrong key raises."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    members = json.loads(body)
    iv, data = (base64.b64decode(members[name]) for name in ("iv", "wrapped_data"))
    return AESGCM(SAMPLE_KEK).decrypt(iv, data, None)


def samples(chapter, packets):
    for name, key_id in SAMPLES.items():
        body = (packets / ("ocicrypt-rs_sample_" + name + ".json")).read_bytes()
        chapter.ok("published_ocicrypt-rs_" + name, "a sample packet published with ocicrypt-rs",
                   body, open_sample(body), keyset={key_id: b64(SAMPLE_KEK)})
    body = (packets / "ocicrypt-rs_sample_a216b74.json").read_bytes()
    chapter.fails("published_ocicrypt-rs_a216b74",
                  "a sample packet of ocicrypt-rs whose wrap type no key provider ever wrote",
                  body, "UNSUPPORTED", keyset={"null": b64(SAMPLE_KEK)})


def strangers(chapter, packets):
    """Published packets whose keys are not published: tried with every published key."""
    keysets_by_year = {year: json.loads(keyset_file(packets, year)) for year in ("2022", "2023")}
    for name in ("cdh_v1", "coco_readme_packet"):
        body = (packets / (name + ".json")).read_bytes()
        chapter.fails("published_" + name, "a published packet; its id is not in the demo's keyset",
                      body, "UNKNOWN_KEY", keyset=keysets_by_year["2022"])
    chapter.fails("published_coco_readme_packet_other_key",
                  "a published packet; the published keyset has its id with another key",
                  (packets / "coco_readme_packet.json").read_bytes(), "DECRYPT",
                  keyset=keysets_by_year["2023"])


def keyset_file(packets, year):
    return (packets / ("aa_offline_fs_kbc-keys_" + year + ".json")).read_bytes()


def keysets(chapter, packets):
    for year in ("2022", "2023"):
        body = keyset_file(packets, year)
        chapter.ok("published_" + year, "a keys file published with the attestation agent", body,
                   None, extra=[("key-count", str(len(json.loads(body))))])
        ids = sorted(json.loads(body), key=lambda key_id: key_id.encode())
        chapter.ok("published_%s_ids" % year, "its ids, sorted by bytes: key_id10 before key_id2",
                   body, None, operation="key-ids", extra=[("key-id", key_id) for key_id in ids])


def recorded(chapter, exchanges):
    keyset = {"key_id1": b64(RECORDED_KEK)}
    for layer in ("1", "2", "3"):
        stem = "skopeo1.18_keyunwrap_layer" + layer
        answer = json.loads((exchanges / (stem + ".stdout.json")).read_bytes())
        plain = base64.b64decode(answer["keyunwrapresults"]["optsdata"])
        body = (exchanges / (stem + ".stdin.json")).read_bytes()
        chapter.ok("recorded_skopeo_layer" + layer, "as skopeo 1.18 sent it", body, plain,
                   keyset=keyset)
        wrapping = (exchanges / ("skopeo1.18_keywrap_layer" + layer + ".stdin.json")).read_bytes()
        chapter.fails("recorded_skopeo_keywrap_layer" + layer,
                      "as skopeo 1.18 sent it; a guest does not wrap", wrapping, "REQUEST",
                      keyset=keyset)
        annotation = json.loads(body)["keyunwrapparams"]["annotation"]
        Chapter(chapter.book, "unwrap", "unwrap", keyset).ok(
            "recorded_skopeo_layer" + layer, "the packet of a recorded request",
            base64.b64decode(annotation), plain)
