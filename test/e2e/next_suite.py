#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints an apt source for another suite of the Debian archive that this machine already uses.

usage: next_suite.py CODENAME SUITE ETC_APT

Reads ETC_APT/sources.list and ETC_APT/sources.list.d, in both of apt's forms, finds the entry of
Debian's main archive whose suite is CODENAME, and prints it in the deb822 form with SUITE in its place.
So the machine's own mirror is used, and no address has to be written down here.
"""
import pathlib
import re
import sys
from urllib.parse import urlsplit


def deb822_entries(text):
    """Yields the stanzas of a .sources file as dictionaries with lower case names."""
    stanza, name = {}, None
    for line in text.splitlines() + [""]:
        if line.startswith("#"):
            continue
        if not line.strip():
            if stanza:
                yield stanza
            stanza, name = {}, None
        elif line[0].isspace() and name:
            stanza[name] += "\n" + line
        elif ":" in line:
            name, value = line.split(":", 1)
            name = name.strip().lower()
            stanza[name] = value.strip()


def one_line_entries(text):
    """Yields the lines of a .list file in the same shape."""
    pattern = re.compile(r"^(deb(?:-src)?)\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s*(.*)$")
    for line in text.splitlines():
        found = pattern.match(line.split("#", 1)[0].strip())
        if not found:
            continue
        kind, options, uri, suite, components = found.groups()
        entry = {"types": kind, "uris": uri, "suites": suite, "components": components}
        for option in (options or "").split():
            name, _, value = option.partition("=")
            entry[name.lower()] = value.replace(",", " ")
        yield entry


def entries(etc_apt):
    """Yields all entries below a folder, sources.list first, as apt reads them."""
    files = [etc_apt / "sources.list", *sorted((etc_apt / "sources.list.d").glob("*"))]
    for file in files:
        if file.suffix in (".list", ".sources") and file.is_file():
            text = file.read_text(encoding="utf-8", errors="replace")
            yield from deb822_entries(text) if file.suffix == ".sources" else one_line_entries(text)


def is_wanted(entry, codename):
    """Whether an entry is a switched-on source of binary packages from the suite's main component."""
    def words(name):
        return entry.get(name, "").split()

    return ("deb" in words("types") and codename in words("suites") and "main" in words("components")
            and entry.get("enabled", "yes").lower() not in ("no", "false", "0"))


def debian_uris(entry):
    """The addresses that have a folder "debian": others may have a suite of the same name, too."""
    return [uri for uri in entry.get("uris", "").split()
            if "debian" in urlsplit(uri).path.split("/") and not uri.startswith("cdrom:")]


def rewritten(entry, suite):
    """The entry for another suite, with what says how to trust it, and without indexes of no use."""
    fields = [("Types", "deb"), ("URIs", " ".join(debian_uris(entry))), ("Suites", suite),
              ("Components", "main"), ("Targets", "Packages")]
    for name in ("Signed-By", "Trusted", "Check-Valid-Until", "Check-Date"):
        if name.lower() in entry:
            fields.append((name, entry[name.lower()]))
    return "".join(f"{name}: {value}\n" for name, value in fields)


def main(codename, suite, etc_apt):
    """Prints the source, or says why there is none."""
    for entry in entries(pathlib.Path(etc_apt)):
        if is_wanted(entry, codename) and debian_uris(entry):
            print(rewritten(entry, suite), end="")
            return 0
    print(f"apt has no entry of Debian's archive for {codename}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("usage: next_suite.py CODENAME SUITE ETC_APT")
    sys.exit(main(*sys.argv[1:]))
