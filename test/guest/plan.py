# SPDX-License-Identifier: Apache-2.0
"""Which boots there are, and which of them are asked for."""
import sys

import boots
import refusals
import tables
from boots import PARTS, Boot


def malformed_boots():
    """One for each way in which the kernel refuses a secret table."""
    for kind, (table, words) in tables.malformed(b'{"key_id1":"AAAA"}').items():
        yield Boot("malformed-" + kind.lower().replace(" ", "-"), table, scenario="malformed",
                   options={"kind": kind, "words": words})


def all_boots():
    """Every boot there is."""
    without_unloading = ("system", "scenarios", "ours", "no-unload-module")
    yield boots.ContainerBoot()
    yield boots.AnswersBoot("main", "keys.table", PARTS + ("requests",))
    yield boots.MemoryBoot("memory")
    yield Boot("one-by-one", "three.table", PARTS + ("requests",))
    yield Boot("no-unload", "keys.table", without_unloading, "kernel/no-unload")
    yield Boot("no-unload-doctor", "keys.table", without_unloading, "kernel/no-unload")
    yield Boot("no-module", "keys.table", ("system", "scenarios", "ours"))
    yield boots.NoAreaBoot("no-area", None, PARTS + ("requests",))
    yield Boot("empty-area", None)
    yield Boot("other-guid", "other.table")
    yield from malformed_boots()
    yield Boot("keyset", tables.table(tables.entry(b'{"key_id1":"not base64"}')))
    yield Boot("largest", "largest.table")
    for maker in ("initramfs-tools", "dracut"):
        yield boots.InitrdBoot(maker)
    yield boots.AnswersBoot("thousand", "thousand.table", PARTS + ("requests", "thousand"))
    yield boots.DiskBoot()
    yield boots.DracutDiskBoot()
    yield boots.SystemBoot()
    yield from refusals.all_refusals()


def choose(names):
    """Those with these names, or all; with a refusal goes the good boot that it is compared with."""
    found = {boot.name: boot for boot in all_boots()}
    if names == ["list"]:
        print("\n".join(found))
        sys.exit(0)
    unknown = [name for name in names if name not in found]
    if unknown:
        sys.exit(f"boot.py: no boot {', '.join(unknown)}; there are: {', '.join(found)}")
    chosen = set(names or found)
    chosen |= {found[name].good.name for name in chosen if found[name].good}
    return [boot for name, boot in found.items() if name in chosen]
