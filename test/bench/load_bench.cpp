// SPDX-License-Identifier: Apache-2.0
// Loading a keyset, from its text.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>

#include <openssl/evp.h>

#include "bench/material.h"
#include "format/keyset.h"

namespace oskbc::bench {
namespace {

// The values alone: OpenSSL does not read JSON.
void decode_block(benchmark::State& state) {
  const KeysetMaterial keyset(static_cast<std::size_t>(state.range(0)));
  std::array<std::uint8_t, 64> out;
  for (auto _ : state) {
    for (const std::string& value : keyset.values) {
      const auto* text = reinterpret_cast<const std::uint8_t*>(value.data());
      if (EVP_DecodeBlock(out.data(), text, static_cast<int>(value.size())) < 0) {
        state.SkipWithError("no base64");
      }
      benchmark::DoNotOptimize(out);
    }
  }
}
BENCHMARK(decode_block)->Arg(1000);

void load(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  const KeysetMaterial keyset(count);
  for (auto _ : state) benchmark::DoNotOptimize(core::Keyset::parse(keyset.text));
  state.counters["per_key"] =
      benchmark::Counter(static_cast<double>(count), benchmark::Counter::kIsIterationInvariantRate |
                                                         benchmark::Counter::kInvert);
}
BENCHMARK(load)->Arg(1)->Arg(10)->Arg(100)->Arg(1000)->Arg(10000);
BENCHMARK(load)->Name("load_largest")->Apply([](auto* benchmark) {
  benchmark->Arg(static_cast<std::int64_t>(KeysetMaterial::largest()));
});

}  // namespace
}  // namespace oskbc::bench
