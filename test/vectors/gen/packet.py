# SPDX-License-Identifier: Apache-2.0
"""The packet as text: which JSON is read, which is refused, and with which status."""

import json

from .keyset import BAD_BASE64, BAD_SURROGATES, BAD_UTF8
from .seal import (CTR_NAMES, CURRENT_GCM, GCM_NAMES, KEK1, OPTIONS, PLAIN_KEYSET, as_base64,
                   as_numbers,
                   b64, iv_for, join, member_texts, packet, text)
from .vector import Chapter

MEMBERS = packet()
GOOD = text(MEMBERS)
NUMBERS = packet(encode=as_numbers)
V2 = {"version": "0.1.0", "provider": "kbs", "provider_settings": {}, "annotations": {}}
REQUIRED = ("kid", "wrapped_data", "iv", "wrap_type")


def write(book):
    chapter = Chapter(book, "packet", "unwrap", PLAIN_KEYSET)
    white_space_and_order(chapter)
    escapes(chapter)
    unknown_members(chapter)
    encodings(chapter)
    wrap_types(chapter)
    version_two(chapter)
    missing(chapter)
    twice(chapter)
    other_types(chapter)
    numbers(chapter)
    bad_base64(chapter)
    bad_json(chapter)
    bad_text(chapter)


def opens(chapter, name, comment, body, **more):
    chapter.ok("ok_" + name, comment, body, OPTIONS, **more)


def refused(chapter, name, comment, body):
    chapter.fails("bad_" + name, comment, body, "PACKET")


def white_space_and_order(chapter):
    opens(chapter, "compact", "as serde writes it", GOOD)
    opens(chapter, "indented", "indented", json.dumps(MEMBERS, indent=2).encode())
    opens(chapter, "tabs", "indented with tabs, as the published samples",
          json.dumps(MEMBERS, indent="\t").encode())
    opens(chapter, "crlf", "indented, with line ends of Windows",
          json.dumps(MEMBERS, indent=1).replace("\n", "\r\n").encode())
    opens(chapter, "tail_newline", "a line feed after the object", GOOD + b"\n")
    opens(chapter, "tail_white_space", "all four kinds of white space after the object",
          GOOD + b" \t\r\n")
    opens(chapter, "leading_white_space", "white space before the object", b"\n\r\t " + GOOD)
    opens(chapter, "order_reversed", "members in reverse order",
          text(dict(reversed(list(MEMBERS.items())))))
    opens(chapter, "order_sorted", "members in alphabetical order",
          text(dict(sorted(MEMBERS.items()))))
    items = list(MEMBERS.items())
    for shift in (1, 2, 3):
        first = items[shift][0]
        opens(chapter, "order_%s_first" % first, "%s comes first" % first,
              text(dict(items[shift:] + items[:shift])))


def escapes(chapter):
    data = MEMBERS["wrapped_data"]
    opens(chapter, "escaped_slash", "base64 with \\/ as PHP writes it", GOOD.replace(b"/", b"\\/"))
    opens(chapter, "escaped_base64", "the signs of base64 as \\u escapes",
          GOOD.replace(b"+", b"\\u002b").replace(b"=", b"\\u003D").replace(b"/", b"\\u002F"))
    whole = "".join("\\u%04x" % ord(c) for c in data).encode()
    opens(chapter, "escaped_every_character", "every character of wrapped_data as an escape",
          GOOD.replace(data.encode(), whole))
    opens(chapter, "escaped_wrap_type", "an escape inside wrap_type",
          GOOD.replace(b"A256GCM", b"\\u0041256GCM"))
    opens(chapter, "escaped_kid", "an escape inside kid",
          GOOD.replace(b"key_id1", b"k\\u0065y_id1"))
    names = GOOD.replace(b'"kid"', b'"\\u006bid"').replace(b'"iv"', b'"i\\u0076"')
    opens(chapter, "escaped_names", "escapes inside the members' names", names)
    key_id = "schl\u00fcssel/\U0001f511/1"
    keyset = {key_id: b64(KEK1)}
    opens(chapter, "utf8_kid", "a kid beyond ASCII, as it is", text(packet(kid=key_id)),
          keyset=keyset)
    opens(chapter, "surrogate_pair_kid", "the same kid with escapes and a pair of surrogates",
          json.dumps(packet(kid=key_id)).encode(), keyset=keyset)


