// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "sev-guest-owner/command_run.h"
#include "sev-guest-owner/commands.h"
#include "support/catch.h"
#include "support/temp_folder.h"

namespace oskbc::doctor_command_test {

using core::Status;
using test::CommandRun;
using test::TempFolder;

namespace {

CommandRun doctor(std::vector<std::string> words) {
  words.insert(words.begin(), "doctor");
  return test::run_command(tools::add_doctor_command, words);
}

}  // namespace

TEST_CASE("the doctor takes vCPUs whole or not at all") {
  CHECK(
      doctor({"--vcpus", "1"}).is_wrong("--cpu, --cpu-sig or --cpu-family for SEV-ES is required"));
  CHECK(doctor({"--cpu", "EPYC"}).is_wrong("--vcpus for SEV-ES is required"));
  CHECK(doctor({"--vcpus", "0", "--cpu", "EPYC"}).is_wrong("--vcpus: a guest has at least one"));
}

TEST_CASE("the doctor takes no words besides its options") {
  CHECK(doctor({"configuration.toml"}).is_wrong("unexpected argument configuration.toml"));
  CHECK(doctor({"--kata"}).is_wrong("--kata: 1 required F missing"));
}

}  // namespace oskbc::doctor_command_test
