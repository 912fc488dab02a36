# SPDX-License-Identifier: Apache-2.0
"""The keyset file: what opens, what is refused, which ids come out."""

import json

from .seal import KEK1, KEK2, PLAIN_ID, PLAIN_KEYSET, b64, stream, text
from .vector import Chapter

VALUE = b64(KEK1)
GOOD = text(PLAIN_KEYSET)
ONE = text({PLAIN_ID: VALUE})


def write(book):
    chapter = Chapter(book, "keyset", "open")
    good(chapter)
    values(chapter)
    padding(chapter)
    ids(chapter)
    bad_json(chapter)
    bad_shape(chapter)
    bad_text(chapter)
    bad_base64(chapter)
    bad_ids(chapter)
    twice(chapter)


def opens(chapter, name, comment, body, count):
    chapter.ok(name, comment, body, None, extra=[("key-count", str(count))])


def refused(chapter, name, comment, body):
    chapter.fails(name, comment, body, "KEYSET")


def entry(value):
    """A keyset whose second entry has this text for a value, quotes included."""
    return b'{"key_id1":"' + VALUE.encode() + b'","key_id2":' + value + b"}"


def good(chapter):
    opens(chapter, "ok_two_keys", "two keys, no white space", GOOD, 2)
    opens(chapter, "ok_empty_object", "a valid set with no keys", b"{}", 0)
    opens(chapter, "ok_empty_object_white_space", "the same with white space inside", b" {\n} ", 0)
    opens(chapter, "ok_indented", "indented as a person would",
          json.dumps(PLAIN_KEYSET, indent=4).encode(), 2)
    opens(chapter, "ok_python_dumps", "separators as Python's json.dumps writes them",
          json.dumps(PLAIN_KEYSET).encode(), 2)
    opens(chapter, "ok_all_white_space", "space, tab, line feed and carriage return between tokens",
          GOOD.replace(b":", b" \t:\r\n ").replace(b",", b"\n,\t"), 2)
    many = {"default/key/%d" % i: b64(stream("many %d" % i, 32)) for i in range(48)}
    opens(chapter, "ok_48_keys", "as many 32-byte keys as OVMF's area takes", text(many), 48)
    escaped = VALUE.replace("/", "\\/").replace("+", "\\u002b").replace("=", "\\u003D")
    opens(chapter, "ok_escapes_in_value", "base64 written with JSON escapes",
          b'{"key_id1":"' + escaped.encode() + b'"}', 1)
    opens(chapter, "ok_escapes_in_id", "an id written with JSON escapes",
          b'{"key\\u005fid1":"' + VALUE.encode() + b'"}', 1)


def values(chapter):
    for length in (0, 1, 2, 3, 16, 31, 33, 64, 1024):
        opens(chapter, "ok_value_%d_bytes" % length,
              "a value of %d bytes; resources have any length" % length,
              text({PLAIN_ID: VALUE, "other": b64(stream("value", length))}), 2)
    all_characters = b64(bytes((i << 2 & 0xFF) | 0 for i in range(0, 64)) + bytes(range(256)))
    opens(chapter, "ok_whole_alphabet", "every character of the alphabet",
          text({"all": all_characters}), 1)


def padding(chapter):
    for name, tail in (("newline", b"\n"), ("crlf", b"\r\n"), ("spaces", b"   \t "), ("nul", b"\0"),
                       ("nuls", b"\0" * 15), ("newline_nuls", b"\n" + b"\0" * 7),
                       ("nuls_newline", b"\0\0\n"), ("nul_space_nul", b"\0 \0\t\0\r\n\0")):
        opens(chapter, "ok_tail_" + name, "injectors pad; ignored after the object", GOOD + tail, 2)
    opens(chapter, "ok_leading_white_space", "white space before the object", b" \r\n\t" + GOOD, 2)
    refused(chapter, "bad_leading_nul", "NUL before the object", b"\0" + GOOD)
    refused(chapter, "bad_nul_between_tokens", "NUL is no white space inside",
            b'{\0"key_id1":"' + VALUE.encode() + b'"}')
    refused(chapter, "bad_tail_text_after_nul", "text hidden behind a NUL", GOOD + b"\0remark")


