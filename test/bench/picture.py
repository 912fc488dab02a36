#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Draws cost against the keyset's size and against threads.

usage: picture.py INSIDE.json PICTURE
"""

import sys

import matplotlib

matplotlib.use("Agg")
# The same picture from the same numbers, and text that stays text.
matplotlib.rcParams.update({"svg.hashsalt": "oskbc", "svg.fonttype": "none", "font.size": 9})

import matplotlib.pyplot as plt  # noqa: E402  (after the choice of the back end)

import inside  # noqa: E402


def draw_unwrap(axes, times):
    by_keys = sorted(times.unwrap_by_keys().items())
    axes.semilogx(*zip(*by_keys), "o-", label="full unwrap")
    axes.axhline(times.best("bare_decryption"), linestyle="--", color="gray",
                 label="the decryption alone, by OpenSSL")
    highest = max(time for _, time in by_keys)
    axes.set(title="Unwrapping", xlabel="keys in the set", ylabel="ns", ylim=(0, 1.6 * highest))
    axes.legend(loc="upper left", frameon=False)


def draw_load(axes, times):
    per_key = sorted(times.load_per_key().items())
    axes.loglog(*zip(*per_key), "o-", label="loading")
    axes.axhline(times.best("decode_block/1000") / 1000, linestyle="--", color="gray",
                 label="EVP_DecodeBlock alone")
    axes.set(title="Loading", xlabel="keys in the set", ylabel="ns per key")
    axes.legend(frameon=False)


def draw_threads(axes, times):
    by_threads = [(str(threads), time) for threads, time in sorted(times.unwrap_by_threads().items())]
    axes.bar(*zip(*by_threads), width=0.5)
    axes.set(title="Threads that share a client", xlabel="threads",
             ylabel="ns of processor time per unwrap")


def main(arguments):
    if len(arguments) != 2:
        sys.exit(__doc__)
    times = inside.Times.read(arguments[0])
    figure, places = plt.subplots(1, 3, figsize=(10, 3), layout="constrained")
    for draw, axes in zip((draw_unwrap, draw_load, draw_threads), places):
        draw(axes, times)
        axes.spines[["top", "right"]].set_visible(False)
    metadata = {"Date": None, "Creator": None} if arguments[1].endswith(".svg") else None
    figure.savefig(arguments[1], metadata=metadata)
    print(f"\nThe picture: {arguments[1]}")


if __name__ == "__main__":
    main(sys.argv[1:])
