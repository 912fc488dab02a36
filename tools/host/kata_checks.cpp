// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <functional>
#include <iterator>
#include <limits>
#include <sstream>
#include <utility>

#include "base/status.h"
#include "common/agent_config.h"
#include "common/text.h"
#include "host/checks.h"
#include "host/kata_config.h"
#include "owner/certificates/certificate_chain.h"
#include "owner/certificates/certificate_file.h"
#include "owner/keys/keyset_policy.h"
#include "owner/launch/policy.h"

namespace oskbc::host {
namespace {

using core::Status;
using tools::kConfigFileParameter;
using tools::kernel_parameter;
using tools::kParamsParameter;
using tools::printable;

constexpr const char* kChecks[] = {"confidential_guest",
                                   "sev_snp_guest",
                                   "guest_attestation",
                                   "guest_attestation_proxy",
                                   "guest_attestation_keyset",
                                   "guest_attestation_mode",
                                   "sev_guest_policy",
                                   "sev_cert_chain",
                                   "shared_fs"};

std::string quoted(const std::string& text) { return "\"" + printable(text) + "\""; }

Verdict wrong(std::string text) { return bad(Status::argument, std::move(text)); }

Verdict confidential_guest(const KataConfig& config) {
  if (config.confidential_guest == true) return good("true");
  return wrong(std::string(config.confidential_guest ? "false" : "not set") +
               ", so Kata starts a guest without SEV; set confidential_guest = true");
}

Verdict sev_snp_guest(const KataConfig& config) {
  if (config.sev_snp_guest != true) return good(config.sev_snp_guest ? "false" : "not set");
  return wrong(
      "true, so Kata starts a guest with SEV-SNP, which is given no secret at its launch; set sev_snp_guest = false");
}

// Two shims, two protocols.
Verdict guest_attestation(const KataConfig& config) {
  const std::string name =
      config.is_pre_attestation ? "guest_pre_attestation" : "guest_attestation";
  if (config.guest_attestation == true) {
    return good(
        config.is_pre_attestation
            ? "guest_pre_attestation = true: this shim speaks KeyBrokerService, which sev-guest-owner serve answers, and simple-kbs; gop-server.py does not"
            : "true: this shim speaks Setup, by gop-client.py, which sev-guest-owner serve answers, and gop-server.py; simple-kbs does not");
  }
  return wrong(std::string(config.guest_attestation ? "false" : "not set") +
               ", so the guest is not measured and gets no secret; set " + name + " = true");
}

bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port >= 1 && port <= 65535;
}

Verdict guest_attestation_proxy(const KataConfig& config) {
  const std::string& proxy = config.guest_attestation_proxy;
  if (proxy.empty()) {
    return wrong("not set, so Kata knows no key broker; name yours: \"localhost:50051\", say");
  }
  const std::size_t colon = proxy.rfind(':');
  if (colon == std::string::npos || colon == 0 ||
      !is_port(std::string_view(proxy).substr(colon + 1))) {
    return wrong(quoted(proxy) +
                 " is no HOST:PORT; name the key broker's: \"localhost:50051\", say");
  }
  return good(printable(proxy) + ", which was not called");
}

Verdict guest_attestation_keyset(const KataConfig& config, const Setup& setup) {
  const std::string& keyset = config.guest_attestation_keyset;
  if (keyset.empty()) {
    return wrong("not set, so the key broker is asked for no keys; name a keyset of keysets.json");
  }
  if (setup.keysets.empty()) {
    return good(printable(keyset) + "; give --keysets F to see whether it is there");
  }
  const owner::KeysetPolicy policy = owner::read_keysets_file(setup.keysets, keyset);
  if (!policy.allowed_keys || policy.allowed_keys->empty()) {
    return doubtful(printable(keyset) +
                    " is in the keysets file, but releases no keys; list them in its allowed_keys");
  }
  return good(printable(keyset) + ", which releases " +
              std::to_string(policy.allowed_keys->size()) + " keys");
}

// Where only the shim of guest_pre_attestation reads a member.
Verdict unread() {
  return good("is guest_pre_attestation's: the shim of guest_attestation does not read it");
}

Verdict guest_attestation_mode(const KataConfig& config) {
  if (!config.is_pre_attestation) return unread();
  if (config.kbs_mode == "offline") return good("offline");
  if (config.kbs_mode.empty() && config.has_old_proxy) {
    return good("not set, and the shims with guest_pre_attestation_proxy know none");
  }
  const std::string found =
      config.kbs_mode.empty() ? "not set, which is \"online\"" : quoted(config.kbs_mode);
  return wrong(
      found +
      ": the shim asks for a connection of online_sev_kbc then, which the guest's offline_sev_kbc does not find; set guest_pre_attestation_kbs_mode = \"offline\"");
}

// Whether the keyset will have a guest with this policy.
void check_allowed(std::uint32_t policy, const KataConfig& config, const Setup& setup) {
  if (setup.keysets.empty() || config.guest_attestation_keyset.empty()) return;
  const std::string& id = config.guest_attestation_keyset;
  const owner::KeysetPolicies keysets = owner::read_keysets_file(setup.keysets);
  const auto keyset = keysets.find(id);
  if (keyset != keysets.end()) owner::check_policy(keyset->second, printable(id), policy);
}

Verdict sev_guest_policy(const KataConfig& config, const Setup& setup) {
  if (!config.is_pre_attestation) {
    return good("is guest_pre_attestation's: gop-client.py has a default_policy of its own");
  }
  const std::int64_t number = config.sev_guest_policy.value_or(0);
  if (number < 0 || number > std::numeric_limits<std::uint32_t>::max()) {
    return wrong(std::to_string(number) + " is no policy, which has 32 bits");
  }
  const auto policy = static_cast<std::uint32_t>(number);
  check_allowed(policy, config, setup);
  const std::string found =
      (config.sev_guest_policy ? "" : "not set, which is ") + owner::policy::describe(policy);
  if ((policy & owner::policy::kNoDebug) != 0) return good(found);
  return doubtful(
      found +
      ": without NODBG the host may read the guest's memory, and the keys in it; set sev_guest_policy = 1, or 5 for SEV-ES");
}

Verdict sev_cert_chain(const KataConfig& config) {
  if (!config.is_pre_attestation) return unread();
  const std::string& file = config.sev_cert_chain;
  if (file.empty()) {
    return wrong(
        "not set, so the key broker is shown no platform; name a file with the PDH first, as sevctl export writes it");
  }
  const core::Bytes bytes = owner::read_certificates(file);
  owner::CertificateChain chain;
  chain.add(bytes, file);
  const owner::SevCertificate* pdh = chain.sev(owner::Usage::pdh);
  if (pdh == nullptr) {
    return wrong(printable(file) + " has no PDH, but " + chain.names() +
                 "; sevctl export writes all");
  }
  if (!std::ranges::equal(core::ByteView(bytes).first(pdh->bytes().size()), pdh->bytes())) {
    return wrong(
        printable(file) +
        " does not begin with the PDH, where the key broker looks for it; sevctl export writes it first");
  }
  return good(printable(file) + ", which has " + chain.names());
}

Verdict shared_fs(const KataConfig& config) {
  if (config.shared_fs == "virtio-9p") return good("virtio-9p");
  const std::string found =
      config.shared_fs.empty() ? "not set, which is virtio-fs" : quoted(config.shared_fs);
  return wrong(
      found +
      "; virtio-fs shares the guest's memory with the host, which can't read what is encrypted: set shared_fs = \"virtio-9p\"");
}

// The first word of `words` that the line lacks.
std::string missing_word(const std::string& words, const std::string& line) {
  std::istringstream wanted(words);
  for (std::string word; wanted >> word;) {
    std::istringstream given(line);
    std::string other;
    while (given >> other && other != word) {
    }
    if (other != word) return word;
  }
  return {};
}

}  // namespace