def ids(chapter):
    strange = ["", " ", "../../x", "/default/key/1", "A", "Z", "a", "b%2Fc", "kbs+plugin:///a/b/c",
               "kbs:///default/key/1", "key id", "key_id1", "key_id10", "key_id2", "schl\u00fcssel",
               "\u65e5\u672c/key/1", "\U0001f511"]
    ordered = sorted(strange, key=lambda key_id: key_id.encode())
    body = text({key_id: VALUE for key_id in reversed(ordered)})
    shown = [("key-id-hex", key_id.encode().hex()) for key_id in ordered]
    chapter.ok("ids_of_all_forms", "opaque, sorted by their bytes", body, None, operation="key-ids",
               extra=shown)
    ascii_body = json.dumps({key_id: VALUE for key_id in ordered}).encode()
    chapter.ok("ids_escaped", "the same ids with \\u escapes and surrogate pairs", ascii_body, None,
               operation="key-ids", extra=shown)
    chapter.ok("ids_escape_letters", "an id with the JSON escapes that have letters",
               b'{"\\"\\\\\\/\\b\\f\\n\\r\\t":"' + VALUE.encode() + b'"}', None,
               operation="key-ids",
               extra=[("key-id-hex", b'"\\/\b\f\n\r\t'.hex())])
    chapter.ok("ids_none", "no ids in an empty set", b"{}", None, operation="key-ids")
    long_id = "default/key/" + "k" * 500
    chapter.ok("ids_long", "an id of 512 bytes", text({long_id: VALUE}), None, operation="key-ids",
               extra=[("key-id", long_id)])
    chapter.ok("ids_case", "ids that differ in case only are two",
               text({"Key": VALUE, "key": VALUE}),
               None, operation="key-ids", extra=[("key-id", "Key"), ("key-id", "key")])
    chapter.ok("ids_not_normalised", "composed and decomposed letters are two ids",
               text({"\u00fc": VALUE, "u\u0308": VALUE}), None, operation="key-ids",
               extra=[("key-id-hex", "u\u0308".encode().hex()),
                      ("key-id-hex", "\u00fc".encode().hex())])


def bad_json(chapter):
    for name, comment, body in (
            ("empty_file", "no bytes at all", b""),
            ("white_space_only", "white space and nothing else", b" \n\t\r\n"),
            ("truncated", "the last byte is missing", GOOD[:-1]),
            ("truncated_string", "ends inside a string", GOOD[:20]),
            ("trailing_comma", "a comma before the brace", ONE[:-1] + b",}"),
            ("leading_comma", "a comma after the brace", b"{," + ONE[1:]),
            ("double_comma", "two commas", GOOD.replace(b",", b",,")),
            ("no_comma", "members without a comma", GOOD.replace(b",", b" ")),
            ("no_colon", "a name without a colon", ONE.replace(b":", b" ")),
            ("equals_sign", "= for a colon", ONE.replace(b'":"', b'"="')),
            ("single_quotes", "single quotes", ONE.replace(b'"', b"'")),
            ("no_quotes", "a name without quotes", ONE.replace(b'"key_id1"', b"key_id1")),
            ("line_comment", "a comment of C++", ONE[:-1] + b"//x\n}"),
            ("block_comment", "a comment of C", b"/*x*/" + ONE),
            ("hash_comment", "a comment of YAML", b"#x\n" + ONE),
            ("two_objects", "a second object", ONE + ONE),
            ("text_after", "text after the object", ONE + b"x"),
            ("brace_after", "one brace too many", ONE + b"}"),
            ("form_feed", "a form feed is no white space of JSON", b"\f" + ONE),
            ("escape_unknown", "an escape that JSON has not",
             ONE.replace(b"key_id1", b"key\\_id1")),
            ("escape_hex", "an escape of C", ONE.replace(b"key_id1", b"key\\x5fid1")),
            ("escape_short", "three digits after \\u", ONE.replace(b"key_id1", b"key\\u05f")),
            ("yaml", "YAML", b"key_id1: " + VALUE.encode() + b"\n"),
            ("base64_of_object", "the object in base64", b64(ONE).encode())):
        refused(chapter, "bad_" + name, comment, body)


