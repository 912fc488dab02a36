#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Stands in for the kernel's scripts/config: --enable, --module and --disable, in the file .config here."""

import pathlib
import sys

VALUES = {"--enable": "CONFIG_{}=y", "--module": "CONFIG_{}=m", "--disable": "# CONFIG_{} is not set"}


def main():
    file = pathlib.Path(".config")
    lines = file.read_text().splitlines()
    words = sys.argv[1:]
    if len(words) % 2 or not set(words[0::2]) <= set(VALUES):
        sys.exit("config: an option and a symbol are needed")
    for option, symbol in zip(words[0::2], words[1::2]):
        symbol = symbol.removeprefix("CONFIG_")
        said = {f"CONFIG_{symbol}=y", f"CONFIG_{symbol}=m", f"# CONFIG_{symbol} is not set"}
        lines = [line for line in lines if line not in said] + [VALUES[option].format(symbol)]
    file.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
