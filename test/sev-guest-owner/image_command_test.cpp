// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <string>
#include <vector>

#include "sev-guest-owner/command_run.h"
#include "sev-guest-owner/commands.h"
#include "support/catch.h"
#include "support/temp_folder.h"

namespace oskbc::image_command_test {

using core::Status;
using test::CommandRun;
using test::TempFolder;

namespace {

CommandRun image(std::vector<std::string> words) {
  words.insert(words.begin(), "image");
  return test::run_command(tools::add_image_command, words);
}

}  // namespace

TEST_CASE("image wants a command and an image") {
  CHECK(image({}).is_wrong("A command is required"));
  CHECK(image({"check"}).is_wrong("OCI-LAYOUT is required"));
  CHECK(image({"look", "here"}).is_wrong("unknown command look"));
}

TEST_CASE("image check tells what is no layout") {
  const TempFolder folder;
  const CommandRun nothing = image({"check", folder.path("missing")});
  CHECK(nothing.status != 0);
  CHECK(nothing.output.empty());
  CHECK_THAT(nothing.errors, Catch::ContainsSubstring("oci-layout"));
}

TEST_CASE("image check reads the keys before the image") {
  const TempFolder folder;
  REQUIRE(::chmod(folder.write("keys", "[]").c_str(), S_IRUSR | S_IWUSR) == 0);
  CHECK(image({"check", folder.path("missing"), "--keys", folder.path("none")})
            .fails(Status::io, folder.path("none")));
  CHECK(image({"check", folder.path("missing"), "--keys", folder.path("keys")})
            .fails(Status::keyset, "keyset"));
}

}  // namespace oskbc::image_command_test
