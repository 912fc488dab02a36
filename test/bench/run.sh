#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Installs what is missing, builds, measures, prints the table of speed and size beside its limits, and draws
# the picture. Times are for reading: no test fails because of them. Best on a machine with nothing else to do.
#
# usage: test/bench/run.sh [-o PICTURE]
#   -o PICTURE  where the picture goes, SVG or PNG by its name; default: build/bench/speed.svg
set -euo pipefail
shopt -s inherit_errexit

top=$(cd "$(dirname "$0")/../.." && pwd)
build=$top/build/bench
results=$build/results
root=$build/root
picture=$build/speed.svg

# As README.md says how to build for use.
build_all() {
  "$top/test/scripts/install-packages.sh" --bench
  [ -f "$build/build.ninja" ] ||
    CC=gcc CXX=g++ meson setup "$build" "$top" --buildtype=release -Dbenchmarks=true -Dexamples=false
  ninja -C "$build" tools/oskbc/oskbc test/bench/bench test/bench/bare_process test/bench/cold_open
}

# Other load only ever adds, so the best of several is what the code costs.
measure_inside() {
  "$build/test/bench/bench" --benchmark_min_time=0.1 --benchmark_repetitions=5 \
    --benchmark_enable_random_interleaving=true --benchmark_out="$results/inside.json" \
    --benchmark_out_format=json >/dev/null
}

plant_keyset() {
  "$top/examples/sample/make-tree.sh" "$root"
}

measure_processes() {
  hyperfine -N --warmup 10 --runs 300 --export-json "$results/processes.json" \
    --prepare "$top/examples/sample/make-tree.sh $root" --command-name oskbc "$unwrap" \
    --prepare true --command-name bare "$bare"
}

# Nanoseconds of processor time for a process's first opening, the least of several.
cold_open() {
  for _ in {1..40}; do
    "$build/test/bench/cold_open" "$@"
  done | sort -n | head -n 1
}

measure_cold() {
  printf '{"1": %d, "48": %d, "1000": %d, "1000 in a file": %d}\n' \
    "$(cold_open 1)" "$(cold_open 48)" "$(cold_open 1000)" "$(cold_open 1000 file)" \
    >"$results/cold.json"
}

# Kilobytes, the least of several: what the kernel counts depends on what was in its page cache.
peak_of() {
  for _ in {1..20}; do
    plant_keyset
    command time -f %M -o "$results/peak" -- "$@" >/dev/null
    cat "$results/peak"
  done | sort -n | head -n 1
}

# Symbols that the dynamic linker looked up until the process had ended.
symbols_of() {
  plant_keyset
  LD_DEBUG=statistics LD_DEBUG_OUTPUT=$results/linker "$@" >/dev/null
  sed -nE 's/.*final number of relocations: ([0-9]+)/\1/p' "$results"/linker.*
  rm "$results"/linker.*
}

# The wrapper in Rust over the C call, with the library that was built.
measure_rust() {
  rm -f "$results/rust.json"
  if ! command -v cargo >/dev/null; then
    echo "NOT MEASURED: the wrapper in Rust, since there is no cargo" >&2
    return 0
  fi
  plant_keyset
  (cd "$top/examples/rust" &&
    OSKBC_LIB_DIR=$build/lib LD_LIBRARY_PATH=$build/lib cargo bench --quiet --offline --locked \
      --target-dir "$build/cargo" --bench unwrap -- "$root" "$top/examples/sample/packet.json") \
    >"$results/rust.json"
}

stripped_size() {
  strip -o "$results/stripped.so" "$build/lib/liboskbc.so.0"
  stat -c %s "$results/stripped.so"
}

measure_sizes() {
  # shellcheck disable=SC2086  # a command and its arguments
  printf '{"peak": {"oskbc": %d, "bare": %d}, "symbols": {"oskbc": %d, "bare": %d}, "stripped": %d}\n' \
    "$(peak_of $unwrap)" "$(peak_of $bare)" "$(symbols_of $unwrap)" "$(symbols_of $bare)" \
    "$(stripped_size)" >"$results/sizes.json"
}

while [ $# -gt 0 ]; do
  case $1 in
    -o)
      picture=$(realpath -m "${2:?-o needs a file}")
      shift 2
      ;;
    *)
      sed -n 's/^# \(usage\|  *-\)/\1/p' "$0" >&2
      exit 64
      ;;
  esac
done
build_all >&2
mkdir -p "$results"
unwrap="$build/tools/oskbc/oskbc --root $root unwrap $top/examples/sample/packet.json"
bare=$build/test/bench/bare_process
measure_inside >&2
measure_processes >&2
measure_cold
measure_rust >&2
measure_sizes
"$top/test/bench/report.py" "$results"
"$top/test/bench/picture.py" "$results/inside.json" "$picture"