def unknown_members(chapter):
    for name, value in (("text", "x"), ("empty_text", ""), ("number", 1), ("negative", -1),
                        ("float", 1.5),
                        ("exponent", 1e30), ("true", True), ("false", False), ("null", None),
                        ("array", [1, "2", None]),
                        ("object", {"kid": 5, "iv": None}), ("big_number", 2**63),
                        ("digest", "sha256:00")):
        opens(chapter, "unknown_" + name, "an unknown member is ignored",
              text(packet(annotation=value)))
    first = {"annotation": "x"}
    first.update(MEMBERS)
    opens(chapter, "unknown_first", "an unknown member before the known ones", text(first))
    opens(chapter, "unknown_many", "many unknown members",
          text(packet(**{"m%d" % i: i for i in range(200)})))
    opens(chapter, "unknown_nested", "an unknown member nested ten deep",
          text(packet(annotation=json.loads("[" * 10 + "]" * 10))))
    opens(chapter, "unknown_case", "names are not folded: Kid is an unknown member",
          text(packet(Kid=5, IV=None)))


def encodings(chapter):
    opens(chapter, "numbers", "wrapped_data and iv as arrays of numbers", text(NUMBERS))
    opens(chapter, "numbers_white_space", "the arrays indented, one number on a line",
          json.dumps(NUMBERS, indent=1).encode())
    opens(chapter, "numbers_data_only", "wrapped_data an array, iv base64",
          text(packet(encode=as_numbers, encode_iv=as_base64)))
    opens(chapter, "numbers_iv_only", "wrapped_data base64, iv an array",
          text(packet(encode=as_base64, encode_iv=as_numbers)))


def wrap_types(chapter):
    for wrap_type in GCM_NAMES + CTR_NAMES:
        opens(chapter, "wrap_type_" + spelled(wrap_type), "wrap type " + wrap_type,
              text(packet(wrap_type=wrap_type)))
    for wrap_type in ("aes-gcm", "a256gcm", "A256gcm", "a256ctr", "AES_256_GCM", "Aes_256_gcm",
                      "AES-256-CTR",
                      "aes_256-gcm", "aes256gcm", "A128GCM", "A192GCM", "A256KW", "A256CBC",
                      "aes_256_cbc", "", " A256GCM",
                      "A256GCM ", "A256GCM\0", "A256GC", "A256GCMM", "chacha20-poly1305", "none"):
        body = text(packet(data=b"0" * 32, iv=b"1" * 12, wrap_type=wrap_type))
        chapter.fails("bad_wrap_type_" + spelled(wrap_type),
                      "an unsupported wrap type: " + repr(wrap_type),
                      body, "UNSUPPORTED")


def spelled(word):
    """Distinct file names for words that differ in case or in their signs."""
    signs = {"-": "-", "_": "_", " ": ".space.", "\0": ".nul."}
    return "".join(signs.get(c, c) for c in word) or "empty"


def version_two(chapter):
    opens(chapter, "v2", "the second format with all its members", text(packet(**V2)))
    filled = dict(V2, provider_settings={"uri": "x", "deep": [{}]}, annotations={"a": 1})
    opens(chapter, "v2_filled", "its two objects filled", text(packet(**filled)))
    first = dict(V2)
    first.update(MEMBERS)
    opens(chapter, "v2_first", "its members before the others", text(first))
    opens(chapter, "v2_version_only", "version without provider", text(packet(version="0.1.0")))
    opens(chapter, "v2_provider_only", "provider without version", text(packet(provider="kbs")))
    opens(chapter, "v2_numbers", "the second format with arrays of numbers",
          text(dict(NUMBERS, **V2)))
    for version in ("0.1.1", "0.2.0", "1.0.0", "0.1", "v0.1.0", "0.1.0 ", "", "0.1.00"):
        chapter.fails("bad_version_" + spelled(version), "another version: " + repr(version),
                      text(packet(**dict(V2, version=version))), "UNSUPPORTED")
    for provider in ("KBS", "Kbs", "aliyun", "kms", "", "kbs ", "kbs://"):
        chapter.fails("bad_provider_" + spelled(provider).replace("/", ""),
                      "another provider: " + repr(provider),
                      text(packet(**dict(V2, provider=provider))), "UNSUPPORTED")


def missing(chapter):
    for name in REQUIRED:
        kept = {key: value for key, value in MEMBERS.items() if key != name}
        refused(chapter, "missing_" + name, name + " is missing", text(kept))
        refused(chapter, "missing_%s_other_case" % name, name + " in capitals is another name",
                GOOD.replace(b'"' + name.encode() + b'"', b'"' + name.upper().encode() + b'"'))
    refused(chapter, "missing_all", "an empty object", b"{}")
    refused(chapter, "missing_nested", "the packet one level down", b'{"wrapper":' + GOOD + b"}")
    refused(chapter, "missing_space_in_name", "a name with a space",
            GOOD.replace(b'"kid"', b'"kid "'))


