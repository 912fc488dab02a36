// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <sstream>
#include <utility>

#include "base/status.h"
#include "common/agent_config.h"
#include "common/text.h"
#include "host/checks.h"
#include "host/kata_config.h"
#include "owner/keys/keyset_policy.h"

namespace oskbc::host {
namespace {

using core::Status;
using tools::kConfigFileParameter;
using tools::kernel_parameter;
using tools::kParamsParameter;
using tools::printable;

constexpr const char* kChecks[] = {"confidential_guest", "guest_attestation",
                                   "guest_attestation_proxy", "guest_attestation_keyset",
                                   "shared_fs"};

std::string quoted(const std::string& text) { return "\"" + printable(text) + "\""; }

Verdict wrong(std::string text) { return bad(Status::argument, std::move(text)); }

Verdict confidential_guest(const KataConfig& config) {
  if (config.confidential_guest == true) return good("true");
  return wrong(std::string(config.confidential_guest ? "false" : "not set") +
               ", so Kata starts a guest without SEV; set confidential_guest = true");
}

Verdict guest_attestation(const KataConfig& config) {
  if (config.guest_attestation == true) return good("true");
  return wrong(std::string(config.guest_attestation ? "false" : "not set") +
               ", so the guest is not measured and gets no secret; set guest_attestation = true");
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
  report.check(kChecks[0], [&] { return confidential_guest(config); });
  report.check(kChecks[1], [&] { return guest_attestation(config); });
  report.check(kChecks[2], [&] { return guest_attestation_proxy(config); });
  report.check(kChecks[3], [&] { return guest_attestation_keyset(config, setup); });
  report.check(kChecks[4], [&] { return shared_fs(config); });
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
