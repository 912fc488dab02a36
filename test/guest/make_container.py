#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes images of a container whose program prints a line of the image's own, as OCI layouts: each of another kind.

usage: make_container.py DIR PROGRAM LINE

DIR is made; in it is a layout for each kind, by its name. PROGRAM is linked statically; there is nothing else in the
images that runs.
"""
import hashlib
import io
import pathlib
import sys
import tarfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))
import make_image  # pylint: disable=wrong-import-position

# More than any image should need.
MANY = 40
# struct vfs_cap_data of revision 2: effective, and CAP_NET_BIND_SERVICE permitted.
CAPABILITY = "\1\0\0\2" + "\0\4\0\0" + "\0" * 12


class Link(str):
    """A symbolic link's target, in place of a file's content."""


def member_of(name, content):
    """An archive's member, and its data."""
    member = tarfile.TarInfo(name)
    member.mode = 0o755
    if isinstance(content, Link):
        member.type, member.linkname = tarfile.SYMTYPE, content
        return member, None
    member.size = len(content)
    return member, io.BytesIO(content)


def layer(files, capable=None):
    """A layer's tar: path to content. One of the files may have capabilities."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, content in files.items():
            member, data = member_of(name, content)
            if name == capable:
                member.pax_headers = {"SCHILY.xattr.security.capability": CAPABILITY}
            tar.addfile(member, data)
    return packed.getvalue()


def basic_layers(program, line):
    """Three layers: the second one has the line, and removes files of the first."""
    return [
        layer({"bin/container": program, "etc/note": b"the first layer's note", "etc/removed": b"x",
               "old/file": b"x"}),
        layer({"etc/note": line, "etc/.wh.removed": b"", "old/.wh..wh..opq": b""}),
        layer({"etc/\u00fcml\u00e4ut": b"a name that is not ASCII"}),
    ]


def kinds(program, line):
    """Of each kind: its name, its layers, and its configuration. /bin that becomes a link to /usr/bin is what an upgrade
    of a distribution does to an image, and what is written to its files later goes through the link."""
    basic = basic_layers(program, line)
    yield "basic", basic, {}
    yield "many", basic + [layer({f"layers/{number}": b"x"}) for number in range(MANY - len(basic))], \
        {"Cmd": ["files", "/layers"]}
    yield "capable", basic + [layer({"bin/capable": b"x"}, "bin/capable")], {"Cmd": ["capabilities", "/bin/capable"]}
    yield "merged", [*basic, layer({"bin": Link("usr/bin"), "usr/bin/container": program}),
                     layer({"usr/bin/later": b"x"})], {"Cmd": ["link", "/bin", "files", "/bin"]}
    yield "user", basic, {"User": "1001"}


def make(directory, program, line):
    """Writes the layouts."""
    for name, tars, options in kinds(program, line.encode()):
        config = {"architecture": "amd64", "os": "linux",
                  "config": {"Entrypoint": ["/bin/container"], "Env": ["GREETING=This was decrypted:"], **options},
                  "rootfs": {"type": "layers",
                             "diff_ids": ["sha256:" + hashlib.sha256(tar).hexdigest() for tar in tars]}}
        make_image.make_from(directory / name, tars, config)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    make(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]).read_bytes(), sys.argv[3])
