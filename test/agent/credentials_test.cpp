// SPDX-License-Identifier: Apache-2.0
#include "agent/credentials.h"

#include <string>

#include "base/status.h"
#include "support/catch.h"
#include "support/temp_folder.h"
#include "unit/failure.h"

namespace oskbc::credentials_test {

using agent::Asked;
using agent::Credentials;
using agent::parse_peer_name;
using core::Status;

namespace {

std::string named(const std::string& rest) { return std::string(1, '\0') + rest; }

// Rules over a keyset that is not there.
class Rules {
 public:
  explicit Rules(const std::string& text)
      : file_(folder_.write("etc/agent-config.toml",
                            "aa_kbc_params = \"offline_sev_kbc::null\"\n" + text)),
        config_(folder_.path(), ""),
        client_(folder_.path(), false),
        requests_(client_, config_, false),
        credentials_(config_, requests_, folder_.path()) {}

  Credentials& get() { return credentials_; }

 private:
  test::TempFolder folder_;
  std::string file_;
  tools::AgentConfig config_;
  agent::OnDemandClient client_;
  agent::Requests requests_;
  Credentials credentials_;
};

std::string refusal(const std::string& text) {
  const test::Failure failure = test::failure_of([&] { const Rules rules(text); });
  CHECK(failure.status == Status::argument);
  return failure.text;
}

const std::string kRule =
    "[[credential]]\nunit = \"web.service\"\ncredential = \"tls\"\nentry = \"default/key/tls\"\n";

}  // namespace

TEST_CASE("systemd's names say who asks for what") {
  const auto service = parse_peer_name(named("91ab0f/unit/web@1.service/tls-key"));
  REQUIRE(service);
  CHECK(service->kind == Asked::Kind::credential);
  CHECK(service->unit == "web@1.service");
  CHECK(service->name == "tls-key");
  const auto disk = parse_peer_name(named("0123456789abcdef/cryptsetup/data"));
  REQUIRE(disk);
  CHECK(disk->kind == Asked::Kind::passphrase);
  CHECK(disk->name == "data");
}

TEST_CASE("any other name asks for nothing") {
  for (const std::string& name : {std::string(),
                                  std::string("/run/a.sock"),
                                  std::string("1/unit/a.service/b"),
                                  named(""),
                                  named("/unit/a.service/b"),
                                  named("1"),
                                  named("1/"),
                                  named("1/unit/a.service"),
                                  named("1/unit//b"),
                                  named("1/unit/a.service/"),
                                  named("1/unit/a.service/b/c"),
                                  named("1/unit/../b"),
                                  named("1/unit/a.service/.."),
                                  named("x/unit/a.service/b"),
                                  named("A/unit/a.service/b"),
                                  named("0123456789abcdef0/unit/a.service/b"),
                                  named("1/user/a.service/b"),
                                  named("1/cryptsetup"),
                                  named("1/cryptsetup/"),
                                  named("1/cryptsetup/a/b"),
                                  named("1/cryptsetup/a\nb"),
                                  named("1/cryptsetup/a b"),
                                  named("1/cryptsetup/a" + std::string(1, '\0')),
                                  named("1/cryptsetup/\xc3\xa4"),
                                  named(named("1/cryptsetup/a"))}) {
    INFO(name);
    CHECK_FALSE(parse_peer_name(name));
  }
}

TEST_CASE("without a rule nothing is given") {
  Rules rules(kRule);
  CHECK(rules.get().has_rules());
  CHECK(rules.get().answer(named("1/unit/web.service/other")).empty());
  CHECK(rules.get().answer(named("1/unit/other.service/tls")).empty());
  CHECK(rules.get().answer(named("1/cryptsetup/data")).empty());
  CHECK(rules.get().answer("tls").empty());
  CHECK_FALSE(Rules("").get().has_rules());
}

TEST_CASE("rules that are none are refused") {
  CHECK_THAT(refusal("[[credential]]\nunit = \"a.service\"\n"),
             Catch::ContainsSubstring("needs unit, credential and entry"));
  CHECK_THAT(refusal(kRule + "more = \"x\"\n"), Catch::ContainsSubstring("nothing else"));
  CHECK_THAT(refusal(kRule + kRule), Catch::ContainsSubstring("two rules"));
  CHECK_THAT(refusal("[[credential]]\nunit = \"a/b\"\ncredential = \"c\"\nentry = \"d\"\n"),
             Catch::ContainsSubstring("full name"));
  CHECK_THAT(refusal("credential = \"x\"\n"), Catch::ContainsSubstring("[[credential]]"));
  CHECK_THAT(refusal("[[volume]]\nname = \"data\"\n"), Catch::ContainsSubstring("the volume data"));
}

}  // namespace oskbc::credentials_test
