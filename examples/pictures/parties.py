# SPDX-License-Identifier: Apache-2.0
"""Owner, host, platform and guest, with the files that go between them, from top to bottom in time."""

from svg import MONO, Picture

WIDTH = 1000
LANES = {
    "owner": (120, "Owner", "trusts AMD's root alone", "#e3f1e3", "#3a7d3a"),
    "host": (385, "Host", "trusted with nothing", "#f9e4e0", "#b04a3a"),
    "platform": (640, "Platform", "AMD's secure processor", "#e4ebf7", "#3a5a9d"),
    "guest": (880, "Guest", "encrypted memory", "#e3f1e3", "#3a7d3a"),
}

# From, to, what goes over, and a word about it. Where both ends are one, it is something that is done there.
STEPS = [
    ("owner", "owner", ["keygen", "keys.json"], ""),
    ("platform", "owner", ["pdh.cert  cert_chain.cert"], "by the host"),
    ("owner", "owner", ["verify-chain", "with AMD's cek.cert, ask_ark.cert"], ""),
    ("owner", "host", ["godh.b64  launch_blob.b64"], "session, for one launch"),
    ("host", "platform", ["OVMF.fd, hashes of", "vmlinuz, initrd.img, -append"], "launch"),
    ("platform", "owner", ["measurement, 32 + 16 bytes"], "by the host; the guest waits"),
    ("owner", "owner", ["measure: the digest, or exit 12"], ""),
    ("owner", "platform", ["packet_header.b64  secret.b64"], "secret, sealed for this launch; by the host"),
    ("platform", "guest", ["secret table"], "decrypted, then it runs"),
    ("guest", "guest", ["efi_secret: keyset", "liboskbc: layer keys"], ""),
    ("owner", "guest", ["encrypted layers, packets"], "by any registry, at any time"),
]


def x_of(lane):
    return LANES[lane][0]


def draw_lanes(picture, height):
    for x, name, about, fill, colour in LANES.values():
        picture.line(x, 70, x, height - 20, colour=colour, dashed=True)
        picture.box(x - 92, 14, 184, 52, fill=fill, line=colour, radius=6)
        picture.text(x, 36, name, size=16, anchor="middle", weight="bold")
        picture.text(x, 55, about, size=12, anchor="middle", fill="#444")


def draw_doing(picture, lane, y, what):
    x, _, _, fill, colour = LANES[lane]
    height = 10 + 17 * len(what)
    width = max(max(len(line) for line in what) * 7.3 + 16, 120)
    left = min(max(x - width / 2, 6), WIDTH - width - 6)
    picture.box(left, y, width, height, fill=fill, line=colour, radius=4)
    picture.lines(left + width / 2, y + 19, what, size=12, anchor="middle", font=MONO)
    return height + 16


def draw_arrow(picture, start, end, y, what, about):
    x1, x2 = x_of(start), x_of(end)
    # The label stands in the first gap that the arrow crosses, from the left.
    order = sorted(LANES, key=x_of)
    left = order.index(start if x1 < x2 else end)
    middle = (x_of(order[left]) + x_of(order[left + 1])) / 2
    picture.lines(middle, y + 12, what, size=12, anchor="middle", font=MONO)
    below = y + 12 + 17 * (len(what) - 1) + 8
    picture.line(x1, below, x2, below, tip=True)
    if about:
        picture.text(middle, below + 16, about, size=11, anchor="middle", fill="#555")
    return below - y + 30


def draw():
    height = 700
    picture = Picture(WIDTH, height, "Owner, host, platform and guest, and the files that go between them")
    draw_lanes(picture, height)
    y = 84
    for start, end, what, about in STEPS:
        if start == end:
            y += draw_doing(picture, start, y, what)
        else:
            y += draw_arrow(picture, start, end, y, what, about)
    return picture.document()