def bad_shape(chapter):
    for name, body in (("array", b"[" + ONE + b"]"), ("array_empty", b"[]"), ("null", b"null"),
                       ("string", b'"x"'), ("number", b"1"), ("true", b"true")):
        refused(chapter, "bad_not_object_" + name, "the text is not an object", body)
    for name, value in (("null", b"null"), ("number", b"1"), ("true", b"true"), ("array", b"[1,2]"),
                        ("object", ONE), ("array_of_text", b'["' + VALUE.encode() + b'"]'),
                        ("object_empty", b"{}")):
        refused(chapter, "bad_value_" + name, "a value is not a string", entry(value))
    refused(chapter, "bad_nested_keyset", "keys one level down", b'{"keys":' + GOOD + b"}")
    refused(chapter, "bad_deep", "a value nested ten thousand deep",
            entry(b"[" * 10000 + b"]" * 10000))
    refused(chapter, "bad_deep_open", "the same, never closed", b'{"key_id1":' * 10000)


def bad_text(chapter):
    refused(chapter, "bad_bom", "a byte order mark", b"\xef\xbb\xbf" + GOOD)
    refused(chapter, "bad_utf16", "UTF-16 with its mark", GOOD.decode().encode("utf-16"))
    refused(chapter, "bad_utf16_le", "UTF-16 without a mark", GOOD.decode().encode("utf-16-le"))
    for name, bad in BAD_UTF8.items():
        refused(chapter, "bad_utf8_" + name, "not UTF-8, in an id",
                ONE.replace(b"key_id1", b"key" + bad + b"id1"))
    for name, bad in BAD_SURROGATES.items():
        refused(chapter, "bad_surrogate_" + name, "half of a pair, in an id",
                ONE.replace(b"key_id1", b"key" + bad + b"id1"))
    for name, bad in (("tab", b"\t"), ("newline", b"\n"), ("nul", b"\0"), ("escape", b"\x1b"),
                      ("unit", b"\x1f")):
        refused(chapter, "bad_control_in_id_" + name, "a raw control character in an id",
                ONE.replace(b"key_id1", b"key" + bad + b"id1"))
        refused(chapter, "bad_control_in_value_" + name, "a raw control character in a value",
                ONE.replace(b"=", bad + b"="))


BAD_UTF8 = {"continuation": b"\x80", "cut_two": b"\xc3", "cut_three": b"\xe2\x82",
            "cut_four": b"\xf0\x9f\x94",
            "overlong_slash": b"\xc0\xaf", "overlong_three": b"\xe0\x80\xaf",
            "surrogate": b"\xed\xa0\x80",
            "past_the_end": b"\xf4\x90\x80\x80", "byte_ff": b"\xff", "latin1": b"\xfc"}
BAD_SURROGATES = {"high": b"\\ud83d", "low": b"\\udd11", "reversed": b"\\udd11\\ud83d",
                  "high_high": b"\\ud83d\\ud83d", "high_then_letter": b"\\ud83d\\u0041"}

