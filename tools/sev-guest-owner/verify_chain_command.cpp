// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "common/error.h"
#include "common/io.h"
#include "common/json.h"
#include "common/text.h"
#include "owner/certificates/certificate_chain.h"
#include "owner/crypto/hash.h"
#include "sev-guest-owner/commands.h"
#include "sev-guest-owner/output.h"

namespace oskbc::tools {
namespace {

// A full chain has less than 12 KiB.
constexpr std::size_t kFileLimit = std::size_t{1} << 16;

using Links = std::vector<owner::CertificateChain::Link>;

struct VerifyOptions {
  std::vector<std::string> files;
  std::string ark_sha256;
  bool json = false;
};

// The root is what its owner trusts: by this, and not by what signs itself.
struct Root {
  std::string key_id;
  std::string sha256;
};

Root root_of(const owner::CertificateChain& chain) {
  const owner::AmdCertificate* ark = chain.amd(owner::Usage::ark);
  if (ark == nullptr) return {};
  return {to_hex(ark->key_id()), to_hex(owner::sha256(ark->bytes()))};
}

owner::CertificateChain read_chain(const std::vector<std::string>& files) {
  owner::CertificateChain chain;
  for (const std::string& file : files) {
    chain.add(read_binary_or_base64(file, kFileLimit).expose(), file);
  }
  return chain;
}

// Links of the chain, and whether its root is the one that was asked for.
Links check(const owner::CertificateChain& chain, const Root& root, const std::string& wanted) {
  Links links = chain.check();
  if (wanted.empty()) return links;
  const auto bytes = from_hex(wanted);
  if (!bytes || bytes->size() != owner::Digest().size()) {
    throw UsageError("--ark-sha256", "32 bytes in hexadecimal are needed");
  }
  links.push_back(
      {"ARK is the trusted one", to_hex(*bytes) == root.sha256 ? "" : "its SHA-256 differs"});
  return links;
}

std::string text_of(const Links& links, const Root& root) {
  std::string text;
  for (const auto& link : links) {
    text += link.holds() ? "ok      " + link.what + "\n"
                         : "FAILED  " + link.what + ": " + link.reason + "\n";
  }
  if (root.sha256.empty()) return text;
  return text + "root    ARK with key id " + root.key_id + ", SHA-256 of the file " + root.sha256 +
         "\n";
}

std::string json_of(const Links& links, const Root& root) {
  Json list = Json::array();
  bool all = true;
  for (const auto& link : links) {
    list.append(
        Json::object({{"link", link.what}, {"holds", link.holds()}, {"reason", link.reason}}));
    all = all && link.holds();
  }
  Json object = Json::object({{"verified", all}, {"links", list}});
  if (!root.sha256.empty()) {
    object.set("root", Json::object({{"key_id", root.key_id}, {"sha256", root.sha256}}));
  }
  return object.document();
}

int verify_chain(const VerifyOptions& options) {
  const owner::CertificateChain chain = read_chain(options.files);
  const Root root = root_of(chain);
  const Links links = check(chain, root, options.ark_sha256);
  write_output(options.json ? json_of(links, root) : text_of(links, root));
  for (const auto& link : links) {
    if (link.holds()) continue;
    refuse("the chain does not hold: %s: %s", link.what.c_str(), link.reason.c_str());
  }
  return 0;
}

}  // namespace

void add_verify_chain_command(Command& tool) {
  auto options = std::make_shared<VerifyOptions>();
  Command& command = tool.add_command("verify-chain", "Verify a platform's PDH up to AMD's root",
                                      [options] { return verify_chain(*options); });
  command
      .add_file("F", options->files,
                "PDH, PEK, OCA, CEK, ASK and ARK in any order, raw or base64, one or more a file")
      .required();
  command.add_text("--ark-sha256", options->ark_sha256, "SHA-256 of the ARK's file that is trusted")
      .value_name("HEX");
  add_json(command, options->json);
}

}  // namespace oskbc::tools
