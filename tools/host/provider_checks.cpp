// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "base/status.h"
#include "common/text.h"
#include "host/checks.h"
#include "host/key_provider.h"
#include "host/whole_file.h"

namespace oskbc::host {
namespace {

using core::Status;
using tools::printable;

constexpr const char* kVariable = "OCICRYPT_KEYPROVIDER_CONFIG";

Verdict judge_command(const std::vector<std::string>& command) {
  const std::string name = printable(command.front());
  const std::string program = find_program(command.front());
  if (program.empty() || ::access(program.c_str(), X_OK) != 0) {
    return bad(Status::io, "the provider's program " + name +
                               " can't be started; install it, or mend its path");
  }
  const bool is_ours = program.substr(program.rfind('/') + 1) == "oskbc";
  if (is_ours && std::ranges::find(command, "keyprovider") == command.end()) {
    return bad(Status::argument,
               name + " is started without keyprovider; add it to the provider's args");
  }
  return good("attestation-agent is " + name);
}

// Of an address that is no Unix socket nothing is tried: a name could make the doctor wait.
Verdict judge_address(const std::string& file, const char* protocol, const std::string& address) {
  const std::string asked = std::string("attestation-agent is asked over ") + protocol + " at " +
                            printable(address) + " (" + file + ")";
  const std::string path = socket_path(address);
  if (path.empty()) return good(asked + ", which was not tried");
  if (const int error = try_socket(path); error != 0) {
    return bad(Status::io, asked + ", where nobody can be reached: " + std::strerror(error) +
                               "; start the provider, or mend the address");
  }
  return good(asked + ", where somebody listens");
}

Verdict judge_provider(const std::string& file, const KeyProvider& provider) {
  if (!provider.command.empty()) return judge_command(provider.command);
  if (!provider.grpc.empty()) return judge_address(file, "gRPC", provider.grpc);
  Verdict verdict = judge_address(file, "ttRPC", provider.ttrpc);
  if (verdict.mark != tools::Mark::ok) return verdict;
  return doubtful(
      verdict.text +
      "; a guest's ocicrypt-rs asks so, but skopeo only by cmd or grpc: encrypt with another file");
}

}  // namespace

Verdict check_ocicrypt(const Setup& setup) {
  const char* variable = std::getenv(kVariable);
  const std::string file = !setup.ocicrypt_conf.empty() ? setup.ocicrypt_conf
                           : variable != nullptr        ? variable
                                                        : "";
  if (file.empty()) {
    return unknown(std::string("none is named; give --ocicrypt-conf F, or set ") + kVariable);
  }
  const core::Bytes text = read_whole_file(file, bounds::kText);
  const auto provider = parse_ocicrypt_config(core::as_text(text));
  if (!provider) {
    return bad(
        Status::argument,
        printable(file) +
            " has no provider attestation-agent, so skopeo makes no wrapped keys; name it so");
  }
  return judge_provider(printable(file), *provider);
}

Verdict check_skopeo(const Setup& setup) {
  const std::string program = find_program(setup.skopeo.empty() ? "skopeo" : setup.skopeo);
  if (program.empty()) return unknown("there is none in PATH; give --skopeo PATH");
  const std::string name = printable(program);
  switch (probe_skopeo(program)) {
    case KeyProviderSupport::yes:
      return good(name + " encrypts with key providers");
    case KeyProviderSupport::no:
      return bad(
          Status::unsupported,
          name +
              " does not encrypt with key providers, as ocicrypt before 1.1 does not; take a newer one, such as Debian 13's");
    case KeyProviderSupport::did_not_run:
      break;
  }
  return bad(Status::io, name + " --version fails; name a skopeo that runs here");
}

}  // namespace oskbc::host