def twice(chapter):
    members = member_texts(packet(**V2))
    for index, name in enumerate(REQUIRED + ("version", "provider")):
        again = members[index]
        refused(chapter, "twice_" + name, name + " twice, with the same value",
                join(members + [again]))
        refused(chapter, "twice_%s_other" % name, name + " twice, the first with another value",
                join([b'"' + name.encode() + b'":"x"'] + members))
        letters = b"".join(b"\\u%04x" % c for c in name.encode())
        escaped = b'"' + letters + b'"' + again[len(name) + 2:]
        refused(chapter, "twice_%s_escaped" % name, name + " twice, once with an escaped name",
                join(members + [escaped]))
    refused(chapter, "twice_kid_null", "kid twice, once null", join([b'"kid":null'] + members))


def other_types(chapter):
    values = {"null": b"null", "true": b"true", "false": b"false", "number": b"7", "float": b"0.5",
              "object": b"{}"}
    for name in REQUIRED + ("version", "provider"):
        here = dict(values)
        if name not in ("wrapped_data", "iv"):
            here.update(array=b"[]", array_of_text=b'["x"]')
        for kind, value in here.items():
            refused(chapter, "type_%s_%s" % (name, kind), "%s is %s" % (name, value.decode()),
                    join(with_value(name, value)))


def with_value(name, value):
    """The packet's members, with one replaced by a ready-made text."""
    members = dict(zip(packet(**V2), member_texts(packet(**V2))))
    members[name] = b'"' + name.encode() + b'":' + value
    return members.values()


def numbers(chapter):
    for name in ("wrapped_data", "iv"):
        for kind, value in (("minus_1", "-1"), ("256", "256"), ("1000", "1000"), ("float", "1.5"),
                            ("float_whole", "1.0"),
                            ("exponent", "1e1"), ("exponent_minus", "10e-1"),
                            ("beyond_64_bits", "18446744073709551617"),
                            ("wraps_32_bits", "4294967297"),
                            ("wraps_64_bits", "-18446744073709551615"),
                            ("text", '"1"'), ("null", "null"), ("true", "true"), ("array", "[1]"),
                            ("object", "{}"),
                            ("leading_zero", "01"), ("plus", "+1"), ("hexadecimal", "0x1"),
                            ("comma_last", "1,"),
                            ("empty_place", "1,,2")):
            array = ("[%s,2,3]" if "," not in value else "[2,%s]") % value
            refused(chapter, "number_%s_%s" % (name, kind), "an array with " + value,
                    join(with_value(name, array.encode())))
        last = as_numbers(iv_for(CURRENT_GCM))[:-1] + [256]
        refused(chapter, "number_%s_last" % name, "only the last number is too big",
                join(with_value(name, text(last))))


def bad_base64(chapter):
    for name, comment, value in BAD_BASE64:
        refused(chapter, "base64_wrapped_data_" + name, comment,
                text(packet(encode=lambda data, v=value: v)
                                                                    | {"iv": MEMBERS["iv"]}))
    iv = MEMBERS["iv"]
    for name, comment, value in (("no_padding", "16 bytes without padding",
                                  b64(bytes(16)).rstrip("=")),
                                 ("newline", "a line feed after", iv + "\n"),
                                 ("space", "a space before", " " + iv),
                                 ("url", "the URL alphabet", "-_-_-_-_-_-_-_-_"),
                                 ("hex", "hexadecimal with a sign", "00:11"),
                                 ("loose_bits", "loose bits in the last character",
                                  b64(bytes(16))[:-3] + "B=="),
                                 ("extra_padding", "padding where none is due", iv + "=")):
        refused(chapter, "base64_iv_" + name, comment, text(dict(MEMBERS, iv=value)))


