// SPDX-License-Identifier: Apache-2.0
#include "sev-guest-owner/launch_options.h"

#include <algorithm>
#include <fstream>
#include <vector>

#include "base/error.h"
#include "base/status.h"
#include "common/error.h"
#include "common/text.h"
#include "owner/keys/keyset_policy.h"
#include "sev-guest-owner/byte_options.h"
#include "sev-guest-owner/inputs.h"

namespace oskbc::tools {
namespace {

using core::fail;
using core::Status;

// The most that KVM can be built for on x86 (CONFIG_KVM_MAX_NR_VCPUS).
constexpr std::uint32_t kMostCpus = 4096;

// That of the machine that this runs on.
std::uint32_t host_signature() {
  constexpr const char* kFile = "/proc/cpuinfo";
  // The first of its CPUs; with a hundred of them it has half a megabyte.
  std::string text(16384, '\0');
  std::ifstream file(kFile, std::ios::binary);
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  const auto model = owner::parse_cpuinfo(text);
  if (!model) {
    fail(
        Status::unsupported,
        "%s describes no CPU of AMD's, so --cpu host is for another machine; give --cpu-family, --cpu-model and --cpu-stepping as the host's has them",
        kFile);
  }
  return owner::cpu_signature(*model);
}

std::uint32_t signature(const CpuOptions& options) {
  if (options.signature) return *options.signature;
  if (options.family) {
    return owner::cpu_signature(
        owner::CpuModel{*options.family, *options.model, *options.stepping});
  }
  if (options.type == "host") return host_signature();
  const auto known = owner::cpu_signature(options.type);
  if (!known) {
    throw UsageError(
        "--cpu",
        "neither host nor one of EPYC, EPYC-IBPB, EPYC-Rome, EPYC-Milan, EPYC-Genoa, EPYC-Turin with or without -vN; --cpu-sig takes the number of any other");
  }
  return *known;
}

const LaunchOptions& complete(const LaunchOptions& options) {
  const std::vector<std::string> missing = options.missing();
  if (!missing.empty()) throw MissingOption(missing);
  return options;
}

template <typename T>
const T& required(const std::optional<T>& value, const char* option) {
  if (!value) throw MissingOption(option);
  return *value;
}

// What the host tells fills what the owner did not say, and has to agree with the rest.
template <typename Number>
void merge(std::optional<Number>& own, const std::optional<Number>& told, const char* option) {
  if (!told) return;
  if (own && *own != *told) {
    fail(Status::argument, "%s is %llu, and the host tells %llu", option,
         static_cast<unsigned long long>(*own), static_cast<unsigned long long>(*told));
  }
  own = told;
}

void add_keyset(Command& command, LaunchOptions& options) {
  Option& keysets =
      command.add_file("--keysets", options.keysets, "The file that has the keyset's conditions");
  Option& keyset =
      command.add_text("--keyset", options.keyset,
                       "Refuse what this keyset does not allow: digest, policy, API, build");
  keysets.needs(keyset);
  keyset.value_name("ID").needs(keysets);
  add_allow_loose_modes(command, options.loose_modes);
}

}  // namespace

void add_cpu_options(Command& command, CpuOptions& options) {
  command.add_number("--vcpus", options.count, "vCPUs of an SEV-ES guest", kMostCpus);
  const Option& type =
      command
          .add_text("--cpu", options.type,
                    "Their type in QEMU: EPYC-Milan, EPYC-v4... or host, on the host itself")
          .value_name("TYPE");
  const Option& signature =
      command.add_number("--cpu-sig", options.signature, "Their CPUID signature").excludes(type);
  Option& family =
      command
          .add_number("--cpu-family", options.family,
                      "Instead: cpu family of the host's /proc/cpuinfo", owner::kMostCpuFamily)
          .excludes(type)
          .excludes(signature);
  Option& model =
      command.add_number("--cpu-model", options.model, "with its model", owner::kMostCpuModel);
  const Option& stepping = command
                               .add_number("--cpu-stepping", options.stepping, "and its stepping",
                                           owner::kMostCpuStepping)
                               .needs(family);
  family.needs(model).needs(stepping);
  model.needs(family);
}

owner::EsCpus es_cpus(const CpuOptions& options, const std::string& purpose) {
  if (!options.count) throw MissingOption("--vcpus " + purpose);
  if (*options.count == 0) throw UsageError("--vcpus", "a guest has at least one");
  if (options.type.empty() && !options.signature && !options.family) {
    throw MissingOption("--cpu, --cpu-sig or --cpu-family " + purpose);
  }
  return {*options.count, signature(options)};
}

bool LaunchOptions::any() const noexcept {
  return api_major || api_minor || build_id || policy || digest || mnonce || !keyset.empty();
}

std::vector<std::string> LaunchOptions::missing() const {
  std::vector<std::string> options;
  if (!api_major) options.emplace_back("--api-major");
  if (!api_minor) options.emplace_back("--api-minor");
  if (!build_id) options.emplace_back("--build-id");
  if (!policy) options.emplace_back("--policy");
  return options;
}

void LaunchOptions::take(const owner::LaunchReport& report) {
  merge(api_major, report.api_major, "--api-major");
  merge(api_minor, report.api_minor, "--api-minor");
  merge(build_id, report.build_id, "--build-id");
  // Which policies will do is the owner's to say: by the option, or by the keyset.
  if (policy || !keyset.empty()) merge(policy, report.policy, "--policy");
}

void add_launch_options(Command& command, LaunchOptions& options) {
  command.add_number("--api-major", options.api_major, "The firmware's, as query-sev has it");
  command.add_number("--api-minor", options.api_minor, "The firmware's");
  command.add_number("--build-id", options.build_id, "The firmware's");
  command.add_number("--policy", options.policy, "The policy of the session");
  add_bytes(command, "--digest", options.digest, "The launch digest, 32 bytes");
  add_bytes(command, "--mnonce", options.mnonce, "The measurement's nonce, 16 bytes");
  add_keyset(command, options);
}

owner::LaunchReport read_report(const std::string& option, const std::string& word) {
  if (owner::may_tell_more(word)) return owner::read_launch_report(word);
  return as_usage(option, [&] { return owner::read_launch_report(word); });
}

CheckedLaunch::CheckedLaunch(const LaunchOptions& options)
    : options_(complete(options)),
      firmware_{*options.api_major, *options.api_minor, *options.build_id},
      policy_(*options.policy) {
  if (options.keyset.empty()) return;
  keyset_ = read_keyset(options.keysets, options.keyset, options.loose_modes);
  owner::check_policy(keyset_, options.keyset, policy_);
  owner::check_firmware(keyset_, options.keyset, firmware_);
}

owner::Digest CheckedLaunch::digest() const {
  const owner::Digest& digest = required(options_.digest, "--digest");
  owner::check_digest(keyset_, options_.keyset, digest);
  return digest;
}

owner::Nonce CheckedLaunch::mnonce(const owner::LaunchMeasurement* given) const {
  if (given == nullptr || !given->mnonce) return required(options_.mnonce, "--mnonce");
  if (options_.mnonce && *options_.mnonce != *given->mnonce) {
    fail(Status::argument, "--mnonce is not the nonce that the measurement has");
  }
  return *given->mnonce;
}

owner::Mac CheckedLaunch::measure(core::ByteView tik, const owner::Digest& digest,
                                  const owner::Nonce& mnonce) const {
  return owner::measure_launch(tik, firmware_, policy_, digest, mnonce);
}

std::vector<owner::Digest> CheckedLaunch::candidates() const {
  if (!options_.digest && keyset_.allowed_digests) return *keyset_.allowed_digests;
  return {digest()};
}

// Does not say what the measurement should have been: who knows that can pretend to be the
// platform.
owner::Digest CheckedLaunch::verify(core::ByteView tik,
                                    const owner::LaunchMeasurement& given) const {
  const auto digest =
      owner::find_measured(tik, firmware_, policy_, candidates(), mnonce(&given), given.measure);
  if (digest) return *digest;
  refuse(
      "the measurement is not that of this launch: another digest, policy, firmware, nonce or TIK");
}

}  // namespace oskbc::tools
