// SPDX-License-Identifier: Apache-2.0
#include "broker/requested_secrets.h"

#include <string>
#include <vector>

#include "support/catch.h"
#include "support/temp_folder.h"

namespace oskbc::requested_secrets_test {

using broker::ClientError;
using broker::Code;
using broker::Form;
using broker::WantedSecret;

namespace {

constexpr const char* kGuid = "0a46e24d-478c-4eb1-8696-113eeec3aa99";

struct Owner {
  test::TempFolder folder;
  broker::Keysets keysets{
      folder.write("keys.json", R"({"a": "QUE=", "b": "QkI=", "free": ""})"),
      folder.write(
          "keysets.json",
          R"({"A": {"allowed_keys": ["a"]}, "B": {"allowed_keys": ["b", "a"], "allowed-policies": [1]}})"),
      3072};

  [[nodiscard]] std::vector<broker::RequestedSecret> find(
      const std::vector<WantedSecret>& wanted) const {
    return broker::find_secrets(wanted, keysets);
  }
  [[nodiscard]] std::string refusal(const std::vector<WantedSecret>& wanted,
                                    Code code = Code::invalid_argument) const {
    try {
      static_cast<void>(find(wanted));
    } catch (const ClientError& error) {
      CHECK(error.code() == code);
      return error.what();
    }
    return "none";
  }
};

std::vector<std::string> names(const broker::RequestedSecret& secret) {
  std::vector<std::string> ids;
  for (const broker::Keyset* keyset : secret.keysets) ids.emplace_back(keyset->id);
  return ids;
}

}  // namespace

TEST_CASE("a keyset releases itself, a key is released by each that allows it") {
  const Owner owner;
  const auto secrets = owner.find({broker::whole_keyset("A"),
                                   {kGuid, "binary", "key", "a"},
                                   {"1ee27366-0c87-43a6-af48-28543eaf7cb0", "JSON", "key", "b"}});
  REQUIRE(secrets.size() == 3);
  CHECK(secrets[0].guid == core::keyset_guid());
  CHECK(secrets[0].form == Form::bundle);
  CHECK(names(secrets[0]) == std::vector<std::string>{"A"});
  CHECK(secrets[1].form == Form::binary);
  CHECK(names(secrets[1]) == std::vector<std::string>{"A", "B"});
  CHECK(secrets[2].form == Form::json);
  CHECK(names(secrets[2]) == std::vector<std::string>{"B"});
}

TEST_CASE("what is no secret of the owner's is refused with a text of its own") {
  const Owner owner;
  CHECK(owner.refusal({}) == "NO SECRET REQUESTED");
  CHECK(owner.refusal(std::vector<WantedSecret>(65, broker::whole_keyset("A"))) ==
        "TOO MANY SECRETS");
  CHECK(owner.refusal({broker::whole_keyset("none")}) == "KEYSET INVALID");
  CHECK(owner.refusal({{kGuid, "binary", "key", "none"}}) == "KEY INVALID");
  CHECK(owner.refusal({{kGuid, "binary", "key", "free"}}) == "KEY INVALID");
  CHECK(owner.refusal({{kGuid, "binary", "bundle", "A"}}) == "SECRET FORMAT INVALID");
  CHECK(owner.refusal({{kGuid, "Json", "bundle", "A"}}) == "SECRET FORMAT INVALID");
  CHECK(owner.refusal({{kGuid, "json", "keyset", "A"}}) == "SECRET TYPE INVALID");
  CHECK(owner.refusal({{"", "json", "bundle", "A"}}) == "SECRET GUID INVALID");
  CHECK(owner.refusal({broker::whole_keyset("A"), broker::whole_keyset("B")}) ==
        "SECRET GUID INVALID");
  for (const char* type : {"connection", "report"}) {
    CHECK(owner.refusal({{kGuid, "json", type, "A"}}, Code::unimplemented).find(type) !=
          std::string::npos);
  }
}

TEST_CASE("of several keysets those stay that pass, and one has to") {
  const Owner owner;
  auto secrets = owner.find({{kGuid, "binary", "key", "a"}});
  const auto check = [](std::uint32_t policy) {
    return [policy](const broker::Keyset& keyset) {
      owner::check_policy(keyset.policy, std::string(keyset.id), policy);
    };
  };
  broker::keep_allowing(secrets, "POLICY", check(1));
  CHECK(names(secrets[0]) == std::vector<std::string>{"A", "B"});
  broker::keep_allowing(secrets, "POLICY", check(2));
  CHECK(names(secrets[0]) == std::vector<std::string>{"A"});
  auto narrow = owner.find({broker::whole_keyset("B")});
  try {
    broker::keep_allowing(narrow, "POLICY", check(2));
    FAIL("nothing was refused");
  } catch (const ClientError& error) {
    CHECK(error.what() == std::string("POLICY"));
    CHECK(error.reason() == std::string("keyset B does not allow the policy 0x2"));
  }
}

TEST_CASE("what was asked for is described by kind and id") {
  CHECK(broker::describe(std::vector<WantedSecret>{
            broker::whole_keyset("A"), {kGuid, "binary", "key", "a"}}) == "bundle A, key a");
  CHECK(broker::describe({}).empty());
}

}  // namespace oskbc::requested_secrets_test
