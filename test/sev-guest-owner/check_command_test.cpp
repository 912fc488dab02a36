// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "sev-guest-owner/command_run.h"
#include "sev-guest-owner/commands.h"
#include "support/catch.h"
#include "support/temp_folder.h"

namespace oskbc::check_command_test {

using test::CommandRun;
using test::TempFolder;

namespace {

CommandRun check(const TempFolder& folder, const std::string& keysets,
                 const std::vector<std::string>& more = {}) {
  const std::string keys = folder.write("keys.json", R"({"a": "QUJD"})");
  using boost::filesystem::perms;
  boost::filesystem::permissions(keys, perms::owner_read | perms::owner_write);
  std::vector<std::string> words = {"check", "--keys", keys, "--keysets",
                                    folder.write("keysets.json", keysets)};
  words.insert(words.end(), more.begin(), more.end());
  return test::run_command(tools::add_check_command, words);
}

constexpr const char* kGood =
    R"({"K": {"allowed_keys": ["a"], "allowed-policies": [1], "allowed_digests": ["1111111111111111111111111111111111111111111111111111111111111111"]}})";

}  // namespace

TEST_CASE("what serve could read is right") {
  const TempFolder folder;
  const CommandRun run = check(folder, kGood, {"--digest", std::string(64, '1')});
  CHECK(run.status == 0);
  CHECK_THAT(run.output, Catch::ContainsSubstring("keyset K") &&
                             Catch::ContainsSubstring("allowed by K") &&
                             !Catch::ContainsSubstring("warn"));
}

TEST_CASE("each fault has its line, and the first decides the status") {
  const TempFolder folder;
  CHECK(check(folder, kGood, {"--digest", std::string(64, '2')}).status == 12);
  CHECK(check(folder, kGood, {"--area", "48"}).status == 1);
  CHECK(check(folder, R"({"K": {"allowed_keys": ["none"]}})").status == 10);
  CHECK(check(folder, "{").status == 7);
  const CommandRun none = check(folder, kGood, {"--amd-root", folder.path("none")});
  CHECK(none.status == 5);
  CHECK_THAT(none.output, Catch::ContainsSubstring("FAIL  root"));
}

TEST_CASE("what lets the host choose, and what releases nothing, is warned of") {
  const TempFolder folder;
  CHECK_THAT(check(folder, R"({"K": {"allowed_keys": ["a"]}})").output,
             Catch::ContainsSubstring("any guest gets them") &&
                 Catch::ContainsSubstring("no allowed-policies"));
  CHECK_THAT(check(folder, "{}").output, Catch::ContainsSubstring("nothing is released"));
}

}  // namespace oskbc::check_command_test
