# SPDX-License-Identifier: Apache-2.0
"""Requests of the key provider protocol, as clients send them and as they must not be."""

import json

from .keyset import BAD_BASE64, BAD_SURROGATES, BAD_UTF8
from .seal import (BOTH_KEYSET, CURRENT_CTR, KBS_KID, OPTIONS, as_numbers, b64, join, member_texts,
                   packet,
                   stream, text)
from .vector import Chapter

PACKET = text(packet())
NAME = "attestation-agent"
PARAMETER = b64(b"offline_sev_kbc::null")


def write(book):
    chapter = Chapter(book, "keyprovider", "keyprovider", BOTH_KEYSET)
    clients(chapter)
    parameters(chapter)
    members(chapter)
    annotations(chapter)
    packets_inside(chapter)
    bad_op(chapter)
    bad_shape(chapter)
    bad_annotation(chapter)
    twice(chapter)
    bad_text(chapter)


def request(annotation=None, op="keyunwrap", dc=None, unused=None, **more):
    """A request as Go's ocicrypt writes it."""
    dc = {"Parameters": {NAME: [PARAMETER]}} if dc is None else dc
    unused = {"ec": None, "optsdata": None} if unused is None else unused
    annotation = b64(PACKET) if annotation is None else annotation
    members = {"op": op, "keywrapparams": unused,
               "keyunwrapparams": {"dc": dc, "annotation": annotation}}
    members.update(more)
    return members


GOOD = text(request())


def opens(chapter, name, comment, body, plain=OPTIONS, **more):
    chapter.ok("ok_" + name, comment, body, plain, **more)


def refused(chapter, name, comment, body):
    chapter.fails("bad_" + name, comment, body, "REQUEST")


def clients(chapter):
    opens(chapter, "go", "as Go's ocicrypt writes it", GOOD)
    opens(chapter, "go_newline", "with a line feed at the end", GOOD + b"\n")
    opens(chapter, "indented", "indented", json.dumps(request(), indent=4).encode())
    opens(chapter, "rust_numbers", "older ocicrypt-rs: the annotation as an array of numbers",
          text(request(as_numbers(PACKET))))
    opens(chapter, "rust_text", "the annotation as the packet's own text",
          text(request(PACKET.decode())))
    opens(chapter, "rust_text_indented", "the packet's own text, indented",
          text(request(json.dumps(packet(), indent=1))))
    opens(chapter, "numbers_in_numbers", "arrays of numbers in both layers",
          text(request(as_numbers(text(packet(encode=as_numbers))))))
    rust = {"ec": {"Parameters": {}, "DecryptConfig": {"Parameters": {}}}, "optsdata": ""}
    opens(chapter, "unused_filled", "the unused half with empty values", text(request(unused=rust)))
    opens(chapter, "escapes", "escapes in strings",
          GOOD.replace(b"=", b"\\u003d").replace(b"keyunwrap\"", b"key\\u0075nwrap\""))
    opens(chapter, "escaped_names", "escapes in names",
          GOOD.replace(b'"op"', b'"\\u006fp"').replace(b'"annotation"', b'"annotat\\u0069on"'))


def parameters(chapter):
    for name, comment, dc in (
            ("parameters_null", "no parameters", {"Parameters": None}),
            ("parameters_empty", "an empty map of parameters", {"Parameters": {}}),
            ("parameters_null_list", "a null list", {"Parameters": {NAME: None}}),
            ("parameters_empty_list", "an empty list", {"Parameters": {NAME: []}}),
            ("parameters_other_name", "another provider's name",
             {"Parameters": {"other": [PARAMETER]}}),
            ("parameters_two_names", "two providers",
             {"Parameters": {"other": [PARAMETER], NAME: [PARAMETER]}}),
            ("parameters_enabled", "no parameter arrives as a word",
             {"Parameters": {NAME: [b64(b"Enabled")]}}),
            ("parameters_two_values", "two values", {"Parameters": {NAME: [PARAMETER, b64(b"x")]}}),
            ("dc_more", "more inside dc", {"Parameters": {NAME: [PARAMETER]}, "other": 1}),
            ("dc_empty", "nothing inside dc", {})):
        opens(chapter, name, comment, text(request(dc=dc)))
    bare = request()
    bare["keyunwrapparams"]["dc"] = None
    opens(chapter, "dc_null", "dc null", text(bare))


def members(chapter):
    whole = request()
    opens(chapter, "order_reversed", "members in reverse order",
          text(dict(reversed(list(whole.items())))))
    inner = dict(whole, keyunwrapparams=dict(reversed(list(whole["keyunwrapparams"].items()))))
    opens(chapter, "order_inner_reversed", "the inner members in reverse order", text(inner))
    opens(chapter, "unknown_member", "an unknown member", text(request(extra={"annotation": 1})))
    unknown_inside = request()
    unknown_inside["keyunwrapparams"]["extra"] = [None, 1.5]
    opens(chapter, "unknown_member_inside", "an unknown member beside the annotation",
          text(unknown_inside))
    without = {name: value for name, value in whole.items() if name != "keywrapparams"}
    opens(chapter, "no_unused_half", "without the unused half", text(without))
    opens(chapter, "unused_half_null", "the unused half is null",
          text(dict(whole, keywrapparams=None)))


