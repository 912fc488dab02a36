// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "base/secret_bytes.h"
#include "common/io.h"
#include "common/text.h"
#include "owner/crypto/hash.h"
#include "owner/crypto/private_key.h"
#include "owner/crypto/random.h"
#include "sev-guest-owner/command_run.h"
#include "sev-guest-owner/commands.h"
#include "support/catch.h"
#include "support/platform_certificates.h"
#include "support/temp_folder.h"

namespace oskbc::verify_chain_command_test {

using core::Status;
using test::CommandRun;
using test::TempFolder;

namespace {

CommandRun verify_chain(std::vector<std::string> words) {
  words.insert(words.begin(), "verify-chain");
  return test::run_command(tools::add_verify_chain_command, words);
}

// PDH to ARK of a made-up platform, as files.
std::vector<std::string> chain_in(const TempFolder& folder) {
  owner::SystemRandom random;
  core::SecretBytes scalar(48);
  random.fill(scalar.expose_writable());
  scalar.expose_writable()[0] = 1;  // so that it is in range
  const auto made =
      test::make_platform_certificates(owner::PrivateKey::from_scalar(scalar.expose()));
  return {folder.write("ark", made.ark), folder.write("ask", made.ask),
          folder.write("cek", made.cek), folder.write("oca", made.oca),
          folder.write("pek", made.pek), folder.write("pdh", made.pdh)};
}

// The ARK is the first.
std::vector<std::string> trusting(std::vector<std::string> words) {
  const core::SecretBytes ark = tools::read_input(words.front(), 4096, Status::argument);
  words.insert(words.end(), {"--ark-sha256", tools::to_hex(owner::sha256(ark.expose()))});
  return words;
}

}  // namespace

TEST_CASE("verify-chain wants certificates") {
  CHECK(verify_chain({}).is_wrong("F is required"));
  const TempFolder folder;
  CHECK(verify_chain({folder.path("none")}).fails(Status::io, folder.path("none")));
  const CommandRun text = verify_chain({folder.write("text", "no certificate")});
  CHECK(text.status != 0);
  CHECK(text.output.empty());
}

TEST_CASE("a whole chain holds, and a root that is not the trusted one is refused") {
  const TempFolder folder;
  std::vector<std::string> words = chain_in(folder);
  const CommandRun whole = verify_chain(trusting(words));
  CHECK(whole.status == 0);
  CHECK_THAT(whole.output, Catch::ContainsSubstring("root    ARK"));
  const CommandRun unknown = verify_chain(words);
  CHECK(unknown.status == 12);
  CHECK_THAT(unknown.output, Catch::ContainsSubstring("FAILED  ARK is AMD's"));
  CHECK_THAT(unknown.errors, Catch::ContainsSubstring("--ark-sha256"));
  words.insert(words.end(), {"--ark-sha256", std::string(64, '0')});
  const CommandRun other = verify_chain(words);
  CHECK(other.status == 12);
  CHECK_THAT(other.output, Catch::ContainsSubstring("FAILED  ARK is the trusted one"));
  words.back() = "00";
  CHECK(verify_chain(words).is_wrong("--ark-sha256: 32 bytes in hexadecimal or base64 are needed"));
  words.back() = std::string(44, 'A');
  CHECK(verify_chain(words).status == 64);
}

TEST_CASE("a chain that lacks a link does not hold") {
  const TempFolder folder;
  const std::vector<std::string> all = chain_in(folder);
  for (std::size_t left_out = 0; left_out < all.size(); ++left_out) {
    std::vector<std::string> words = all;
    words.erase(words.begin() + static_cast<std::ptrdiff_t>(left_out));
    INFO(all[left_out]);
    CHECK(verify_chain(left_out == 0 ? words : trusting(words)).status == 12);
  }
}

}  // namespace oskbc::verify_chain_command_test
