// SPDX-License-Identifier: Apache-2.0
// Loading a keyset, from its text.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <ctime>
#include <utility>
#include <vector>

#include <openssl/evp.h>

#include "base/secret_bytes.h"
#include "bench/material.h"
#include "format/keyset.h"

namespace oskbc::bench {
namespace {

// Seconds of this thread.
double processor_time() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

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

// Enough sets at once that asking for the time costs nothing.
constexpr std::size_t kBatch = 200;

// From the pages that the text was read into; to have those again each time is not measured, and
// nor is closing.
void load(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  const std::size_t sets = std::max<std::size_t>(kBatch / count, 1);
  const KeysetMaterial keyset(count);
  for (auto _ : state) {
    std::vector<core::SecretBytes> texts;
    for (std::size_t i = 0; i < sets; ++i) {
      core::SecretBytes& text = texts.emplace_back(keyset.text.size());
      std::copy(keyset.text.begin(), keyset.text.end(), text.expose_writable().begin());
    }
    std::vector<core::Keyset> loaded(sets);
    const double start = processor_time();
    for (std::size_t i = 0; i < sets; ++i) loaded[i] = core::Keyset::parse(std::move(texts[i]));
    state.SetIterationTime((processor_time() - start) / static_cast<double>(sets));
    if (loaded.back().size() != count) state.SkipWithError("not all were loaded");
  }
}
// Most of an iteration is not measured, so their number is not left to the measured time.
BENCHMARK(load)
    ->UseManualTime()
    ->Iterations(20)
    ->Arg(1)
    ->Arg(10)
    ->Arg(100)
    ->Arg(1000)
    ->Arg(10000)
    ->Apply([](auto* benchmark) {
      benchmark->Arg(static_cast<std::int64_t>(KeysetMaterial::largest()));
    });

}  // namespace
}  // namespace oskbc::bench