def annotations(chapter):
    for name, comment, made in (
            ("ctr", "a packet with CTR", packet(wrap_type=CURRENT_CTR)),
            ("kbs_uri", "a packet with a URI", packet(kid=KBS_KID)),
            ("2021_10", "the oldest packet", packet(wrap_type="aes_256_ctr", encode=as_numbers))):
        opens(chapter, "packet_" + name, comment, text(request(b64(text(made)))))
    for length in (0, 1, 65536):
        plain = stream("plain", length)
        opens(chapter, "length_%d" % length, "a plaintext of %d bytes" % length,
              text(request(b64(text(packet(plain=plain))))), plain)
    every = bytes(range(256))
    opens(chapter, "every_byte", "each byte's number in the answer",
          text(request(b64(text(packet(plain=every))))), every)
    opens(chapter, "packet_newline", "the packet ends with a line feed",
          text(request(b64(PACKET + b"\n"))))
    opens(chapter, "require_authenticated", "GCM where integrity is required", GOOD,
          extra=[("require-authenticated", "yes")])


def packets_inside(chapter):
    """What is wrong with the packet keeps its own status."""
    inner = (
        ("not_json", "the packet is not JSON", b"no packet", "PACKET"),
        ("missing_iv", "the packet lacks a member", PACKET.replace(b'"iv"', b'"vi"'), "PACKET"),
        ("text_after", "text after the packet", PACKET + b"x", "PACKET"),
        ("two_packets", "two packets", PACKET + b"," + PACKET, "PACKET"),
        ("array", "the packet is an array", b"[]", "PACKET"),
        ("unknown_key", "an id that is not there", text(packet(kid="absent")), "UNKNOWN_KEY"),
        ("plugin", "another scheme", text(packet(kid="kbs+plugin:///default/key/key_id1")),
         "UNKNOWN_KEY"),
        ("wrap_type", "another wrap type",
         text(packet(wrap_type="A256GCM") | {"wrap_type": "aes-gcm"}), "UNSUPPORTED"),
        ("version", "another version", text(packet(version="9.9.9")), "UNSUPPORTED"),
        ("provider", "another provider", text(packet(provider="kms")), "UNSUPPORTED"),
        ("wrong_tag", "a wrong tag", text(packet(data=bytes(64))), "DECRYPT"),
        ("iv_13", "an IV of 13 bytes", text(packet() | {"iv": b64(bytes(13))}), "DECRYPT"),
        ("wrapped_empty", "no data", text(packet() | {"wrapped_data": ""}), "DECRYPT"))
    for name, comment, body, status in inner:
        chapter.fails("inner_" + name, comment, text(request(b64(body))), status)
        chapter.fails("inner_numbers_" + name, comment + ", as numbers",
                      text(request(as_numbers(body))), status)
    chapter.fails("inner_ctr_authenticated", "CTR where integrity is required",
                  text(request(b64(text(packet(wrap_type=CURRENT_CTR))))), "UNSUPPORTED",
                  extra=[("require-authenticated", "yes")])


def bad_op(chapter):
    for op in ("keywrap", "KeyUnwrap", "KEYUNWRAP", "unwrap", "", "keyunwrap ", "decrypt"):
        refused(chapter, "op_" + (op.replace(" ", ".space") or "empty"), "op is " + repr(op),
                text(request(op=op)))
    for name, value in (("null", None), ("number", 1), ("true", True), ("array", ["keyunwrap"]),
                        ("object", {})):
        refused(chapter, "op_" + name, "op is no string", text(request() | {"op": value}))
    without = {name: value for name, value in request().items() if name != "op"}
    refused(chapter, "op_missing", "op is missing", text(without))
    refused(chapter, "op_other_case", "Op is another name", GOOD.replace(b'"op"', b'"Op"'))
    wrapping = {"op": "keywrap",
                "keywrapparams": {"ec": {"Parameters": {NAME: [PARAMETER]},
                                         "DecryptConfig": {"Parameters": {}}},
                                                   "optsdata": b64(OPTIONS)},
                "keyunwrapparams": {"dc": None, "annotation": None}}
    refused(chapter, "keywrap_request", "a whole request to wrap", text(wrapping))


