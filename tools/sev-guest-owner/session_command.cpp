// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include "base/error.h"
#include "base/status.h"
#include "common/io.h"
#include "common/json.h"
#include "format/base64.h"
#include "owner/certificates/certificate_chain.h"
#include "owner/certificates/certificate_file.h"
#include "owner/certificates/sev_certificate.h"
#include "owner/crypto/random.h"
#include "owner/launch/policy.h"
#include "owner/launch/session.h"
#include "sev-guest-owner/commands.h"
#include "sev-guest-owner/output.h"

namespace oskbc::tools {
namespace {

constexpr const char* kGodh = "godh.cert";
constexpr const char* kGodhBase64 = "godh.b64";
constexpr const char* kBlob = "launch_blob.bin";
constexpr const char* kBlobBase64 = "launch_blob.b64";
constexpr const char* kTek = "tek";
constexpr const char* kTik = "tik";

struct SessionOptions {
  std::string pdh;
  std::uint32_t policy = 0;
  std::string directory;
  bool force = false;
  bool json = false;
};

void write(const owner::Session& session, OutputDirectory& directory, bool force) {
  const std::string godh = core::base64::encode(session.godh.bytes());
  const std::string blob = core::base64::encode(session.blob);
  directory.add(kGodh, session.godh.bytes());
  directory.add(kGodhBase64, core::as_bytes(godh));
  directory.add(kBlob, session.blob);
  directory.add(kBlobBase64, core::as_bytes(blob));
  directory.add(kTek, session.keys.tek.expose(), FileMode::secret);
  directory.add(kTik, session.keys.tik.expose(), FileMode::secret);
  directory.write(force);
}

std::string policy_number(std::uint32_t policy) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%x", policy);
  return text;
}

std::string text_of(const SessionOptions& options, const OutputDirectory& directory) {
  const std::string godh = directory.path_of(kGodhBase64);
  const std::string blob = directory.path_of(kBlobBase64);
  std::string text = "policy   " + owner::policy::describe(options.policy) + "\n";
  for (const std::string& warning : owner::policy::warnings(options.policy)) {
    text += "warning  " + warning + "\n";
  }
  return text + "QEMU     -object sev-guest,policy=" + policy_number(options.policy) +
         ",dh-cert-file=" + godh + ",session-file=" + blob + ",...\n" +
         "libvirt  <dhCert>: the text of " + godh + "; <session>: the text of " + blob + "\n" +
         "raw      " + directory.path_of(kGodh) + ", " + directory.path_of(kBlob) + "\n" +
         "keep     " + directory.path_of(kTek) + ", " + directory.path_of(kTik) +
         ": secret; measure and secret need them, for this launch only\n" +
         "note     a PDH is only worth what verify-chain says of it\n";
}

std::string json_of(const SessionOptions& options, const OutputDirectory& directory) {
  const std::string godh = directory.path_of(kGodhBase64);
  const std::string blob = directory.path_of(kBlobBase64);
  Json object = Json::object({
      {"policy", options.policy},
      {"policy_flags", Json::array_of(owner::policy::flags(options.policy))},
      {"warnings", Json::array_of(owner::policy::warnings(options.policy))},
  });
  object.set("qemu", Json::object({{"dh-cert-file", godh}, {"session-file", blob}}));
  object.set("libvirt", Json::object({{"dhCert", godh}, {"session", blob}}));
  object.set("raw", Json::object({{"godh", directory.path_of(kGodh)},
                                  {"launch_blob", directory.path_of(kBlob)}}));
  object.set("secret",
             Json::object({{"tek", directory.path_of(kTek)}, {"tik", directory.path_of(kTik)}}));
  return object.document();
}

owner::Session make(const SessionOptions& options) {
  owner::CertificateChain chain;
  owner::add_file(chain, options.pdh);
  const owner::SevCertificate* pdh = chain.sev(owner::Usage::pdh);
  if (pdh == nullptr) {
    core::fail(core::Status::argument, "%s: a PDH is needed; what it has is %s",
               options.pdh.c_str(), chain.names().c_str());
  }
  owner::SystemRandom random;
  return owner::make_session(*pdh, options.policy, random);
}

int session(const SessionOptions& options) {
  const owner::Session made = make(options);
  OutputDirectory directory(options.directory);
  write(made, directory, options.force);
  write_output(options.json ? json_of(options, directory) : text_of(options, directory));
  return 0;
}

}  // namespace

void add_session_command(Command& tool) {
  auto options = std::make_shared<SessionOptions>();
  Command& command =
      tool.add_command("session", "Make what a platform needs for one launch, and its keys",
                       [options] { return session(*options); });
  command.add_file("--pdh", options->pdh, "The platform's PDH certificate, alone or with its chain")
      .required();
  command.add_number("--policy", options->policy, "The guest's policy").required();
  add_output_directory(command, options->directory);
  add_force(command, options->force);
  add_json(command, options->json);
}

}  // namespace oskbc::tools