def bad_json(chapter):
    for name, comment, body in (
            ("no_bytes", "no bytes at all", b""),
            ("white_space_only", "white space and nothing else", b" \n\t\r"),
            ("truncated", "the last byte is missing", GOOD[:-1]),
            ("half", "the first half", GOOD[:len(GOOD) // 2]),
            ("open_brace", "one brace", b"{"), ("null", "null", b"null"),
            ("number", "a number", b"12"),
            ("text", "a string", b'"remark"'),
            ("array", "the packet in an array", b"[" + GOOD + b"]"),
            ("array_of_values", "an array in place of an object", text(list(MEMBERS.values()))),
            ("base64", "the annotation's base64, not decoded", b64(GOOD).encode()),
            ("string_of_packet", "the packet as a JSON string", text(GOOD.decode())),
            ("two_objects", "the packet twice", GOOD + GOOD),
            ("two_lines", "two packets on two lines", GOOD + b"\n" + GOOD),
            ("text_after", "text after the object", GOOD + b"x"),
            ("brace_after", "one brace too many", GOOD + b"}"),
            ("comma_after", "a comma after the object: ocicrypt splits recipients", GOOD + b","),
            ("nul_after", "a NUL after the object: only keysets are padded", GOOD + b"\0"),
            ("text_after_nul", "text hidden behind a NUL", GOOD + b"\0x"),
            ("nul_before", "a NUL before", b"\0" + GOOD),
            ("trailing_comma", "a comma before the brace", GOOD[:-1] + b",}"),
            ("trailing_comma_array", "a comma before the bracket",
             text(NUMBERS).replace(b"]", b",]", 1)),
            ("double_comma", "two commas", GOOD.replace(b",", b",,", 1)),
            ("no_comma", "no comma", GOOD.replace(b",", b" ", 1)),
            ("no_colon", "no colon", GOOD.replace(b":", b" ", 1)),
            ("line_comment", "a comment of C++", GOOD[:-1] + b"//y\n}"),
            ("block_comment", "a comment of C", GOOD[:-1] + b"/*y*/}"),
            ("hash_comment", "a comment of YAML", GOOD[:-1] + b"#y\n}"),
            ("single_quotes", "single quotes", GOOD.replace(b'"', b"'")),
            ("no_quotes", "a name without quotes", GOOD.replace(b'"kid"', b"kid")),
            ("nan", "an unknown member that is NaN", GOOD[:-1] + b',"m":NaN}'),
            ("capital_true", "an unknown member that is Python's True", GOOD[:-1] + b',"m":True}'),
            ("bad_escape", "an escape that JSON has not, in an unknown member",
             GOOD[:-1] + b',"m":"\\a"}'),
            ("short_escape", "three digits after \\u", GOOD.replace(b"key_id1", b"key\\u05f")),
            ("deep_arrays", "an unknown member nested ten thousand deep",
             GOOD[:-1] + b',"m":' + b"[" * 10000 + b"]" * 10000 + b"}"),
            ("deep_objects", "the same with objects",
             GOOD[:-1] + b',"m":' + b'{"m":' * 10000 + b"1" + b"}" * 10000 + b"}"),
            ("deep_open", "brackets that never close", b"[" * 100000),
            ("deep_open_objects", "objects that never close", b'{"kid":' * 20000)):
        refused(chapter, "json_" + name, comment, body)


def bad_text(chapter):
    refused(chapter, "bom", "a byte order mark", b"\xef\xbb\xbf" + GOOD)
    refused(chapter, "utf16", "UTF-16 with its mark", GOOD.decode().encode("utf-16"))
    refused(chapter, "utf16_be", "UTF-16 without a mark", GOOD.decode().encode("utf-16-be"))
    refused(chapter, "no_break_space", "a no-break space is no white space of JSON",
            b"\xc2\xa0" + GOOD)
    refused(chapter, "vertical_tab", "a vertical tab is no white space of JSON", GOOD + b"\v")
    unknown = GOOD[:-1] + b',"m":"?"}'
    for name, bad in BAD_UTF8.items():
        refused(chapter, "utf8_kid_" + name, "not UTF-8, in kid",
                GOOD.replace(b"key_id1", b"key" + bad + b"id1"))
        refused(chapter, "utf8_unknown_" + name, "not UTF-8, in an unknown member",
                unknown.replace(b"?", bad))
    for name, bad in BAD_SURROGATES.items():
        refused(chapter, "surrogate_kid_" + name, "half of a pair, in kid",
                GOOD.replace(b"key_id1", b"key" + bad + b"id1"))
        refused(chapter, "surrogate_unknown_" + name, "half of a pair, in an unknown member",
                unknown.replace(b"?", bad))
    for name, bad in (("nul", b"\0"), ("tab", b"\t"), ("newline", b"\n"), ("unit", b"\x1f")):
        refused(chapter, "control_kid_" + name, "a raw control character in kid",
                GOOD.replace(b"key_id1", b"key" + bad + b"id1"))
        refused(chapter, "control_data_" + name, "a raw control character in wrapped_data",
                GOOD.replace(b'","iv', bad + b'","iv'))
        if bad not in b"\t\n":
            refused(chapter, "control_between_" + name, "a control character between tokens",
                    GOOD.replace(b":", b":" + bad, 1))