def bad_shape(chapter):
    refused(chapter, "no_bytes", "no bytes at all", b"")
    refused(chapter, "white_space_only", "white space and nothing else", b"\n \t")
    refused(chapter, "empty_object", "an empty object", b"{}")
    for name, body in (("array", b"[" + GOOD + b"]"), ("null", b"null"), ("text", b'"keyunwrap"'),
                       ("number", b"0")):
        refused(chapter, "not_object_" + name, "not an object", body)
    refused(chapter, "packet_itself", "a packet in place of a request", PACKET)
    refused(chapter, "truncated", "the last byte is missing", GOOD[:-1])
    without = {name: value for name, value in request().items() if name != "keyunwrapparams"}
    refused(chapter, "params_missing", "keyunwrapparams is missing", text(without))
    for name, value in (("null", None), ("text", "x"), ("number", 1), ("array", []), ("true", True),
                        ("object_empty", {})):
        refused(chapter, "params_" + name, "keyunwrapparams is " + json.dumps(value),
                text(request() | {"keyunwrapparams": value}))
    for name, body in (("text_after", GOOD + b"x"), ("object_after", GOOD + b"{}"),
                       ("request_after", GOOD + b"\n" + GOOD),
                       ("brace_after", GOOD + b"}"), ("nul_after", GOOD + b"\0"),
                       ("text_after_nul", GOOD + b"\0x"),
                       ("comma_after", GOOD + b",")):
        refused(chapter, name, "something after the object", body)
    deep = b"[" * 10000 + b"]" * 10000
    refused(chapter, "deep_unknown", "an unknown member nested ten thousand deep",
            GOOD[:-1] + b',"m":' + deep + b"}")
    refused(chapter, "deep_unused", "the unused half nested ten thousand deep",
            GOOD.replace(b'"ec":null', b'"ec":' + deep))
    refused(chapter, "deep_open", "brackets that never close", b"[" * 100000)


def bad_annotation(chapter):
    for name, value in (("null", None), ("number", 5), ("true", True), ("object", packet()),
                        ("array_text", ["x"]),
                        ("array_minus_1", [-1, 123]), ("array_256", [123, 256]),
                        ("array_float", [123, 1.5]),
                        ("array_null", [None]), ("array_nested", [[123]]), ("array_true", [True])):
        made = request()
        made["keyunwrapparams"]["annotation"] = value
        refused(chapter, "annotation_" + name, "the annotation is no packet", text(made))
    without = request()
    del without["keyunwrapparams"]["annotation"]
    refused(chapter, "annotation_missing", "the annotation is missing", text(without))
    refused(chapter, "annotation_outside", "the annotation one level up",
            text(dict(without, annotation=b64(PACKET))))
    refused(chapter, "annotation_exponent", "a number with an exponent",
            GOOD.replace(text(b64(PACKET)), b"[1e1]"))
    for name, comment, value in BAD_BASE64:
        refused(chapter, "annotation_base64_" + name, comment, text(request(value)))
    encoded = b64(PACKET + b" " * (-(len(PACKET) + 2) % 3))
    refused(chapter, "annotation_no_padding", "a packet's base64 without padding",
            text(request(encoded.rstrip("="))))
    lines = "\n".join(encoded[i:i + 76] for i in range(0, len(encoded), 76))
    refused(chapter, "annotation_lines", "a packet's base64 in lines of 76", text(request(lines)))


def twice(chapter):
    whole = request()
    outer = member_texts(whole)
    for index, name in enumerate(whole):
        refused(chapter, "twice_" + name, name + " twice", join(outer + [outer[index]]))
    inner = member_texts(whole["keyunwrapparams"])
    half = b'"keyunwrapparams":' + join(inner + inner[1:])
    refused(chapter, "twice_annotation", "the annotation twice", join(outer[:2] + [half]))
    refused(chapter, "twice_op_escaped", "op twice, once with an escaped name",
            join(outer + [b'"o\\u0070":"keyunwrap"']))
    refused(chapter, "twice_op_keywrap", "op twice, first to wrap",
            join([b'"op":"keywrap"'] + outer))
    escaped = b'"keyunwrapparams":' + join(inner + [b'"annotatio\\u006e":null'])
    refused(chapter, "twice_annotation_escaped",
            "the annotation twice, once null with an escaped name", join(outer[:2] + [escaped]))


def bad_text(chapter):
    refused(chapter, "bom", "a byte order mark", b"\xef\xbb\xbf" + GOOD)
    refused(chapter, "utf16", "UTF-16", GOOD.decode().encode("utf-16"))
    refused(chapter, "nul_before", "a NUL before", b"\0" + GOOD)
    refused(chapter, "trailing_comma", "a comma before the brace", GOOD[:-1] + b",}")
    refused(chapter, "comment", "a comment of C", GOOD[:-1] + b"/*y*/}")
    refused(chapter, "single_quotes", "single quotes", GOOD.replace(b'"', b"'"))
    refused(chapter, "control", "a raw line feed in a string",
            GOOD.replace(b'"keyunwrap"', b'"keyunwrap\n"'))
    for name in ("continuation", "overlong_slash", "surrogate", "byte_ff"):
        refused(chapter, "utf8_" + name, "not UTF-8, in the provider's name",
                GOOD.replace(b"attestation-agent", b"agent" + BAD_UTF8[name]))
    for name in ("high", "low"):
        refused(chapter, "surrogate_" + name, "half of a pair, in the provider's name",
                GOOD.replace(b"attestation-agent", b"agent" + BAD_SURROGATES[name]))
