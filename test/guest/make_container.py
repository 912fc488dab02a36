#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the image of a container whose program prints a line of the image's own, as an OCI layout.

usage: make_container.py DIR PROGRAM LINE

DIR must not exist yet. PROGRAM is linked statically; there is nothing else in the image that runs.
"""
import hashlib
import io
import pathlib
import sys
import tarfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))
import make_image  # pylint: disable=wrong-import-position


def layer(files):
    """A layer's tar: path to content."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o755
            tar.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def layers(program, line):
    """Three layers: the second one has the line, and removes files of the first."""
    return [
        layer({"bin/container": program, "etc/note": b"the first layer's note", "etc/removed": b"x",
               "old/file": b"x"}),
        layer({"etc/note": line.encode(), "etc/.wh.removed": b"", "old/.wh..wh..opq": b""}),
        layer({"etc/\u00fcml\u00e4ut": b"a name that is not ASCII"}),
    ]


def make(directory, program, line):
    """Writes the whole layout."""
    tars = layers(program, line)
    config = {"architecture": "amd64", "os": "linux",
              "config": {"Entrypoint": ["/bin/container"], "Env": ["GREETING=This was decrypted:"]},
              "rootfs": {"type": "layers",
                         "diff_ids": ["sha256:" + hashlib.sha256(tar).hexdigest() for tar in tars]}}
    make_image.make_from(directory, tars, config)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    make(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]).read_bytes(), sys.argv[3])
