// SPDX-License-Identifier: Apache-2.0
// What a caller meets in normal use costs it no exception.
#include <cstdint>
#include <string>

#include "count_throws.h"
#include "open_client.h"
#include "support/catch.h"
#include <oskbc/oskbc.h>

namespace oskbc_test {
namespace {

// 32 times the letter k: a throw-away test key.
const char* const kKeyset = R"({"k":"a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="})";
const std::string kUnknown =
    R"({"kid":"other","wrapped_data":"AA==","iv":"aWlpaWlpaWlpaWlpaWlpaQ==","wrap_type":"A256CTR"})";
const std::string kKnown =
    R"({"kid":"k","wrapped_data":"AA==","iv":"aWlpaWlpaWlpaWlpaWlpaQ==","wrap_type":"A256CTR"})";

template <typename Call>
int thrown_by(oskbc_status expected, Call call) {
  const int before = thrown();
  const oskbc_status status = call();
  const int after = thrown();
  CHECK(status == expected);
  return after - before;
}

oskbc_status unwrap(const oskbc_client* client, const std::string& packet, std::uint8_t* out,
                    std::size_t length) {
  return oskbc_unwrap_key(client, packet.data(), packet.size(), out, &length);
}

}  // namespace

TEST_CASE("exceptions are counted") {
  const OpenClient client(kKeyset);
  std::uint8_t out[8];
  CHECK(thrown_by(OSKBC_E_PACKET, [&] { return unwrap(client.get(), "{", out, 8); }) > 0);
}

TEST_CASE("asking for a length throws nothing") {
  const OpenClient client(kKeyset);
  std::size_t length = 0;
  CHECK(thrown_by(OSKBC_E_BUFFER, [&] { return unwrap(client.get(), kKnown, nullptr, 0); }) == 0);
  CHECK(thrown_by(OSKBC_E_BUFFER,
                  [&] { return oskbc_get_resource(client.get(), "k", nullptr, &length); }) == 0);
  CHECK(thrown_by(OSKBC_E_BUFFER,
                  [&] { return oskbc_client_key_id(client.get(), 0, nullptr, &length); }) == 0);
}

TEST_CASE("a key that is another guest's throws nothing") {
  const OpenClient client(kKeyset);
  std::uint8_t out[8];
  std::size_t length = sizeof out;
  CHECK(thrown_by(OSKBC_E_UNKNOWN_KEY, [&] { return unwrap(client.get(), kUnknown, out, 8); }) ==
        0);
  CHECK(thrown_by(OSKBC_E_UNKNOWN_KEY,
                  [&] { return oskbc_get_resource(client.get(), "other", out, &length); }) == 0);
}

TEST_CASE("a secret that nobody injected throws nothing") {
  const KeysetTree tree(kKeyset);
  const TreeOptions options(tree);
  oskbc_client* client = nullptr;
  REQUIRE(oskbc_client_open(kParams, options.get(), &client) == OSKBC_OK);
  oskbc_client_close(&client);
  CHECK(thrown_by(OSKBC_E_NO_SECRET,
                  [&] { return oskbc_client_open(kParams, options.get(), &client); }) == 0);
}

}  // namespace oskbc_test
