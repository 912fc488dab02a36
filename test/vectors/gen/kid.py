# SPDX-License-Identifier: Apache-2.0
"""How a packet's kid finds its key: exactly first, then by its path, and never otherwise."""

from .seal import KEK1, KEK2, OPTIONS, PATH_ID, b64, packet, text
from .vector import Chapter

RIGHT = b64(KEK1)
WRONG = b64(KEK2)

# kid, id in the keyset, what it shows
EXACT = (
    ("plain", "key_id1", "a plain id"),
    ("path", PATH_ID, "a path without scheme"),
    ("kbs_uri", "kbs:///default/key/key_id1", "an id that is a whole URI"),
    ("doubled", "kbs:///kbs:///default/key/1", "an id with the scheme twice"),
    ("plugin", "kbs+plugin://host/a/b/c", "another scheme, as it stands"),
    ("https", "https://example.org/a/b/c", "a web address, as it stands"),
    ("dots", "../../etc/x", "dots mean nothing"),
    ("percent", "a/b/c%20d", "a percent sign means nothing"),
    ("slashes", "//", "nothing but slashes"),
    ("slash", "/", "one slash"),
    ("leading_slash", "/a/b/c", "a leading slash"),
    ("trailing_slash", "a/b/c/", "a trailing slash"),
    ("five_segments", "a/b/c/d/e", "more segments than a path has"),
    ("space", " key id ", "spaces count"),
    ("scheme_only", "kbs://", "a scheme and nothing else"),
    ("empty", "", "the empty id"),
    ("null_word", "null", "the word null, as the samples have it"),
    ("long", "default/key/" + "k" * 2000, "a long id"),
    ("unicode", "schl\u00fcssel/\U0001f511/1", "an id beyond ASCII"),
    ("quote", 'a"b\\c', "quotes and backslashes"),
    ("control", "a\nb\tc", "control characters, written as escapes"),
)

# kid, which finds PATH_ID by its path
BY_PATH = (
    ("no_host", "kbs:///" + PATH_ID),
    ("host", "kbs://kbs.example.org/" + PATH_ID),
    ("host_port", "kbs://kbs.example.org:8080/" + PATH_ID),
    ("ipv4", "kbs://127.0.0.1:50000/" + PATH_ID),
    ("doubled", "kbs:///kbs:///" + PATH_ID),
    ("four_slashes", "kbs:////" + PATH_ID),
    ("leading_slash", "/" + PATH_ID),
    ("host_no_scheme", "kbs.example.org/" + PATH_ID),
    ("host_port_no_scheme", "127.0.0.1:8080/" + PATH_ID),
)

