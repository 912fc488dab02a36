# SPDX-License-Identifier: Apache-2.0
"""As much of SVG as the pictures need. Text stays text, so that it can be searched and read aloud."""

from xml.sax.saxutils import escape

SANS = "DejaVu Sans, Verdana, sans-serif"
MONO = "DejaVu Sans Mono, Menlo, Consolas, monospace"

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!-- SPDX-License-Identifier: Apache-2.0 -->
<!-- Made by examples/pictures/draw.py: change that, not this. -->
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">
<title>{title}</title>
<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0L10 5L0 10z" fill="#333"/></marker></defs>
"""


class Picture:
    def __init__(self, width, height, title):
        self.parts = [HEAD.format(width=width, height=height, title=escape(title))]
        # A reader's page may be dark.
        self.box(0, 0, width, height, fill="#ffffff")

    def add(self, text):
        self.parts.append(text + "\n")

    def box(self, x, y, width, height, fill, line="none", radius=0, dashed=False):
        dash = ' stroke-dasharray="6 4"' if dashed else ""
        self.add(
            f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="{radius}" fill="{fill}" stroke="{line}"{dash}/>'
        )

    def text(self, x, y, text, size=13, anchor="start", fill="#111", weight="normal", font=SANS):
        self.add(
            f'<text x="{x}" y="{y}" font-family="{font}" font-size="{size}" text-anchor="{anchor}" fill="{fill}"'
            f' font-weight="{weight}" xml:space="preserve">{escape(text)}</text>'
        )

    def lines(self, x, y, lines, step=17, **how):
        for number, line in enumerate(lines):
            self.text(x, y + number * step, line, **how)

    def line(self, x1, y1, x2, y2, colour="#333", dashed=False, tip=False):
        dash = ' stroke-dasharray="5 4"' if dashed else ""
        end = ' marker-end="url(#tip)"' if tip else ""
        self.add(f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{colour}" stroke-width="1.4"{dash}{end}/>')

    def document(self):
        return "".join(self.parts) + "</svg>\n"
