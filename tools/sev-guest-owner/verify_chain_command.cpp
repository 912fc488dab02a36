// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "common/error.h"
#include "common/io.h"
#include "common/json.h"
#include "common/text.h"
#include "owner/certificates/amd_roots.h"
#include "owner/certificates/certificate_chain.h"
#include "owner/certificates/certificate_file.h"
#include "owner/crypto/hash.h"
#include "sev-guest-owner/byte_options.h"
#include "sev-guest-owner/commands.h"
#include "sev-guest-owner/output.h"

namespace oskbc::tools {
namespace {

using Links = std::vector<owner::CertificateChain::Link>;

struct VerifyOptions {
  std::vector<std::string> files;
  std::string ark_sha256;
  bool json = false;
};

// The root is what its owner trusts: by its hash, and not by what signs itself.
struct Root {
  std::string key_id;
  std::string sha256;
  const char* generation = nullptr;  // of AMD's own
};

Root root_of(const owner::CertificateChain& chain) {
  const owner::AmdCertificate* ark = chain.amd(owner::Usage::ark);
  if (ark == nullptr) return {};
  return {to_hex(ark->key_id()), to_hex(owner::sha256(ark->bytes())),
          owner::generation_of_ark(*ark)};
}

owner::CertificateChain::Link check_root(const Root& root, const std::string& wanted) {
  if (wanted.empty()) {
    return {
        "ARK is AMD's",
        root.generation != nullptr
            ? ""
            : "its SHA-256 is none of those that AMD publishes; --ark-sha256 names another to trust"};
  }
  const bool is_wanted = to_hex(parse_bytes<32>(wanted, "--ark-sha256")) == root.sha256;
  return {"ARK is the trusted one", is_wanted ? "" : "its SHA-256 differs"};
}

// Links of the chain, and whether its root is one to trust.
Links check(const owner::CertificateChain& chain, const Root& root, const std::string& wanted) {
  Links links = chain.has_roots_only() ? chain.check_roots() : chain.check();
  if (!root.sha256.empty()) links.push_back(check_root(root, wanted));
  return links;
}

std::string text_of(const Links& links, const Root& root) {
  std::string text;
  for (const auto& link : links) {
    text += link.holds() ? "ok      " + link.what + "\n"
                         : "FAILED  " + link.what + ": " + link.reason + "\n";
  }
  if (root.sha256.empty()) return text;
  const std::string whose =
      root.generation != nullptr ? std::string("AMD's ") + root.generation + ": " : "";
  return text + "root    " + whose + "ARK with key id " + root.key_id +
         ", SHA-256 of the certificate " + root.sha256 + "\n";
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
    Json about = Json::object({{"key_id", root.key_id}, {"sha256", root.sha256}});
    if (root.generation != nullptr) about.set("generation", root.generation);
    object.set("root", about);
  }
  return object.document();
}

int verify_chain(const VerifyOptions& options) {
  owner::CertificateChain chain;
  for (const std::string& file : options.files) owner::add_file(chain, file);
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
      .add_file(
          "F", options->files,
          "PDH, PEK, OCA, CEK, ASK and ARK in any order, one or more a file; or ASK and ARK alone")
      .required();
  command
      .add_text("--ark-sha256", options->ark_sha256,
                "SHA-256 of the ARK to trust, instead of AMD's")
      .value_name("HEX");
  add_json(command, options->json);
}

}  // namespace oskbc::tools