void check_kata(const KataConfig& config, const Setup& setup, Report& report) {
  const std::function<Verdict()> checks[] = {
      [&] { return confidential_guest(config); },
      [&] { return sev_snp_guest(config); },
      [&] { return guest_attestation(config); },
      [&] { return guest_attestation_proxy(config); },
      [&] { return guest_attestation_keyset(config, setup); },
      [&] { return guest_attestation_mode(config); },
      [&] { return sev_guest_policy(config, setup); },
      [&] { return sev_cert_chain(config); },
      [&] { return shared_fs(config); }};
  static_assert(std::size(checks) == std::size(kChecks));
  for (std::size_t i = 0; i < std::size(kChecks); ++i) report.check(kChecks[i], checks[i]);
}

void skip_kata(Report& report) {
  for (const char* link : kChecks) report.check(link, [] { return unknown(); });
}

Verdict check_kernel_params(const KataConfig* config, const Setup& setup) {
  if (config == nullptr && !setup.append) return unknown(not_named("--append S"));
  const std::string line = config != nullptr ? config->kernel_params : *setup.append;
  const auto file = kernel_parameter(line, kConfigFileParameter);
  if (!file && !kernel_parameter(line, kParamsParameter)) {
    return bad(
        Status::params,
        "no agent.config_file, so the guest's agent does not read its configuration; add agent.config_file=/etc/agent-config.toml to kernel_params");
  }
  const std::string missing = setup.append ? missing_word(line, *setup.append) : "";
  if (!missing.empty()) {
    return bad(
        Status::argument,
        "the command line of --append lacks " + quoted(missing) +
            ", so it is not the one that Kata gives to QEMU, and something else is measured; take it from the running QEMU");
  }
  return good(file ? "agent.config_file=" + printable(*file)
                   : std::string(kParamsParameter) + "..., instead of a configuration file");
}

}  // namespace oskbc::host
