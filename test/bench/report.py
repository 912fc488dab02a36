#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints what was measured beside its limits.

usage: report.py RESULTS    (the folder that run.sh fills)
"""

import json
import pathlib
import sys

import inside

KILOBYTE = 1000


def fastest(processes, name):
    """Seconds of the fastest run: other load only ever adds."""
    runs = [result["times"] for result in processes["results"] if result["command"] == name]
    return min(runs[0])


def rust_row(rust):
    """Without cargo there is nothing to tell."""
    if not rust:
        return "not measured: no cargo"
    return f"{rust['rust'] / rust['c']:.2f} ({rust['rust']:.0f} over {rust['c']:.0f} ns, the sample's packet)"


def rows(times, processes, sizes, cold, rust):
    """What, its limit, what was measured."""
    bare = times.best("bare_decryption")
    one_thread, two_threads = "unwrap/1000/real_time", "unwrap/1000/real_time/threads:2"
    one = times.best(one_thread)
    scale = times.real(one_thread) / times.real(two_threads)
    contention = 2 * one / times.best(two_threads)
    load = times.best("load/1000")
    decode = times.best("decode_block/1000")
    per_key = times.load_per_key(at_least=10)
    oskbc, plain = (fastest(processes, name) for name in ("oskbc", "bare"))
    peak, symbols = sizes["peak"], sizes["symbols"]
    in_file, injected = times.best("open_file/1000"), times.best("open_injected/1000")
    cold_file, cold_injected = cold["1000 in a file"], cold["1000"]
    asked, wrapped = times.best("ask_length"), times.best("unwrap_by_wrapper")
    fields, first = times.best("unwrap_fields"), cold["1"]
    each = (cold["1000"] - cold["48"]) / (1000 - 48)
    return [
        ("full unwrap, over the bare decryption", "1.5 on an idle machine",
         f"{one / bare:.2f} ({one:.0f} over {bare:.0f} ns)"),
        ("the same from fields", "1.35 on an idle machine", f"{fields / bare:.2f} ({fields:.0f} ns)"),
        ("asking for the length, over the unwrap", "0.5", f"{asked / one:.2f} ({asked:.0f} ns)"),
        ("`oskbc.hpp`, over the C call", "1.15", f"{wrapped / one:.2f} ({wrapped:.0f} ns)"),
        ("Rust's `Client::unwrap_key`, over the C call", "1.15", rust_row(rust)),
        ("an unknown key", "counted", f"{times.best('unknown_key'):.0f} ns"),
        ("a process's first opening, with one key", "counted", f"{first / 1000:.0f} µs"),
        ("each further key of it, from 48 to 1000", "0.5 µs", f"{each / 1000:.2f} µs"),
        ("opening 1000 keys in a file, over the same injected", "2",
         f"{in_file / injected:.2f} ({in_file / 1000:.0f} over {injected / 1000:.0f} µs)"),
        ("the same, a process's first opening", "2",
         f"{cold_file / cold_injected:.2f} ({cold_file / 1000:.0f} over {cold_injected / 1000:.0f} µs)"),
        ("full unwrap with a file's keys, over one with injected ones", "1.05",
         f"{times.best('unwrap_file') / one:.2f}"),
        ("two threads over one, unwraps per second", "at least 1.95 on idle cores", f"{scale:.2f} ({contention:.2f} by processor time, which needs no free cores)"),
        ("loading 1000 keys, over `EVP_DecodeBlock`", "4",
         f"{load / decode:.2f} ({load / 1000:.0f} over {decode / 1000:.0f} µs)"),
        ("cost per key when loading, dearest over cheapest, 10 keys to the bound", "2",
         f"{max(per_key.values()) / min(per_key.values()):.2f} ("
         + ", ".join(f"{count}: {cost:.0f} ns" for count, cost in sorted(per_key.items())) + ")"),
        ("whole process, over one that only decrypts", "1.3",
         f"{oskbc / plain:.2f} ({oskbc * 1e3:.2f} over {plain * 1e3:.2f} ms)"),
        ("peak memory of the same", "1.3",
         f"{peak['oskbc'] / peak['bare']:.2f} ({peak['oskbc']} over {peak['bare']} kB)"),
        ("library, stripped", "400 kB", f"{sizes['stripped'] / KILOBYTE:.0f} kB"),
        ("symbols bound, over the same process", "counted",
         f"{symbols['oskbc']} over {symbols['bare']}"),
    ]


def main(arguments):
    if len(arguments) != 1:
        sys.exit(__doc__)
    folder = pathlib.Path(arguments[0])
    times = inside.Times.read(folder / "inside.json")
    processes = json.loads((folder / "processes.json").read_text())
    sizes = json.loads((folder / "sizes.json").read_text())
    cold = json.loads((folder / "cold.json").read_text())
    rust_file = folder / "rust.json"
    rust = json.loads(rust_file.read_text()) if rust_file.exists() else None
    print("| what | at most | measured |\n| --- | --- | --- |")
    for row in rows(times, processes, sizes, cold, rust):
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main(sys.argv[1:])
