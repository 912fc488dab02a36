# SPDX-License-Identifier: Apache-2.0
"""A terminal with what a program has printed, for lines that start with a mark, as a doctor's do."""

import textwrap

from svg import MONO, Picture

COLUMNS = 112
STEP = 18
CHARACTER = 7.83
COLOURS = {"ok": "#7ec47e", "warn": "#e0c050", "FAIL": "#ef7a6a", "skip": "#9a9a9a"}


def wrapped(line):
    """The line in parts that fit; the later ones stand below its text."""
    return textwrap.wrap(line, COLUMNS, subsequent_indent=" " * 32, break_long_words=False, drop_whitespace=True) or [""]


def draw(command, output):
    lines = [(part, number == 0) for line in output.splitlines() for number, part in enumerate(wrapped(line))]
    shown = [(part, False) for part in textwrap.wrap(f"$ {command}", COLUMNS, subsequent_indent="      ")] + lines
    width = int(COLUMNS * CHARACTER) + 36
    height = STEP * len(shown) + 34
    picture = Picture(width, height, command)
    picture.box(0, 0, width, height, fill="#1c1f24", radius=8)
    for number, (line, first) in enumerate(shown):
        y = 28 + number * STEP
        mark = line.split(" ", 1)[0] if first else ""
        picture.text(18, y, line, fill="#e6e6e6", font=MONO)
        if mark in COLOURS:
            picture.text(18, y, mark, fill=COLOURS[mark], font=MONO, weight="bold")
    return picture.document()
