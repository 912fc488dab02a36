// SPDX-License-Identifier: Apache-2.0
#include "host/key_provider.h"

#include <string>

#include "support/catch.h"
#include "unit/failure.h"

using namespace oskbc;
using core::Status;
using host::parse_ocicrypt_config;

namespace {

std::string config(const std::string& provider) {
  return R"({"key-providers": {"attestation-agent": )" + provider + "}}";
}

Status status_of(const std::string& text) {
  return test::status_of([&] { static_cast<void>(parse_ocicrypt_config(text)); });
}

}  // namespace

TEST_CASE("a provider is a command with its arguments") {
  const auto provider =
      parse_ocicrypt_config(config(R"({"cmd": {"path": "/bin/p", "args": ["a", "b\n"]}})"));
  CHECK(provider.value().command == std::vector<std::string>{"/bin/p", "a", "b\n"});
  CHECK(provider->grpc.empty());
  CHECK(parse_ocicrypt_config(config(R"({"cmd": {"args": null, "path": "p"}})"))->command ==
        std::vector<std::string>{"p"});
}

TEST_CASE("or an address") {
  const auto provider = parse_ocicrypt_config(config(R"({"cmd": null, "grpc": "localhost:1"})"));
  CHECK(provider.value().grpc == "localhost:1");
  CHECK(provider->command.empty());
}

TEST_CASE("other providers and members are passed over") {
  CHECK_FALSE(parse_ocicrypt_config(R"({"key-providers": {"other": {"grpc": "x"}}})"));
  CHECK_FALSE(parse_ocicrypt_config("{}"));
  CHECK(parse_ocicrypt_config(
      R"({"more": [1], "key-providers": {"a": {}, "attestation-agent": {"x": 1, "grpc": "y"}}})"));
}

TEST_CASE("what ocicrypt would not read is refused") {
  for (const std::string& text :
       {std::string(""), std::string("{"), std::string("[]"), std::string("{} x"), config("{}"),
        config("null"), config(R"({"cmd": {}})"), config(R"({"cmd": {"path": ""}})"),
        config(R"({"cmd": "p"})"), config(R"({"grpc": 1})"),
        config(R"({"cmd": {"path": "p", "args": "a"}})")}) {
    INFO(text);
    CHECK(status_of(text) == Status::argument);
  }
}
