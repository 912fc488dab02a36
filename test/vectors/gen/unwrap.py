# SPDX-License-Identifier: Apache-2.0
"""Every generation of the packet, and every length, key and change that decryption can meet."""

from .seal import (CURRENT_CTR, CURRENT_GCM, KBS_KID, KEK1, KEK2, KEK3, OPTIONS, PATH_ID,
                   PATH_KEYSET,
                   PLAIN_ID, PLAIN_KEYSET, as_base64, as_numbers, b64, ctr, gcm, iv_for,
                   layer_options,
                   packet, stream, text)
from .vector import Chapter

AUTHENTICATED = [("require-authenticated", "yes")]
V2 = {"version": "0.1.0", "provider": "kbs", "provider_settings": {}, "annotations": {}}
LENGTHS = (0, 1, 15, 16, 17, 190, 65536)


def write(book):
    chapter = Chapter(book, "unwrap", "unwrap", PLAIN_KEYSET)
    plain_generations(chapter)
    path_generations(Chapter(book, "unwrap", "unwrap", PATH_KEYSET))
    lengths(chapter)
    iv_lengths(chapter)
    wrapped_lengths(chapter)
    key_lengths(chapter)
    changed_gcm(chapter)
    changed_ctr(chapter)
    authenticated(chapter)
    keys(chapter)


def plain_generations(chapter):
    for name, comment, wrap_type, encode in (
            ("2021_10", "October 2021: arrays of numbers", "aes_256_ctr", as_numbers),
            ("2021_11", "November 2021: base64, the demo's", "aes_256_ctr", as_base64),
            ("2022_12_gcm", "December 2022: GCM", "aes_256_gcm", as_base64),
            ("2022_12_ctr", "December 2022: CTR", "aes_256_ctr", as_base64),
            ("documents_gcm", "the spelling of documents, GCM", "aes-256-gcm", as_base64),
            ("documents_ctr", "the spelling of documents, CTR", "aes-256-ctr", as_base64),
            ("numbers_gcm", "arrays of numbers with the current name", CURRENT_GCM, as_numbers)):
        chapter.ok("generation_" + name, comment, text(packet(wrap_type=wrap_type, encode=encode)),
                   OPTIONS)


def path_generations(chapter):
    for name, comment, kid, wrap_type, more in (
            ("2023_02_gcm", "February 2023 on: current, GCM", KBS_KID, CURRENT_GCM, {}),
            ("2023_02_ctr", "February 2023 on: current, CTR", KBS_KID, CURRENT_CTR, {}),
            ("2023_02_host", "February 2023 on: with a host", "kbs://kbs.example.org/" + PATH_ID,
             CURRENT_GCM, {}),
            ("2023_02_port", "February 2023 on: with host and port",
             "kbs://10.0.0.1:8080/" + PATH_ID, CURRENT_GCM, {}),
            ("2023_03_doubled", "March 2023: the scheme twice", "kbs:///kbs:///" + PATH_ID,
             CURRENT_GCM, {}),
            ("2023_03_slashes", "March 2023: four slashes", "kbs:////" + PATH_ID, CURRENT_GCM, {}),
            ("2023_09_gcm", "September 2023: second format, GCM", KBS_KID, CURRENT_GCM, V2),
            ("2023_09_ctr", "September 2023: second format, CTR", KBS_KID, CURRENT_CTR, V2),
            ("2026_05_slash", "May 2026: a leading slash, no scheme", "/" + PATH_ID, CURRENT_GCM,
             {}),
            ("2026_05_host", "May 2026: a host, no scheme", "kbs.example.org/" + PATH_ID,
             CURRENT_GCM, {}),
            ("2026_05_port", "May 2026: a host and port, no scheme", "10.0.0.1:8080/" + PATH_ID,
             CURRENT_GCM, {})):
        chapter.ok("generation_" + name, comment,
                   text(packet(kid=kid, wrap_type=wrap_type, **more)), OPTIONS)


