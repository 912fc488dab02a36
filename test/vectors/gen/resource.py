# SPDX-License-Identifier: Apache-2.0
"""Entries of the keyset by id or URI."""

from .seal import b64, stream
from .vector import Chapter

POLICY = stream("a policy", 190)
LONG = stream("a long resource", 5000)
ID = "default/policy/1"
KEYSET = {ID: b64(POLICY), "plain": b64(stream("plain resource", 32)),
          "default/credential/empty": "",
          "default/long/1": b64(LONG), "zeros/of/length": b64(bytes(20))}

FOUND = (
    ("path", ID, "an id as it stands"),
    ("uri", "kbs:///" + ID, "a URI without host"),
    ("uri_host", "kbs://kbs.example.org/" + ID, "a URI with a host"),
    ("uri_port", "kbs://kbs.example.org:8080/" + ID, "a URI with host and port"),
    ("uri_ipv4", "kbs://127.0.0.1:50000/" + ID, "a URI with an address"),
)

# uri, ids that must not be taken for it
UNKNOWN = (
    ("plain", "absent", ["plain"], "a plain id that is not there"),
    ("uri", "kbs:///default/policy/2", [ID], "a URI whose path is not there"),
    ("uri_host", "kbs://host/default/policy/2", [ID], "the same with a host"),
    ("empty", "", ["plain"], "the empty text names nothing"),
    ("tail", "1", [ID], "the last segment alone"),
    ("tail_two", "policy/1", [ID], "the last two segments"),
    ("for_tail", "kbs:///default/policy/1", ["1", "policy/1"], "a URI's last segments"),
    ("case", "Plain", ["plain"], "no case folding"),
    ("case_uri", "kbs:///Default/policy/1", [ID], "no case folding in a path"),
    ("percent", "kbs:///default/policy/%31", [ID], "no percent decoding"),
    ("percent_plain", "pl%61in", ["plain"], "no percent decoding of ids"),
    ("space", "plain ", ["plain"], "a space after"),
    ("dots", "default/x/../policy/1", [ID], "dots are not resolved"),
    ("leading_slash", "/default/policy/1", [ID],
     "no scheme: an id as it stands, and there is none"),
    ("host_no_scheme", "host/default/policy/1", [ID],
     "what a regression wrote into kids is no resource's URI"),
    ("one_slash", "kbs:/default/policy/1", [ID], "no :// in it: an id as it stands"),
)

MALFORMED = (
    ("two_segments", "kbs:///policy/1", "two segments"),
    ("host_for_repository", "kbs://default/policy/1", "what follows two slashes is a host"),
    ("one_segment", "kbs:///1", "one segment"),
    ("four_segments", "kbs:///default/policy/1/2", "four segments"),
    ("four_segments_host", "kbs://host/x/default/policy/1", "four segments with a host"),
    ("no_path", "kbs://", "a scheme and nothing else"),
    ("no_segments", "kbs:///", "no segments"),
    ("host_only", "kbs://default", "a host and no path"),
    ("trailing_slash", "kbs:///default/policy/1/", "a slash at the end"),
    ("empty_segment", "kbs:///default//1", "an empty segment"),
    ("empty_repository", "kbs:////policy/1", "an empty repository"),
    ("empty_tag", "kbs:///default/policy/", "an empty tag"),
    ("doubled", "kbs:///kbs:///default/policy/1",
     "the scheme twice: a bug of packets, not of URIs"),
    ("four_slashes", "kbs:////default/policy/1", "four slashes: the same"),
    ("plugin", "kbs+plugin:///default/policy/1", "another scheme: a plugin's"),
    ("plugin_host", "kbs+plugin://host/default/policy/1", "the same with a host"),
    ("https", "https://host/default/policy/1", "another scheme: the web's"),
    ("file", "file:///default/policy/1", "another scheme: a file's"),
    ("scheme_case", "KBS:///default/policy/1", "the scheme in capitals"),
    ("no_scheme", ":///default/policy/1", "no scheme before the colon"),
    ("space_before", " kbs:///default/policy/1", "a space before the scheme"),
)


def write(book):
    chapter = Chapter(book, "resource", "resource", KEYSET)
    for name, uri, comment in FOUND:
        chapter.ok("ok_" + name, comment, uri.encode(), POLICY)
    chapter.ok("ok_plain", "a plain id", b"plain", stream("plain resource", 32))
    chapter.ok("ok_empty_value", "an entry without bytes", b"kbs:///default/credential/empty", b"")
    chapter.ok("ok_long", "an entry longer than any key", b"kbs:///default/long/1", LONG)
    chapter.ok("ok_zeros", "zero bytes are data", b"zeros/of/length", bytes(20))
    exact(chapter)
    for name, uri, ids, comment in UNKNOWN:
        chapter.fails("unknown_" + name, comment, uri.encode(), "UNKNOWN_KEY",
                      keyset=dict.fromkeys(ids, b64(POLICY)))
    for name, uri, comment in MALFORMED:
        chapter.fails("bad_" + name, comment, uri.encode(), "REQUEST", keyset={ID: b64(POLICY)})
    chapter.fails("unknown_empty_keyset", "nothing is there", b"plain", "UNKNOWN_KEY", keyset={})


def exact(chapter):
    """The id as it stands comes first, whatever it looks like."""
    for name, key_id in (("uri", "kbs:///" + ID), ("two_segments", "kbs:///policy/1"),
                         ("plugin", "kbs+plugin:///a/b/c"),
                         ("https", "https://host/x"), ("empty", ""), ("slash", "/default/policy/1"),
                         ("unicode", "schl\u00fcssel/\U0001f511/1"), ("percent", "a%2Fb"),
                         ("newline", "a\nb")):
        keyset = {key_id: b64(POLICY), ID: b64(b"the other one")}
        chapter.ok("exact_" + name, "an id as it stands comes first", key_id.encode(), POLICY,
                   keyset=keyset)
