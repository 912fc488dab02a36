# SPDX-License-Identifier: Apache-2.0
"""The life of a key: each place where it is, in the clear or encrypted, and where it ends."""

from svg import MONO, Picture

WIDTH = 1000
BOX = (216, 112)
GAP = 32
CLEAR = ("#e3f1e3", "#3a7d3a")
SEALED = ("#e4ebf7", "#3a5a9d")
GONE = ("#eeeeee", "#777777")

# Name, who holds it, two lines about it, whether it is in the clear there.
ROWS = [
    [
        ("keygen", "owner", ["32 random bytes,", "locked memory"], CLEAR),
        ("keys.json", "owner", ["mode 0600,", "base64"], CLEAR),
        ("secret table", "owner", ["a keyset with the ids", "that the guest needs"], CLEAR),
        ("secret.b64", "host", ["AES-CTR under TEK,", "MAC for one launch"], SEALED),
    ],
    [
        ("secret area", "guest", ["3072 bytes of encrypted", "memory, by the firmware"], CLEAR),
        ("efi_secret", "guest", ["a file of securityfs,", "readable once"], CLEAR),
        ("liboskbc", "guest", ["locked pages, not", "dumped, not swapped"], CLEAR),
        ("close, unlink", "guest", ["wiped in the kernel at", "opening, here at closing"], GONE),
    ],
    [
        ("layer key", "owner", ["random, one a layer,", "made by skopeo"], CLEAR),
        ("packet", "registry", ["AES-256-GCM under the", "key, in the manifest"], SEALED),
        ("unwrap", "guest", ["the plain options, in the", "caller's buffer"], CLEAR),
        ("oskbc_wipe", "guest", ["when the layer", "is decrypted"], GONE),
    ],
]


def x_of(column):
    return 20 + column * (BOX[0] + GAP - 4)


def y_of(row):
    return 52 + row * (BOX[1] + 52)


def draw_box(picture, row, column, name, holder, about, colours):
    x, y = x_of(column), y_of(row)
    picture.box(x, y, *BOX, fill=colours[0], line=colours[1], radius=6)
    picture.text(x + 12, y + 25, name, size=14, weight="bold", font=MONO)
    picture.text(x + 12, y + 46, holder, size=12, fill=colours[1], weight="bold")
    picture.lines(x + 12, y + 70, about, size=13)


def draw_arrows(picture, row):
    y = y_of(row) + BOX[1] / 2
    for column in range(3):
        picture.line(x_of(column) + BOX[0] + 1, y, x_of(column + 1) - 2, y, tip=True)


def draw_turn(picture):
    """From the end of the first row to the start of the second."""
    middle = y_of(0) + BOX[1] + 26
    right, left = x_of(3) + BOX[0] / 2, x_of(0) + BOX[0] / 2
    picture.line(right, y_of(0) + BOX[1], right, middle)
    picture.line(right, middle, left, middle)
    picture.line(left, middle, left, y_of(1) - 2, tip=True)
    picture.text(
        (left + right) / 2, middle - 6, "the platform checks the MAC and decrypts", size=12, anchor="middle", fill="#555"
    )


def draw_legend(picture):
    x = 20
    for text, colours in (("in the clear", CLEAR), ("encrypted", SEALED), ("gone", GONE)):
        picture.box(x, 14, 16, 16, fill=colours[0], line=colours[1])
        picture.text(x + 22, 27, text, size=12)
        x += 140


def draw():
    picture = Picture(WIDTH, y_of(2) + BOX[1] + 24, "The life of a key, from keygen to the wiped page")
    draw_legend(picture)
    for row, boxes in enumerate(ROWS):
        for column, (name, holder, about, colours) in enumerate(boxes):
            draw_box(picture, row, column, name, holder, about, colours)
        draw_arrows(picture, row)
    draw_turn(picture)
    middle = y_of(1) + BOX[1] + 26
    picture.line(x_of(2) + BOX[0] / 2, y_of(1) + BOX[1], x_of(2) + BOX[0] / 2, y_of(2) - 2, tip=True)
    picture.text(x_of(2) + BOX[0] / 2 + 10, middle + 4, "unwraps", size=12, fill="#555")
    return picture.document()
