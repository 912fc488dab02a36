// SPDX-License-Identifier: Apache-2.0
#include "sev-guest-owner/launch_options.h"

#include <string>
#include <vector>

#include "sev-guest-owner/command_run.h"
#include "sev-guest-owner/commands.h"
#include "support/catch.h"
#include "support/temp_folder.h"
#include "unit/failure.h"

namespace oskbc::launch_options_test {

using core::Status;
using test::CommandRun;
using test::TempFolder;

namespace {

const std::vector<std::string> kKnown{"--api-major", "1",  "--api-minor", "55",
                                      "--build-id",  "24", "--policy",    "5"};

// measure has them all, and a key file that is not there.
CommandRun measure(std::vector<std::string> words, bool known = true) {
  if (known) words.insert(words.begin(), kKnown.begin(), kKnown.end());
  words.insert(words.begin(), {"measure", "--tik", "/nowhere/tik"});
  return test::run_command(tools::add_measure_command, words);
}

CommandRun digest(std::vector<std::string> words) {
  words.insert(words.begin(), {"digest", "--ovmf", "F", "--mode", "sev-es"});
  return test::run_command(tools::add_digest_command, words);
}

const std::string kDigest(64, '0');
const std::string kNonce(32, '0');

}  // namespace

TEST_CASE("a number has to fit the firmware's field") {
  CHECK(measure({"--api-major", "256"}, false)
            .is_wrong("--api-major: the number does not fit, at most 255"));
  CHECK(measure({"--build-id", "0x100"}, false)
            .is_wrong("--build-id: the number does not fit, at most 255"));
  CHECK(measure({"--policy", "0x100000000"}, false)
            .is_wrong("--policy: the number does not fit, at most 4294967295"));
  CHECK(measure({"--policy", "five"}, false).is_wrong("--policy: a number is needed"));
}

TEST_CASE("digest and nonce are hexadecimal or base64, of their size") {
  CHECK(measure({"--digest", "00"})
            .is_wrong("--digest: 32 bytes in hexadecimal or base64 are needed"));
  CHECK(measure({"--digest", kDigest + "00"})
            .is_wrong("--digest: 32 bytes in hexadecimal or base64 are needed"));
  CHECK(measure({"--mnonce", kDigest})
            .is_wrong("--mnonce: 16 bytes in hexadecimal or base64 are needed"));
  CHECK(measure({"--mnonce", "x" + kNonce.substr(1)})
            .is_wrong("--mnonce: 16 bytes in hexadecimal or base64 are needed"));
  CHECK(measure({"--digest", std::string(40, 'A')}).status == tools::kExitUsage);
  // Nothing is wrong but the key.
  CHECK(measure({"--digest", std::string(43, 'A') + "=", "--mnonce", std::string(22, 'A') + "=="})
            .fails(Status::io, "/nowhere/tik"));
}

TEST_CASE("what the host tells fills in the firmware, and may not differ") {
  owner::LaunchReport told;
  told.api_major = 1;
  told.api_minor = 55;
  told.build_id = 24;
  told.policy = 5;
  tools::LaunchOptions options;
  options.build_id = 24;
  options.take(told);
  CHECK(options.api_major == 1);
  CHECK(options.api_minor == 55);
  // Which policies will do is not the host's to say.
  CHECK_FALSE(options.policy);
  CHECK(options.missing() == std::vector<std::string>{"--policy"});
  options.keyset = "ID";
  options.take(told);
  CHECK(options.policy == 5U);
  told.build_id = 25;
  const test::Failure differs = test::failure_of([&] { options.take(told); });
  CHECK(differs.status == Status::argument);
  CHECK(differs.text == "--build-id is 24, and the host tells 25");
}

TEST_CASE("keyset and its file go together") {
  CHECK(measure({"--keysets", "F"}).is_wrong("--keysets requires --keyset"));
  CHECK(measure({"--keyset", "ID"}).is_wrong("--keyset requires --keysets"));
  CHECK(measure({"--keysets", "/nowhere/keysets", "--keyset", "ID"})
            .fails(Status::io, "/nowhere/keysets"));
}

TEST_CASE("a processor is known by its name or by its number, not by both") {
  CHECK(digest({"--vcpus", "1", "--cpu", "EPYC", "--cpu-sig", "1"}).status == tools::kExitUsage);
  CHECK(digest({"--vcpus", "1", "--cpu", "Opteron"})
            .is_wrong("--cpu: neither host nor one of EPYC, EPYC-IBPB"));
  CHECK(digest({"--vcpus", "0", "--cpu", "EPYC"}).is_wrong("--vcpus: a guest has at least one"));
  CHECK(digest({"--vcpus", "4097", "--cpu", "EPYC"})
            .is_wrong("--vcpus: the number does not fit, at most 4096"));
  CHECK(digest({"--vcpus", "1", "--cpu-sig", "0x100000000"})
            .is_wrong("--cpu-sig: the number does not fit"));
}

TEST_CASE("or by family, model and stepping, all of them") {
  const auto with = [](const std::vector<std::string>& more) {
    std::vector<std::string> words{"--vcpus", "1"};
    words.insert(words.end(), more.begin(), more.end());
    return digest(words);
  };
  CHECK(with({"--cpu-family", "25", "--cpu-stepping", "1"})
            .is_wrong("--cpu-family requires --cpu-model"));
  CHECK(with({"--cpu-model", "1"}).is_wrong("--cpu-model requires --cpu-family"));
  CHECK(with({"--cpu-stepping", "1"}).is_wrong("--cpu-stepping requires --cpu-family"));
  const std::vector<std::string> milan{"--cpu-family",   "25", "--cpu-model", "1",
                                       "--cpu-stepping", "1"};
  for (const std::vector<std::string>& other :
       {std::vector<std::string>{"--cpu", "EPYC"}, std::vector<std::string>{"--cpu-sig", "1"}}) {
    std::vector<std::string> both = milan;
    both.insert(both.end(), other.begin(), other.end());
    CHECK(with(both).status == tools::kExitUsage);
  }
  CHECK(with({"--cpu-family", "271", "--cpu-model", "1", "--cpu-stepping", "1"})
            .is_wrong("--cpu-family: the number does not fit, at most 270"));
  // Nothing is wrong but the firmware.
  CHECK(with(milan).fails(Status::io, "F"));
}

TEST_CASE("options that say something of a launch are noticed") {
  CHECK_FALSE(tools::LaunchOptions().any());
  tools::LaunchOptions options;
  options.policy = 0;
  CHECK(options.any());
  CHECK_FALSE(tools::CpuOptions().any());
  tools::CpuOptions cpus;
  cpus.count = 0;
  CHECK(cpus.any());
}

}  // namespace oskbc::launch_options_test
