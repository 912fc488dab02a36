// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "sev-guest-owner/command_run.h"
#include "sev-guest-owner/commands.h"
#include "support/catch.h"
#include "support/temp_folder.h"

namespace oskbc::measure_command_test {

using core::Status;
using test::CommandRun;
using test::TempFolder;

namespace {

CommandRun measure(std::vector<std::string> words) {
  words.insert(words.begin(), {"measure", "--api-major", "1", "--api-minor", "55", "--build-id",
                               "24", "--policy", "5"});
  return test::run_command(tools::add_measure_command, words);
}

const std::string kDigest(64, '1');
const std::string kNonce(32, '2');

}  // namespace

TEST_CASE("measure wants a TIK, a nonce and a digest") {
  const TempFolder folder;
  const std::string tik = folder.write("tik", "0123456789abcdef");
  CHECK(measure({}).is_wrong("--tik (or --tk) is required"));
  CHECK(measure({"--tik", tik, "--digest", kDigest}).is_wrong("--mnonce is required"));
  CHECK(measure({"--tik", tik, "--mnonce", kNonce}).is_wrong("--digest is required"));
}

TEST_CASE("measure computes, and says that it verified only where it did") {
  const TempFolder folder;
  const std::string tik = folder.write("tik", "0123456789abcdef");
  const std::vector<std::string> words{"--tik", tik, "--digest", kDigest, "--mnonce", kNonce};
  const CommandRun run = measure(words);
  CHECK(run.status == 0);
  CHECK_THAT(run.output, Catch::StartsWith("measurement  "));
  CHECK_THAT(run.output, !Catch::ContainsSubstring("verified"));
  std::vector<std::string> json = words;
  json.emplace_back("--json");
  CHECK_THAT(measure(json).output, !Catch::ContainsSubstring("verified\": true"));
}

TEST_CASE("measure refuses a measurement of another launch, and tells no right one") {
  const TempFolder folder;
  const std::string tik = folder.write("tik", "0123456789abcdef");
  const CommandRun run = measure({"--tik", tik, "--digest", kDigest, "--verify", kDigest + kNonce});
  CHECK(run.status == 12);
  CHECK(run.output.empty());
  CHECK_THAT(run.errors, Catch::ContainsSubstring("the measurement is not that of this launch"));
}

TEST_CASE("measure tells files that are no TIK") {
  const TempFolder folder;
  const std::string brief = folder.write("brief", "0123");
  CHECK(measure({"--tik", folder.path("none"), "--digest", kDigest, "--mnonce", kNonce})
            .fails(Status::io, folder.path("none")));
  const CommandRun run = measure({"--tik", brief, "--digest", kDigest, "--mnonce", kNonce});
  CHECK(run.status == static_cast<int>(Status::argument));
  CHECK_THAT(run.errors, Catch::ContainsSubstring("TIK"));
}

}  // namespace oskbc::measure_command_test
