# SPDX-License-Identifier: Apache-2.0
"""Reads the commands of a page of Markdown, as a reader would copy them.

A block of a fence's language "sh" is one that anybody can run; a word after it says who else can:
  sh            anywhere, in the order of the page and in one folder
  sh host       on a host with SEV hardware
  sh elsewhere  with a network, for hours, or as root
Blocks of "console" are sessions, a prompt of one word before each command.
"""

import dataclasses
import re

KINDS = {"sh", "sh host", "sh elsewhere", "toml", "c", "console"}


@dataclasses.dataclass
class Block:
    section: str
    kind: str
    line: int
    text: str

    def __str__(self):
        return f"{self.section}, line {self.line}: {self.text.splitlines()[0]}"


def blocks(text):
    """The fenced blocks of a page, from top to bottom."""
    found, section, kind, start, body = [], "", None, 0, []
    for number, line in enumerate(text.splitlines(), 1):
        if kind is not None and line == "```":
            found.append(Block(section, kind, start, "\n".join(body) + "\n"))
            kind = None
        elif kind is not None:
            body.append(line)
        elif line.startswith("```"):
            kind, start, body = line[3:].strip(), number, []
            if kind not in KINDS:
                raise ValueError(f"line {number}: a block of the kind '{kind}', which is none of {sorted(KINDS)}")
        elif line.startswith("## "):
            section = line[3:]
    if kind is not None:
        raise ValueError(f"line {start}: the block has no end")
    return found


def session(text):
    """The commands of a block of "console", each with its prompt's word; a line without one goes on with the last."""
    commands = []
    for line in text.splitlines():
        match = re.match(r"(\w+)\$ (.*)", line)
        if match:
            commands.append([match[1], match[2]])
        elif commands and commands[-1][1].endswith("\\"):
            commands[-1][1] += "\n" + line
    return commands


def calls(text, program):
    """The command lines of one program in a shell's text, each as its words up to the next operator."""
    joined = re.sub(r"\\\n\s*", " ", text)
    for match in re.finditer(rf"(?:^|[\s(;|]){re.escape(program)} ([^|;)\n#>]*)", joined):
        yield match[1].split()
