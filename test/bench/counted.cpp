// SPDX-License-Identifier: Apache-2.0
// Does one operation of the C interface several times, for counts.py to count under callgrind.
//
// usage: counted OPERATION TIMES
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "bench/material.h"
#include "support/open_client.h"

namespace oskbc::bench {
namespace {

using oskbc_test::KeysetTree;
using oskbc_test::kParams;
using oskbc_test::OpenClient;
using oskbc_test::TreeOptions;

constexpr std::size_t kKeys = 1000;

[[noreturn]] void give_up(const char* why) {
  std::fprintf(stderr, "counted: %s\n", why);
  std::exit(1);
}

void check(oskbc_status status) {
  if (status != OSKBC_OK) give_up(oskbc_last_error());
}

using Call = oskbc_status (*)(const oskbc_client*, const char*, std::size_t, std::uint8_t*,
                              std::size_t*);

void call(Call function, const KeysetMaterial& keyset, const std::string& text, int times,
          oskbc_status expected = OSKBC_OK) {
  const OpenClient client(keyset.text);
  check(client.status());
  std::array<std::uint8_t, 4096> out;
  for (int i = 0; i < times; ++i) {
    std::size_t length = expected == OSKBC_E_BUFFER ? 0 : out.size();
    const oskbc_status status =
        function(client.get(), text.data(), text.size(), out.data(), &length);
    if (status != expected) give_up("another status than expected");
  }
}

void unwrap_fields(const KeysetMaterial& keyset, const PacketMaterial& packet, int times) {
  const OpenClient client(keyset.text);
  check(client.status());
  std::array<std::uint8_t, 4096> out;
  for (int i = 0; i < times; ++i) {
    std::size_t length = out.size();
    check(packet.unwrap_fields(client.get(), out.data(), &length));
  }
}

oskbc_status get_resource(const oskbc_client* client, const char* uri, std::size_t,
                          std::uint8_t* out, std::size_t* length) {
  return oskbc_get_resource(client, uri, out, length);
}

void open(const KeysetTree& tree, int times) {
  const TreeOptions options(tree);
  check(oskbc_options_set_keep_secret(options.get(), 1));
  for (int i = 0; i < times; ++i) {
    oskbc_client* client = nullptr;
    check(oskbc_client_open(kParams, options.get(), &client));
    oskbc_client_close(&client);
  }
}

void unwrap_file(const KeysetMaterial& keyset, const PacketMaterial& packet, int times) {
  const FileMaterial file(keyset);
  const OpenClient client(file.injected, file.file);
  check(client.status());
  std::array<std::uint8_t, 4096> out;
  for (int i = 0; i < times; ++i) {
    std::size_t length = out.size();
    check(oskbc_unwrap_key(client.get(), packet.text.data(), packet.text.size(), out.data(),
                           &length));
  }
}

void run(std::string_view operation, int times) {
  const KeysetMaterial keyset(kKeys);
  const PacketMaterial packet(keyset);
  if (operation == "unwrap") return call(oskbc_unwrap_key, keyset, packet.text, times);
  if (operation == "unwrap_numbers") {
    return call(oskbc_unwrap_key, keyset, packet.with_numbers(), times);
  }
  if (operation == "unwrap_fields") return unwrap_fields(keyset, packet, times);
  if (operation == "ask_length") {
    return call(oskbc_unwrap_key, keyset, packet.text, times, OSKBC_E_BUFFER);
  }
  if (operation == "unknown_key") {
    const KeysetMaterial other(1);
    return call(oskbc_unwrap_key, other, packet.text, times, OSKBC_E_UNKNOWN_KEY);
  }
  if (operation == "keyprovider") return call(oskbc_keyprovider, keyset, packet.request(), times);
  if (operation == "resource") return call(get_resource, keyset, packet.kid, times);
  if (operation == "open") return open(KeysetTree(keyset.text), times);
  if (operation == "open_file") {
    const FileMaterial file(keyset);
    const KeysetTree tree(file.injected);
    tree.put_keyset_file(file.file);
    return open(tree, times);
  }
  if (operation == "unwrap_file") return unwrap_file(keyset, packet, times);
  give_up("no such operation");
}

}  // namespace
}  // namespace oskbc::bench

int main(int argc, char** argv) {
  if (argc != 3 || std::atoi(argv[2]) <= 0) oskbc::bench::give_up("usage: counted OPERATION TIMES");
  oskbc::bench::run(argv[1], std::atoi(argv[2]));
}
