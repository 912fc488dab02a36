// SPDX-License-Identifier: Apache-2.0
// The bounds on texts: too long for files, so the vectors are made here.
#include <cstddef>
#include <string>
#include <vector>

#include "byte_call.h"
#include "open_client.h"
#include "support/catch.h"
#include "vector_file.h"
#include <oskbc/oskbc.h>

namespace oskbc_test {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;

Vector vector_named(const char* name) {
  return parse_vector(read_file(std::string(OSKBC_VECTORS_DIR) + "/" + name));
}

// White space at the end lengthens any of the texts and means nothing.
std::string padded(std::string text, std::size_t size) {
  text.resize(size, ' ');
  return text;
}

TEST_CASE("a keyset of one MiB opens, one byte more is refused") {
  const std::string keyset = vector_named("keyset/ok_two_keys").body;
  CHECK(OpenClient(padded(keyset, kMiB)).status() == OSKBC_OK);
  for (const std::size_t size : {kMiB + 1, 2 * kMiB, 16 * kMiB}) {
    const OpenClient client(padded(keyset, size));
    CHECK(client.status() == OSKBC_E_KEYSET);
    CHECK_FALSE(client.message().empty());
    CHECK(client.get() == nullptr);
    CHECK_FALSE(client.tree().has_keyset());
  }
}

TEST_CASE("NUL bytes count towards the keyset's bound") {
  std::string keyset = vector_named("keyset/ok_two_keys").body;
  keyset.resize(kMiB, '\0');
  CHECK(OpenClient(keyset).status() == OSKBC_OK);
  keyset.resize(kMiB + 1, '\0');
  CHECK(OpenClient(keyset).status() == OSKBC_E_KEYSET);
}

TEST_CASE("a keyset of one MiB of entries opens") {
  std::string keyset = "{";
  std::size_t count = 0;
  while (keyset.size() < kMiB - 100) {
    keyset += (count == 0 ? "\"" : ",\"") + std::to_string(count) + "\":\"QUJD\"";
    ++count;
  }
  const OpenClient client(keyset + "}");
  REQUIRE(client.status() == OSKBC_OK);
  CHECK(oskbc_client_key_count(client.get()) == count);
}

TEST_CASE("a packet of one MiB unwraps, one byte more is refused") {
  const Vector vector = vector_named("unwrap/generation_2022_12_gcm");
  const OpenClient client(*vector.keyset);
  REQUIRE(client.status() == OSKBC_OK);
  const auto unwrap = [&](std::size_t size) {
    const std::string packet = padded(vector.body, size);
    std::vector<std::uint8_t> out(packet.size());
    std::size_t len = out.size();
    return oskbc_unwrap_key(client.get(), packet.data(), packet.size(), out.data(), &len);
  };
  CHECK(unwrap(kMiB) == OSKBC_OK);
  CHECK(unwrap(kMiB + 1) == OSKBC_E_PACKET);
  CHECK(unwrap(8 * kMiB) == OSKBC_E_PACKET);
}

TEST_CASE("a request of two MiB is answered, one byte more is refused") {
  const Vector vector = vector_named("keyprovider/ok_go");
  const OpenClient client(*vector.keyset);
  REQUIRE(client.status() == OSKBC_OK);
  const auto answer = [&](std::size_t size) {
    const std::string request = padded(vector.body, size);
    std::vector<std::uint8_t> out(4 * request.size());
    std::size_t len = out.size();
    return oskbc_keyprovider(client.get(), request.data(), request.size(), out.data(), &len);
  };
  CHECK(answer(2 * kMiB) == OSKBC_OK);
  CHECK(answer(2 * kMiB + 1) == OSKBC_E_REQUEST);
  CHECK(answer(16 * kMiB) == OSKBC_E_REQUEST);
}

}  // namespace
}  // namespace oskbc_test