# kid, ids in the keyset that must not be taken for it
NEVER = (
    ("absent", "key_id9", ["key_id1", "key_id"], "a plain id that is not there"),
    ("tail_of_path", "kbs:///default/key/key_id1", ["key_id1"], "the last segment alone"),
    ("tail_two", "kbs:///default/key/key_id1", ["key/key_id1"], "the last two segments alone"),
    ("path_for_tail", "key_id1", ["default/key/key_id1", "kbs:///default/key/key_id1"],
     "an id's last segment"),
    ("prefix", "key_id1", ["key_id10", "key_id"], "the beginning of an id"),
    ("uri_for_path", "default/key/key_id1", ["kbs:///default/key/key_id1"],
     "an id that is a URI, by its path"),
    ("host_for_host", "kbs://one/default/key/1", ["kbs://two/default/key/1"], "another host's URI"),
    ("case_of_id", "KEY_ID1", ["key_id1"], "no case folding"),
    ("case_of_path", "kbs:///Default/key/1", ["default/key/1"], "no case folding in the path"),
    ("case_of_scheme", "KBS:///a/b/c", ["a/b/c"], "no case folding in the scheme"),
    ("percent", "kbs:///default/key/key%5Fid1", [PATH_ID], "no percent decoding"),
    ("percent_slash", "kbs:///default/key%2Fkey_id1", [PATH_ID], "no percent decoding of slashes"),
    ("percent_plain", "key%5Fid1", ["key_id1"], "no percent decoding of plain ids"),
    ("dots", "kbs:///default/x/../key/key_id1", [PATH_ID], "dots are not resolved"),
    ("dot", "kbs:///default/./key/key_id1", [PATH_ID], "a dot is not removed"),
    ("dots_short", "kbs:///default/../key_id1", ["key_id1"], "dots don't climb"),
    ("two_segments", "kbs:///key/key_id1", ["key/key_id1"], "a path of two segments"),
    ("one_segment", "kbs:///key_id1", ["key_id1"], "a path of one segment"),
    ("host_for_repository", "kbs://default/key/1", ["default/key/1", "key/1"],
     "what follows two slashes is a host"),
    ("no_segment", "kbs:///", ["", "/"], "a path of no segments"),
    ("scheme_only", "kbs://", ["", "/"], "a scheme and nothing else"),
    ("host_only", "kbs://default", ["default", ""], "a host and no path"),
    ("four_segments", "kbs:///a/b/c/d", ["a/b/c/d", "b/c/d", "a/b/c"],
     "a path of four segments below the scheme"),
    ("four_segments_host", "kbs://host/a/b/c/d", ["a/b/c/d", "b/c/d", "a/b/c"],
     "the same with a host"),
    ("five_segments", "a/b/c/d/e", ["c/d/e", "b/c/d/e"], "five segments without scheme"),
    ("two_segments_slash", "/b/c", ["b/c", "c"], "two segments after a slash"),
    ("trailing_slash", "kbs:///a/b/c/", ["a/b/c", "a/b/c/"],
     "a slash at the end is a fourth segment"),
    ("empty_segment", "kbs:///a//c", ["a//c", "a/c"], "an empty segment"),
    ("empty_tag", "kbs:///a/b/", ["a/b/", "a/b"], "an empty tag"),
    ("plugin", "kbs+plugin:///a/b/c", ["a/b/c", "kbs:///a/b/c"], "another scheme: a plugin's"),
    ("plugin_host", "kbs+plugin://host/a/b/c", ["a/b/c", "kbs://host/a/b/c"],
     "the same with a host"),
    ("https", "https://host/a/b/c", ["a/b/c"], "another scheme: the web's"),
    ("file", "file:///a/b/c", ["a/b/c"], "another scheme: a file's"),
    ("space_before", " kbs:///a/b/c", ["a/b/c"], "a space before the scheme"),
    ("space_after", "kbs:///a/b/c ", ["a/b/c"], "a space after the tag"),
    ("newline_after", "key_id1\n", ["key_id1"], "a line feed after the id"),
    ("query", "kbs:///a/b/c?version=1", ["a/b/c"], "a query is part of the tag"),
    ("fragment", "kbs:///a/b/c#1", ["a/b/c"], "a fragment is part of the tag"),
    ("one_slash", "kbs:/a/b/c", ["a/b/c"], "one slash after the scheme: no host is called kbs:"),
    ("plugin_one_slash", "kbs+plugin:/a/b/c", ["a/b/c"], "another scheme with one slash"),
    ("slash_host", "/host/a/b/c", ["a/b/c", "host/a/b/c"], "four segments after a slash"),
    ("nul_after", "key_id1\0", ["key_id1"], "a NUL does not end an id"),
    ("text_after_nul", "key_id1\0x", ["key_id1"], "what is behind a NUL counts"),
    ("not_normalised", "u\u0308", ["\u00fc"], "no normalisation of letters"),
    ("wildcard", "*", ["key_id1"], "no wildcards"),
    ("empty", "", ["key_id1"], "the empty kid names nothing"),
)


def write(book):
    chapter = Chapter(book, "kid", "unwrap")
    for name, kid, comment in EXACT:
        chapter.ok("exact_" + name, "exact: " + comment, text(packet(kid=kid)), OPTIONS,
                   keyset={kid: RIGHT, "other": WRONG})
    for name, kid in BY_PATH:
        body = text(packet(kid=kid))
        chapter.ok("path_" + name, "by path", body, OPTIONS,
                   keyset={PATH_ID: RIGHT, "key_id1": WRONG})
        chapter.ok("exact_before_path_" + name, "the exact id wins over the path", body, OPTIONS,
                   keyset={PATH_ID: WRONG, kid: RIGHT})
    for name, kid, ids, comment in NEVER:
        chapter.fails("never_" + name, "never: " + comment, text(packet(kid=kid)), "UNKNOWN_KEY",
                      keyset={key_id: RIGHT for key_id in ids})
