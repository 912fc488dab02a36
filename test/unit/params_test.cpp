// SPDX-License-Identifier: Apache-2.0
#include "format/params.h"

#include <string>

#include "support/catch.h"
#include "unit/failure.h"

using namespace oskbc;
using core::check_params;
using core::Status;
using namespace std::string_literals;

namespace {

std::string refusal(std::string_view params) {
  const auto failure = test::failure_of([params] { check_params(params); });
  if (failure.status != Status::params) FAIL_CHECK("not refused as parameters");
  return failure.text;
}

}  // namespace

TEST_CASE("our name and any URI are taken") {
  for (const std::string& params :
       {"offline_sev_kbc::null"s, "offline_sev_kbc::x"s, "offline_sev_kbc:::"s,
        "offline_sev_kbc::::"s, "offline_sev_kbc::http://a::b"s, "offline_sev_kbc:: "s,
        "offline_sev_kbc::\0"s, "offline_sev_kbc::" + std::string(100000, 'x')}) {
    CHECK(test::status_of([&] { check_params(params); }) == Status::ok);
  }
}

TEST_CASE("parameters without :: are refused") {
  for (const char* params : {"", "MARKER", "offline_sev_kbc", "offline_sev_kbc:", ":",
                             "offline_sev_kbc:null", "offline_sev_kbc: :null"}) {
    CHECK_THAT(refusal(params), Catch::ContainsSubstring("has no \"::\""));
  }
}

TEST_CASE("neither half of the parameters may be empty") {
  CHECK_THAT(refusal("::"), Catch::ContainsSubstring("names no KBC"));
  CHECK_THAT(refusal("::MARKER"), Catch::ContainsSubstring("names no KBC"));
  CHECK_THAT(refusal("::offline_sev_kbc::null"), Catch::ContainsSubstring("names no KBC"));
  CHECK_THAT(refusal("offline_sev_kbc::"), Catch::ContainsSubstring("has nothing after"));
}

TEST_CASE("another KBC is refused, and not named back") {
  for (const std::string& params :
       {"MARKER::null"s, "online_sev_kbc::127.0.0.1:44444"s, "offline_fs_kbc::null"s,
        "Offline_sev_kbc::null"s, "offline_sev_kbc ::null"s, " offline_sev_kbc::null"s,
        "offline_sev_kb::null"s, "offline_sev_kbc2::null"s, "offline_sev_kbc\0::null"s,
        "\"offline_sev_kbc::null\""s, "agent.aa_kbc_params=offline_sev_kbc::null"s}) {
    CHECK_THAT(refusal(params), Catch::ContainsSubstring("another KBC"));
  }
}

TEST_CASE("every refusal says what to write") {
  for (const char* params : {"", "::", "offline_sev_kbc::", "MARKER::null"}) {
    CHECK_THAT(refusal(params), Catch::EndsWith("; write \"offline_sev_kbc::null\""));
  }
}
