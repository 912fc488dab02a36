// SPDX-License-Identifier: Apache-2.0
// Unwrapping, as callers of the library see it.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>

#include "bench/material.h"
#include "bench/reference.h"
#include "support/open_client.h"
#include <oskbc/oskbc.hpp>

namespace oskbc::bench {
namespace {

using oskbc_test::KeysetTree;
using oskbc_test::kParams;
using oskbc_test::OpenClient;

constexpr std::size_t kKeys = 1000;

void bare_decryption(benchmark::State& state) {
  const KeysetMaterial keyset(1);
  const PacketMaterial packet(keyset);
  BareDecryption decrypt;
  std::array<std::uint8_t, kPlainSize> out;
  for (auto _ : state) {
    if (!decrypt(keyset.key, packet.iv, packet.wrapped, out)) state.SkipWithError("does not open");
  }
}
BENCHMARK(bare_decryption);

// A client of the C interface, and what it is given.
struct Opened {
  explicit Opened(std::size_t count) : keyset(count), packet(keyset), client(keyset.text) {}

  KeysetMaterial keyset;
  PacketMaterial packet;
  OpenClient client;
};

// One client for all threads of a measurement.
void unwrap(benchmark::State& state) {
  static const Opened* shared;
  if (state.thread_index() == 0) shared = new Opened(static_cast<std::size_t>(state.range(0)));
  std::array<std::uint8_t, 1024> out;
  for (auto _ : state) {
    std::size_t length = out.size();
    if (oskbc_unwrap_key(shared->client.get(), shared->packet.text.data(),
                         shared->packet.text.size(), out.data(), &length) != OSKBC_OK) {
      state.SkipWithError(oskbc_last_error());
      break;
    }
  }
  if (state.thread_index() == 0) delete shared;
}
BENCHMARK(unwrap)->Arg(1)->Arg(10)->Arg(100)->Arg(kKeys)->Arg(10000)->UseRealTime();
BENCHMARK(unwrap)->Arg(kKeys)->ThreadRange(2, 4)->UseRealTime();

void unwrap_text(benchmark::State& state, const std::string& text) {
  const Opened opened(kKeys);
  std::array<std::uint8_t, 1024> out;
  for (auto _ : state) {
    std::size_t length = out.size();
    if (oskbc_unwrap_key(opened.client.get(), text.data(), text.size(), out.data(), &length) !=
        OSKBC_OK) {
      state.SkipWithError(oskbc_last_error());
      break;
    }
  }
}

void unwrap_numbers(benchmark::State& state) {
  unwrap_text(state, PacketMaterial(KeysetMaterial(kKeys)).with_numbers());
}
BENCHMARK(unwrap_numbers);

void unwrap_fields(benchmark::State& state) {
  const Opened opened(kKeys);
  std::array<std::uint8_t, 1024> out;
  for (auto _ : state) {
    std::size_t length = out.size();
    if (opened.packet.unwrap_fields(opened.client.get(), out.data(), &length) != OSKBC_OK) {
      state.SkipWithError(oskbc_last_error());
      break;
    }
  }
}
BENCHMARK(unwrap_fields);

void ask_length(benchmark::State& state) {
  const Opened opened(kKeys);
  const std::string& text = opened.packet.text;
  for (auto _ : state) {
    std::size_t length = 0;
    if (oskbc_unwrap_key(opened.client.get(), text.data(), text.size(), nullptr, &length) !=
        OSKBC_E_BUFFER) {
      state.SkipWithError("it has another answer");
      break;
    }
  }
}
BENCHMARK(ask_length);

void unknown_key(benchmark::State& state) {
  const Opened opened(kKeys);
  std::array<std::uint8_t, 64> out;
  for (auto _ : state) {
    std::size_t length = out.size();
    if (oskbc_get_resource(opened.client.get(), "default/key/none", out.data(), &length) !=
        OSKBC_E_UNKNOWN_KEY) {
      state.SkipWithError("it has another answer");
      break;
    }
  }
}
BENCHMARK(unknown_key);

void unwrap_by_wrapper(benchmark::State& state) {
  const KeysetMaterial keyset(kKeys);
  const PacketMaterial packet(keyset);
  const KeysetTree tree(keyset.text);
  const Client client(kParams, Options().set_root(tree.root()));
  for (auto _ : state) benchmark::DoNotOptimize(client.unwrap(packet.text));
}
BENCHMARK(unwrap_by_wrapper);

// The same keys, from a file.
void unwrap_file(benchmark::State& state) {
  const KeysetMaterial keyset(kKeys);
  const PacketMaterial packet(keyset);
  const FileMaterial file(keyset);
  const OpenClient client(file.injected, file.file);
  std::array<std::uint8_t, 1024> out;
  for (auto _ : state) {
    std::size_t length = out.size();
    if (oskbc_unwrap_key(client.get(), packet.text.data(), packet.text.size(), out.data(),
                         &length) != OSKBC_OK) {
      state.SkipWithError(oskbc_last_error());
      break;
    }
  }
}
BENCHMARK(unwrap_file);

// All of an opening, which leaves the secret, and of closing.
void open_tree(benchmark::State& state, const KeysetTree& tree) {
  const oskbc_test::TreeOptions options(tree);
  (void)oskbc_options_set_keep_secret(options.get(), 1);
  for (auto _ : state) {
    oskbc_client* client = nullptr;
    if (oskbc_client_open(kParams, options.get(), &client) != OSKBC_OK) {
      state.SkipWithError(oskbc_last_error());
      break;
    }
    oskbc_client_close(&client);
  }
}

void open_injected(benchmark::State& state) {
  open_tree(state, KeysetTree(KeysetMaterial(static_cast<std::size_t>(state.range(0))).text));
}
BENCHMARK(open_injected)->Arg(1)->Arg(kKeys);

void open_file(benchmark::State& state) {
  const FileMaterial file(KeysetMaterial(static_cast<std::size_t>(state.range(0))));
  const KeysetTree tree(file.injected);
  tree.put_keyset_file(file.file);
  open_tree(state, tree);
}
BENCHMARK(open_file)->Arg(1)->Arg(kKeys);

void keyprovider(benchmark::State& state) {
  const Opened opened(kKeys);
  const std::string request = opened.packet.request();
  std::array<std::uint8_t, 4096> out;
  for (auto _ : state) {
    std::size_t length = out.size();
    if (oskbc_keyprovider(opened.client.get(), request.data(), request.size(), out.data(),
                          &length) != OSKBC_OK) {
      state.SkipWithError(oskbc_last_error());
      break;
    }
  }
}
BENCHMARK(keyprovider);

}  // namespace
}  // namespace oskbc::bench

BENCHMARK_MAIN();
