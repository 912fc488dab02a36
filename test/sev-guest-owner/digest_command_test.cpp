// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "sev-guest-owner/command_run.h"
#include "sev-guest-owner/commands.h"
#include "support/catch.h"
#include "support/temp_folder.h"

namespace oskbc::digest_command_test {

using core::Status;
using test::CommandRun;
using test::TempFolder;

namespace {

CommandRun digest(std::vector<std::string> words) {
  words.insert(words.begin(), "digest");
  return test::run_command(tools::add_digest_command, words);
}

}  // namespace

TEST_CASE("digest wants a firmware") {
  CHECK(digest({}).is_wrong("--ovmf is required"));
  const TempFolder folder;
  CHECK(digest({"--ovmf", folder.path("none")}).fails(Status::io, folder.path("none")));
  const std::string text = folder.write("text", "no firmware");
  CHECK(
      digest({"--ovmf", text, "--kernel", text}).fails(Status::argument, text + " is no firmware"));
}

TEST_CASE("initrd and command line go with a kernel alone") {
  CHECK(digest({"--ovmf", "F", "--initrd", "I"}).is_wrong("--initrd requires --kernel"));
  CHECK(digest({"--ovmf", "F", "--append", "x"}).is_wrong("--append requires --kernel"));
  CHECK(
      digest({"--ovmf", "F", "--hashes-table", "T"}).is_wrong("--hashes-table requires --kernel"));
}

TEST_CASE("vCPUs are for SEV-ES") {
  for (const std::vector<std::string>& more : std::vector<std::vector<std::string>>{
           {"--vcpus", "1"},
           {"--cpu", "EPYC"},
           {"--cpu-sig", "1"},
           {"--cpu-family", "25", "--cpu-model", "1", "--cpu-stepping", "1"},
           {"--vmsa", "init2"}}) {
    std::vector<std::string> words{"--ovmf", "F"};
    words.insert(words.end(), more.begin(), more.end());
    CHECK(digest(words).is_wrong("--mode: vCPUs are measured with sev-es only"));
  }
}

TEST_CASE("SEV-ES wants its vCPUs before anything is read") {
  CHECK(digest({"--ovmf", "F", "--mode", "sev-es"})
            .is_wrong("--vcpus with --mode sev-es is required"));
  CHECK(digest({"--ovmf", "F", "--mode", "sev-es", "--vcpus", "1"})
            .is_wrong("--cpu, --cpu-sig or --cpu-family with --mode sev-es is required"));
}

TEST_CASE("mode and interface are among those that are known") {
  CHECK(digest({"--ovmf", "F", "--mode", "snp"}).is_wrong("--mode: snp not in {sev,sev-es}"));
  CHECK(digest({"--ovmf", "F", "--vmsa", "new"})
            .is_wrong("--vmsa: new not in {legacy,legacy-debug-swap,init2}"));
}

}  // namespace oskbc::digest_command_test
