#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the vector files, or checks that the committed ones are what this program writes.

    generate.py             writes them beside this file
    generate.py --check     compares instead; 1 if a file differs, is missing or is left over,
                            77 (Meson's "skipped") where python3-cryptography is not installed
"""

import argparse
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
DIRECTORIES = ("keyset", "packet", "unwrap", "keyprovider", "resource", "kid")
SKIPPED = 77

sys.dont_write_bytecode = True


def all_files():
    from gen import keyprovider, keyset, kid, packet, published, resource, unwrap, vector

    book = vector.Book()
    for module in (keyset, packet, unwrap, keyprovider, resource, kid):
        module.write(book)
    published.write(book, HERE / "published")
    return book.files


def present(root):
    return {d + "/" + p.name for d in DIRECTORIES if (root / d).is_dir()
            for p in (root / d).iterdir()}


def write(root, files):
    for left_over in present(root) - set(files):
        (root / left_over).unlink()
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)


def differences(root, files):
    for path in sorted(present(root) | set(files)):
        if path not in files:
            yield path + ": not written by any scenario"
        elif not (root / path).is_file():
            yield path + ": missing"
        elif (root / path).read_bytes() != files[path]:
            yield path + ": differs"


def check(root, files):
    found = list(differences(root, files))
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


def summary(files):
    for directory in DIRECTORIES:
        print(directory, sum(path.startswith(directory + "/") for path in files))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    arguments = parser.parse_args()
    try:
        files = all_files()
    except ImportError as error:
        print("skipped:", error, file=sys.stderr)
        return SKIPPED
    if arguments.check:
        return check(HERE, files)
    write(HERE, files)
    summary(files)
    return 0


if __name__ == "__main__":
    sys.exit(main())