def lengths(chapter):
    for wrap_type in (CURRENT_GCM, CURRENT_CTR):
        for length in LENGTHS:
            plain = stream("plain", length)
            chapter.ok("length_%d_%s" % (length, wrap_type), "a plaintext of %d bytes" % length,
                       text(packet(wrap_type=wrap_type, plain=plain)), plain)
    plain = stream("plain", 65536)
    chapter.ok("length_65536_numbers", "64 KiB as an array of numbers",
               text(packet(plain=plain, encode=as_numbers)), plain)
    zeros = bytes(64)
    chapter.ok("length_64_zeros", "zero bytes are data", text(packet(plain=zeros)), zeros)
    counter = packet(wrap_type=CURRENT_CTR, iv=b"\xff" * 16)
    chapter.ok("ctr_counter_wraps", "the counter has 128 bits and wraps", text(counter), OPTIONS)


def iv_lengths(chapter):
    """OpenSSL would take most of these; we don't."""
    for length in (0, 1, 11, 13, 15, 16, 17, 32):
        iv = stream("odd IV", length)
        data = gcm(KEK1, iv, OPTIONS) if length >= 8 else gcm(KEK1, iv_for(CURRENT_GCM), OPTIONS)
        for encode in (as_base64, as_numbers):
            chapter.fails("iv_%d_gcm_%s" % (length, encode.__name__),
                          "GCM with %d bytes of IV" % length,
                          text(packet(iv=iv, data=data, encode=encode)), "DECRYPT")
    for length in (0, 8, 12, 15, 17, 32):
        chapter.fails("iv_%d_ctr" % length, "CTR with %d bytes of IV" % length,
                      text(packet(wrap_type=CURRENT_CTR, iv=stream("odd IV", length),
                                  data=OPTIONS)), "DECRYPT")


def wrapped_lengths(chapter):
    for length in (0, 1, 15, 16, 17):
        for encode in (as_base64, as_numbers):
            chapter.fails("wrapped_%d_gcm_%s" % (length, encode.__name__),
                          "GCM with %d bytes of data, no good tag" % length,
                          text(packet(data=stream("garbage", length), encode=encode)), "DECRYPT")
    whole = gcm(KEK1, iv_for(CURRENT_GCM), OPTIONS)
    for name, data in (("tag_cut_by_1", whole[:-1]), ("tag_cut_to_12", whole[:-4]),
                       ("tag_cut_off", whole[:-16]),
                       ("byte_more", whole + b"\0"), ("first_byte_lost", whole[1:]),
                       ("tag_first", whole[-16:] + whole[:-16])):
        chapter.fails("wrapped_" + name, "the tag is the last 16 bytes", text(packet(data=data)),
                      "DECRYPT")


def key_lengths(chapter):
    for length in (0, 1, 16, 24, 31, 33, 64):
        keyset = {PLAIN_ID: b64(KEK1), "other": b64(stream("other key", length))}
        for wrap_type in (CURRENT_GCM, CURRENT_CTR):
            chapter.fails("key_%d_%s" % (length, wrap_type), "a key of %d bytes" % length,
                          text(packet(kid="other", wrap_type=wrap_type)), "DECRYPT", keyset=keyset)


def flip(data, index, bit=1):
    changed = bytearray(data)
    changed[index] ^= bit
    return bytes(changed)


def changed_gcm(chapter):
    iv = iv_for(CURRENT_GCM)
    whole = gcm(KEK1, iv, OPTIONS)
    for name, index, bit in (("first_byte", 0, 1), ("middle", 100, 0x10), ("last_of_data", -17, 1),
                             ("tag_first", -16, 1),
                             ("tag_middle", -8, 0x40), ("tag_last", -1, 0x80)):
        chapter.fails("gcm_flipped_" + name, "one bit differs",
                      text(packet(data=flip(whole, index, bit))), "DECRYPT")
    chapter.fails("gcm_flipped_iv", "one bit of the IV differs",
                  text(packet(iv=flip(iv, 0), data=whole)), "DECRYPT")
    chapter.fails("gcm_tag_zero", "a tag of zeros", text(packet(data=whole[:-16] + bytes(16))),
                  "DECRYPT")
    chapter.fails("gcm_wrong_key", "another key's id", text(packet(kid="key_id2")), "DECRYPT")
    chapter.fails("gcm_labelled_ctr_iv", "GCM's data called CTR: its IV is too short",
                  text(dict(packet(), wrap_type=CURRENT_CTR)), "DECRYPT")
    chapter.fails("ctr_labelled_gcm_iv", "CTR's data called GCM: its IV is too long",
                  text(dict(packet(wrap_type=CURRENT_CTR), wrap_type=CURRENT_GCM)), "DECRYPT")
    big = gcm(KEK1, iv, stream("plain", 65536))
    chapter.fails("gcm_flipped_in_64k", "one bit in 64 KiB", text(packet(data=flip(big, 40000))),
                  "DECRYPT")