# Each is what a decoder that is not strict would take; the comments say what is wrong.
BAD_BASE64 = (
    ("loose_bits_two", "the last character of one byte has loose bits", "QR=="),
    ("loose_bits_three", "the last character of two bytes has loose bits", "QUJ="),
    ("no_padding_one", "one sign of padding is missing", "QUI"),
    ("no_padding_two", "both signs of padding are missing", "QQ"),
    ("half_padding", "one of two signs of padding is missing", "QQ="),
    ("too_much_padding", "a sign of padding too many", "QUI=="),
    ("padding_after_whole", "padding where none is due", "QUJD="),
    ("four_padding", "four signs of padding after a whole group", "QUJD===="),
    ("padding_only", "nothing but padding", "===="),
    ("one_sign_only", "a single sign of padding", "="),
    ("one_character", "a single character", "Q"),
    ("five_characters", "a character left over", "QUJDR"),
    ("three_padding", "one character and three signs of padding", "Q==="),
    ("inner_padding", "padding in the middle", "QQ==QUJD"),
    ("padding_then_character", "a character after padding", "QQ=Q"),
    ("url_minus", "the URL alphabet's minus", "QU-D"),
    ("url_underscore", "the URL alphabet's underscore", "QU_D"),
    ("space_inside", "a space inside", "QUJD QUJD"),
    ("space_before", "a space before", " QUJD"),
    ("space_after", "a space after", "QUJD "),
    ("newline_after", "a line feed after", "QUJD\n"),
    ("newline_inside", "a line feed after 4 characters", "QUJD\nQUJD"),
    ("crlf_inside", "a line break of MIME inside", "QUJD\r\nQUJD"),
    ("tab_inside", "a tab inside", "QU\tJD"),
    ("nul_after", "a NUL after", "QUJD\0"),
    ("nul_inside", "a NUL inside", "QU\0D"),
    ("not_ascii", "a letter beyond ASCII", "QU\u00fcD"),
    ("full_width", "full-width letters", "\uff31\uff35\uff2a\uff24"),
    ("star", "a character of no alphabet", "QU*D"),
    ("hex_prefix", "hexadecimal with a prefix and a colon", "0x:00112233"),
)


def bad_ids(chapter):
    for name, key_id in (("nul", "\0"), ("nul_inside", "key\0id"), ("nul_after", "key_id1\0")):
        refused(chapter, "bad_id_" + name, "an id with a NUL, which no C string can name",
                text({key_id: VALUE}))


def bad_base64(chapter):
    for name, comment, value in BAD_BASE64:
        refused(chapter, "bad_base64_" + name, comment, entry(json.dumps(value).encode()))
    refused(chapter, "bad_base64_key_no_padding", "a whole key without its padding",
            text({PLAIN_ID: VALUE.rstrip("=")}))
    refused(chapter, "bad_base64_key_raw", "a key's bytes in place of base64",
            text({PLAIN_ID: "passphrasewhichneedstobe32bytes!"}))
    refused(chapter, "bad_first_of_three", "one bad entry refuses the whole set: the first",
            text({"a": "QQ", "b": VALUE, "c": VALUE}))
    refused(chapter, "bad_last_of_three", "one bad entry refuses the whole set: the last",
            text({"a": VALUE, "b": VALUE, "c": "QQ"}))


def twice(chapter):
    value, other = VALUE.encode(), b64(KEK2).encode()
    for name, comment, second, second_value in (
            ("same_value", "an id twice, with the same key", b"key_id1", value),
            ("other_value", "an id twice, with another key", b"key_id1", other),
            ("escaped", "an id twice, once written with an escape", b"key\\u005fid1", other),
            ("escaped_case", "the same with hexadecimal digits in the other case", b"key\\u005Fid1",
             other)):
        refused(chapter, "bad_twice_" + name, comment,
                b'{"key_id1":"' + value + b'","' + second + b'":"' + second_value + b'"}')
    refused(chapter, "bad_twice_slash", "an id twice, once with an escaped slash",
            b'{"a/b/c":"' + value + b'","a\\/b\\/c":"' + other + b'"}')
    refused(chapter, "bad_twice_far_apart", "an id twice, with another between them",
            b'{"a":"' + value + b'","b":"' + value + b'","a":"' + value + b'"}')
    refused(chapter, "bad_twice_empty_id", "the empty id twice",
            b'{"":"' + value + b'","":"' + value + b'"}')
    refused(chapter, "bad_twice_surrogates", "an id twice, as UTF-8 and as a pair of escapes",
            b'{"\xf0\x9f\x94\x91":"' + value + b'","\\ud83d\\udd11":"' + other + b'"}')