def changed_ctr(chapter):
    """CTR has no integrity: these succeed, with other bytes. A fact to know, no feature."""
    iv = iv_for(CURRENT_CTR)
    whole = ctr(KEK1, iv, OPTIONS)
    for name, index in (("first_byte", 0), ("middle", 100), ("last_byte", -1)):
        chapter.ok("ctr_flipped_" + name, "a changed bit comes out changed",
                   text(packet(wrap_type=CURRENT_CTR, data=flip(whole, index))),
                   flip(OPTIONS, index))
    chapter.ok("ctr_wrong_key", "a wrong key gives garbage",
               text(packet(kid="key_id2", wrap_type=CURRENT_CTR)), ctr(KEK2, iv, whole))
    chapter.ok("ctr_flipped_iv", "a changed IV gives garbage",
               text(packet(wrap_type=CURRENT_CTR, iv=flip(iv, 0), data=whole)),
               ctr(KEK1, flip(iv, 0), whole))
    chapter.ok("ctr_cut", "what was cut off is missing",
               text(packet(wrap_type=CURRENT_CTR, data=whole[:50])), OPTIONS[:50])


def authenticated(chapter):
    for wrap_type in (CURRENT_CTR, "aes_256_ctr", "aes-256-ctr"):
        chapter.fails("authenticated_" + wrap_type, "CTR where integrity is required",
                      text(packet(wrap_type=wrap_type)), "UNSUPPORTED", extra=AUTHENTICATED)
    for wrap_type in (CURRENT_GCM, "aes_256_gcm", "aes-256-gcm"):
        chapter.ok("authenticated_" + wrap_type, "GCM where integrity is required",
                   text(packet(wrap_type=wrap_type)), OPTIONS, extra=AUTHENTICATED)
    chapter.fails("authenticated_2021_10", "the oldest form where integrity is required",
                  text(packet(wrap_type="aes_256_ctr", encode=as_numbers)), "UNSUPPORTED",
                  extra=AUTHENTICATED)
    chapter.ok("authenticated_no", "the option written out as off",
               text(packet(wrap_type=CURRENT_CTR)), OPTIONS,
               extra=[("require-authenticated", "no")])


def keys(chapter):
    many = {"default/key/%d" % i: b64(stream("many %d" % i, 32)) for i in range(48)}
    for index in (0, 47):
        plain = layer_options("many %d" % index)
        body = text(packet(kid="kbs:///default/key/%d" % index, key=stream("many %d" % index, 32),
                           plain=plain))
        chapter.ok("key_%d_of_48" % index, "the right one of many keys", body, plain, keyset=many)
    chapter.ok("key_of_zeros", "a key is any 32 bytes", text(packet(kid="zeros", key=bytes(32))),
               OPTIONS,
               keyset={"zeros": b64(bytes(32))})
    chapter.ok("key_beside_resources", "entries of other lengths don't disturb", text(packet()),
               OPTIONS,
               keyset={PLAIN_ID: b64(KEK1), "default/policy/1": b64(stream("policy", 500)),
                       "empty": ""})
    chapter.ok("key_in_padded_keyset", "a keyset with NUL bytes at its end", text(packet()),
               OPTIONS,
               keyset=text(PLAIN_KEYSET) + b"\n\0\0\0")
    chapter.fails("key_in_empty_keyset", "a keyset without keys", text(packet()), "UNKNOWN_KEY",
                  keyset={})
    chapter.fails("key_absent", "no such id", text(packet(kid="key_id3", key=KEK3)), "UNKNOWN_KEY")
